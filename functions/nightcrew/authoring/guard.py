"""What a run asks before it changes something: whether the resource is still its own, and whether it may go on.

Admission implements it; the engine hands it to the run. The answers are JSON-like, because they go through a
checkpoint.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from nightcrew.authoring.endings import Cancelled, Ending, Failed, LostLock
from nightcrew.ledger.transaction import ConditionFailed, Piece

Stop = dict[str, Any]
"""Why a run may not go on: ``{"ending": "cancelled" | "lost" | "failed", "words": "…"}``."""


class Guard(Protocol):
    """The gates as they hold during a run."""

    def pieces(self, *, undoing: bool) -> Sequence[Piece]:
        """What must hold in the transaction that writes a change's intent. An undo asks only for the owner."""
        ...

    def why(self, failed: ConditionFailed) -> Stop:
        """In words, from the old items, why a change may not be made."""
        ...

    def peek(self) -> Stop | None:
        """Between two polls: has somebody cancelled, or taken the lock? One read."""
        ...

    def asked(self) -> Stop | None:
        """Before a pause, once its entry says where the run waits: the same read, for certain. Raises Unreachable."""
        ...


def ending(stop: Stop) -> Ending:
    """The ending that a stop asks for."""
    kinds: dict[str, type[Ending]] = {"cancelled": Cancelled, "lost": LostLock}
    return kinds.get(str(stop["ending"]), Failed)(str(stop["words"]))
