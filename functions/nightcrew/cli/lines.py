"""What happens, for programs: one line of JSON for each thing.

Every line has ``at`` and ``kind``: ``signal``, ``admitted``, ``refused``, ``left``, ``suggested``, ``step``,
``closed``, and what else the teller knows. A ``step`` tells in ``step`` what it is: ``change`` and ``wait`` where they
begin; ``require``, ``read``, ``changed``, ``waited`` and ``proved`` where they end, ``asked`` where people answered,
``later`` what was left for later; and in ``title`` what it is about.
"""

from collections.abc import Mapping
from typing import Any

from nightcrew.cli.output import Output
from nightcrew.engine.installation import Watch

_STEPS = ("change", "wait", "require", "fact")
_ABOUT = ("run", "runbook", "resource")
_TITLES = ("require", "read", "changed", "waited", "proved", "asked", "later")


def lines(output: Output) -> Watch:
    """Writes what an installation's ``watch`` is told."""

    def watch(kind: str, what: Mapping[str, Any]) -> None:
        output.line(line_of(kind, what))

    return watch


def line_of(kind: str, what: Mapping[str, Any]) -> dict[str, Any]:
    """One thing as it is written."""
    told = dict(what)
    at = {"at": told.pop("at", None)}
    if kind not in _STEPS:
        return {**at, "kind": kind, **told}
    step = next((name for name in _TITLES if name in told), kind)
    if step in ("waited", "proved"):
        told["met"] = bool(told.get("met"))
    title = told.pop(step) if step in told else told.pop("title", "")
    about: dict[str, Any] = {name: told.pop(name) for name in _ABOUT if name in told}
    return {**at, "kind": "step", **about, "step": step, "title": title, **told}
