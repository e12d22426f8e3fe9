"""How a run ends early.

::

    Ending (BaseException)
    ├── NotApplicable         a precondition was false before the first change
    ├── Failed                an error in a change, a missed wait, a false precondition after a change: undo
    │   └── NeedsPerson       the outcome of a change that may not be repeated is unknown: nothing more is done, no undo
    ├── Ineffective           a proof was missed: nothing more is changed
    ├── Cancelled             somebody cancelled, or a halt is on: undo
    ├── Declined              a person declined, or nobody answered in time: undo
    └── LostLock              another run holds the resource now: nothing may be changed any more

Endings are ``BaseException`` so that an ``except Exception`` in a runbook swallows none of them; and they are sticky:
once one has left a verb, each later verb and the body raise it again.
"""

from collections.abc import Mapping
from typing import Any


class Ending(BaseException):
    """A run is over; ``outcome`` is what the ledger will say, ``words`` why."""

    outcome = "failed"
    undoes = False

    def __init__(self, words: str, *, error: Mapping[str, Any] | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.error = dict(error) if error else None


class NotApplicable(Ending):
    """The runbook does not fit what is there; nothing was changed."""

    outcome = "not_applicable"


class Failed(Ending):
    """A change or a wait did not work out: the undos run."""

    undoes = True


class NeedsPerson(Failed):
    """A change that may not be repeated may or may not have been made. Undoing it would be a change too: a person
    looks.
    """

    undoes = False


class Ineffective(Ending):
    """Everything was done, and the proof is missing."""

    outcome = "ineffective"


class Cancelled(Ending):
    """Somebody cancelled the run, or a halt is on: the undos run."""

    outcome = "cancelled"
    undoes = True


class Declined(Ending):
    """A person said no, or nobody said anything in time: what was changed before is undone."""

    outcome = "declined"
    undoes = True


class LostLock(Ending):
    """The lock is another run's: neither a change nor an undo may be made any more."""
