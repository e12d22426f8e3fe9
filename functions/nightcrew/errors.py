"""Everything that can go wrong, named by what the caller can do next.

::

    NightcrewError
    ├── BadInput              correct what you gave: field, value, allowed
    │   ├── BadParameter      a runbook's parameter
    │   ├── BadEvent          an event that is no alarm event, or a malformed one
    │   ├── BadPolicy         policy.yaml: file, line, field
    │   └── BadDeclaration    a runbook, its triggers or permissions: file and line
    ├── Forbidden             the runbook did not declare what it tried; nothing left the process
    ├── Unknown               no such runbook, run or resource
    ├── Refused               admission said no: gate, words, figures, until
    ├── Conflict              others write the same items: try again with jitter
    ├── Unreachable           a table, a Region or the cloud did not answer
    │   └── Denied            it answered that the caller may not: ask for the right that it names
    └── BrokenChain           the ledger was touched: run, number, what is wrong

How a *run* ends is not an error of this tree: endings are ``BaseException`` (see ``nightcrew.authoring.endings``),
so that no ``except Exception`` in a runbook can swallow one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


class NightcrewError(Exception):
    """What every error that Nightcrew raises on purpose is."""


class BadInput(NightcrewError):
    """Something that was given is not allowed.

    ``field`` names it, ``value`` is what was given, ``allowed`` says in words what would be.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field}: {_short(value)} is not allowed; {allowed}")
        self.field = field
        self.value = value
        self.allowed = allowed


class BadParameter(BadInput):
    """A parameter of a runbook is missing, unknown or has a value that its type does not allow."""


class BadEvent(BadInput):
    """An event is not an alarm's, or lacks what such an event must have."""


class BadPolicy(BadInput):
    """The policy has an unknown key, or a value that is not allowed; ``file`` and ``line`` say where."""

    def __init__(self, file: str, line: int, field: str, value: object, allowed: str) -> None:
        super().__init__(field, value, allowed)
        self.file = file
        self.line = line
        self.args = (f"{file}:{line}: {self.args[0]}",)


class BadDeclaration(BadInput):
    """A runbook is declared wrongly; ``where`` is the file and line of its function."""

    def __init__(self, where: str, field: str, value: object, allowed: str) -> None:
        super().__init__(field, value, allowed)
        self.where = where
        self.args = (f"{where}: {self.args[0]}",)


class Forbidden(NightcrewError):
    """A call that the runbook did not declare, or a change outside ``change``; it was not sent."""


class Unknown(NightcrewError):
    """There is no runbook, run or table of that name."""


class Refused(NightcrewError):
    """Admission refused: which gate, its words, the figures that decided, and when it ends by itself.

    ``until`` is None where only a person ends it. ``run`` is the run that stands in the way, where one does.
    ``repeated`` is set where an equal one stood in the ledger already: people know of it.
    """

    def __init__(
        self,
        gate: str,
        words: str,
        *,
        figures: Mapping[str, Any] | None = None,
        until: datetime | None = None,
        run: str | None = None,
    ) -> None:
        super().__init__(f"{gate}: {words}")
        self.gate = gate
        self.words = words
        self.figures = dict(figures or {})
        self.until = until
        self.run = run
        self.repeated = False


class Conflict(NightcrewError):
    """Others wrote the same items at the same moment; nothing was written. Try again, with jitter."""


class Unreachable(NightcrewError):
    """A table, an endpoint or a Region did not answer, after the retries that make sense."""


class Denied(Unreachable):
    """IAM does not let the caller do this, or does not know them any more; the words are AWS's own."""


class BrokenChain(NightcrewError):
    """An entry does not follow from the one before it: somebody touched the ledger."""

    def __init__(self, run: str, number: int, what: str) -> None:
        super().__init__(f"run {run}, entry {number}: {what}")
        self.run = run
        self.number = number
        self.what = what


def _short(value: object, most: int = 120) -> str:
    text = repr(value)
    return text if len(text) <= most else text[: most - 1] + "…"
