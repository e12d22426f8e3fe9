"""What a run is supposed to do in a backtest: hold, one change at its start, and an end after its usual length.

It goes through the transactions that a real one goes through, so that lock, cool-down, chain and breaker count it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from nightcrew.admission.closing import close
from nightcrew.admission.guard import RunGuard
from nightcrew.admission.hold import hold
from nightcrew.admission.opened import request_of
from nightcrew.admission.request import Request
from nightcrew.authoring.runbook import Runbook
from nightcrew.engine.approving import people_wanted
from nightcrew.engine.installation import Installation
from nightcrew.errors import Unknown
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening

Outcome = Literal["cured", "ineffective"]


@dataclass(frozen=True)
class Supposed:
    """What runs are supposed to do: how they end, and after how long. Without ``takes`` a run takes half of what its
    author reckons that a person needs.
    """

    outcome: Outcome = "cured"
    takes: timedelta | None = None

    def length(self, runbook: Runbook) -> timedelta:
        """How long a run of it takes; never longer than its deadline."""
        return min(runbook.by_hand / 2 if self.takes is None else self.takes, runbook.deadline)


@dataclass(frozen=True)
class SupposedRun:
    """A run that was started: when it ends, and whether people are asked first."""

    request: Request
    book: Book
    ends: datetime
    asks: bool

    @classmethod
    def begin(cls, run: str, installation: Installation, supposed: Supposed) -> "SupposedRun":
        """Take hold, and change something: now. Groups and tags of resources are not in a history, so none are held."""
        store, clock = installation.store, installation.clock
        entry = opening(store, run)
        if entry is None:
            raise Unknown(f"there is no run {run}")
        request = request_of(entry)
        runbook = installation.catalog[request.runbook].called(request.parameters)
        hold(request, (), request.settings, store, clock.now())
        book = Book(store, clock, run, entry.number, entry.hash)
        guard = RunGuard(request.run, request.runbook, request.resource, store, clock)
        book.write("change", {"title": "supposed"}, guard.pieces(undoing=False))
        asks = people_wanted(runbook, request.settings.autonomy.value) > 0
        return cls(request, book, clock.now() + supposed.length(runbook), asks)

    def end(self, outcome: Outcome) -> None:
        """Close it, now."""
        close(self.request, (), outcome, "supposed", {"changes": 1}, self.book)
