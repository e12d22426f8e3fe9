"""What a gate is: a name, what it looks up, what it wants of the opening and of the closing transaction, and its
words.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from nightcrew.admission.request import Group, Request
from nightcrew.errors import Refused
from nightcrew.ledger.transaction import Failure, Piece


class Gate:
    """A gate that asks nothing: a real one overrides what it needs."""

    name = ""

    def look(self, request: Request, now: datetime) -> Refused | None:
        """Decide by what was looked up before (policy, tags, age): no transaction is needed to refuse."""
        del request, now
        return None

    def opening(self, request: Request, now: datetime) -> Sequence[Piece]:
        """What runs compete for: the conditions and writes of the admit transaction."""
        del request, now
        return ()

    def deciding(self, request: Request, run: str, now: datetime) -> Sequence[Piece]:
        """What is written with whatever is decided, admission or refusal: ``run`` is the id that it has."""
        del request, run, now
        return ()

    def refused(self, request: Request, failure: Failure, now: datetime) -> Refused:
        """In words, from the old item, why the opening was refused."""
        raise NotImplementedError(f"{self.name} has a piece in the opening, and so must say why it refuses")

    def holding(self, request: Request, groups: Sequence[Group], now: datetime) -> Sequence[Piece]:
        """What is wanted of the resource's groups, once these are known."""
        del request, groups, now
        return ()

    def closing(
        self, request: Request, groups: Sequence[str], outcome: str, seen: Mapping[str, Any]
    ) -> Sequence[Piece]:
        """What the closing transaction releases and counts.

        ``seen`` is the lock's item, the run's own until then; it is read only where the run did not help.
        """
        del request, groups, outcome, seen
        return ()
