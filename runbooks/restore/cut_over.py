"""Cut over by rename: what was restored takes the name of the old one, which is kept under another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from nightcrew import Run
from nightcrew.aws.calls import Call

RENAMING = timedelta(minutes=30)
"""A name in the DNS takes about ten minutes, and it is not available before (RDS user guide, "Renaming a DB
instance").
"""

Names = dict[str, dict[str, Any]]
"""What goes by each name: ``{"orders": {"status", "ours", "address"}}``; ``ours`` is what the run made."""


@dataclass(frozen=True)
class Renaming:
    """How things of one kind are renamed. ``look`` shows all three names, through ``pick``; ``rename`` takes two; each
    is waited for ``within`` a time.
    """

    look: Call
    pick: Callable[[Any], Names]
    rename: Callable[[str, str], Call]
    within: timedelta = RENAMING


def name_beside(name: str, word: str, at: datetime, longest: int) -> str:
    """``orders``, "restored" → ``orders-restored-20261121-0300``, cut where it would be too long."""
    tail = f"-{word}-{at:%Y%m%d-%H%M}"
    return name[: longest - len(tail)].rstrip("-") + tail


def cut_over(run: Run, kind: Renaming, *, name: str, new: str, kept: str, address: str | None) -> None:
    """Rename the old one to ``kept`` and the new one to ``name``, and prove that ``name`` is served by the new one.

    Should either fail, both get their names back. ``address`` is what the name's endpoint was, and must be again.
    """
    _rename(run, kind, name, kept, ours=False)
    _rename(run, kind, new, name, ours=True)
    run.prove(
        f"{name} is the new one, at the same address",
        kind.look,
        lambda seen: _is_at(name, True, seen) and seen[name]["address"] == address and new not in seen,
        within=kind.within,
        pick=kind.pick,
    )


def _rename(run: Run, kind: Renaming, old: str, new: str, *, ours: bool) -> None:
    """Under ``took_effect`` a name counts as left as soon as its owner is on its way."""

    def left(name: str, answer: Any) -> bool:
        seen = kind.pick(answer)
        return name not in seen or seen[name]["ours"] != ours or seen[name]["status"] == "renaming"

    def settled(seen: Names) -> bool:
        return _is_at(new, ours, seen) or _is_at(old, ours, seen)

    def rename_it_back() -> None:
        there = run.wait_until(f"{new} can be renamed", kind.look, settled, within=kind.within, pick=kind.pick)
        if not _is_at(old, ours, there):
            run.change(
                f"rename {new} back to {old}", kind.rename(new, old), took_effect=(kind.look, partial(left, new))
            )
        _arrives(run, kind, old, ours)

    # A backup may have begun since somebody looked last, and what is busy cannot be renamed.
    idle = partial(_is_at, old, ours)
    run.wait_until(f"{old} can be renamed", kind.look, idle, within=kind.within, pick=kind.pick)
    run.change(
        f"rename {old} to {new}",
        kind.rename(old, new),
        undo=rename_it_back,
        took_effect=(kind.look, partial(left, old)),
    )
    _arrives(run, kind, new, ours)


def _arrives(run: Run, kind: Renaming, name: str, ours: bool) -> None:
    arrived = partial(_is_at, name, ours)
    run.wait_until(f"{name} is available", kind.look, arrived, within=kind.within, pick=kind.pick)


def _is_at(name: str, ours: bool, seen: Names) -> bool:
    found = seen.get(name)
    return found is not None and bool(found["ours"] == ours and found["status"] == "available")
