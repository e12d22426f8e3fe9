"""Where the day's job is done, night after night: a house with a chronicle, a clock that a test moves, and what people
were told.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nightcrew.clock import StoppedClock
from nightcrew.dispatch.daily import Done, Job, daily
from nightcrew.engine.installation import Installation
from nightcrew.ledger.store import Store
from tests.house import House
from tests.knowledge.chronicle import NIGHT, Chronicle

NEXT = datetime(2026, 11, 22, 1, 15, tzinfo=UTC)
"""The night after the chronicle's: a Sunday's."""
SATURDAY, DAY = NIGHT.date(), timedelta(days=1)
SUNDAY = 6


class Office:
    """A chronicle of one night in ``store``, which is the house's own where none is given."""

    def __init__(self, house: House, store: Store | None = None) -> None:
        self.store = store or house.crew.store
        self.clock = StoppedClock(NEXT)
        self.news: list[tuple[str, Mapping[str, Any]]] = []
        self.watched: list[tuple[str, str]] = []
        self.chronicle = Chronicle(self.store)
        self.chronicle.ran(NIGHT)
        self.job = Job(self._wired(house.crew.installation), None, SUNDAY)

    def _wired(self, installation: Installation) -> Installation:
        return replace(
            installation,
            store=self.store,
            clock=self.clock,
            news=lambda kind, what: self.news.append((kind, what)),
            watch=lambda kind, what: self.watched.append((kind, str(what.get("part") or what.get("kind")))),
        )

    def night(self, ahead: timedelta = timedelta(0), more: Callable[[], bool] = lambda: True, **changed: Any) -> Done:
        """The job, so much later."""
        self.clock.sleep(ahead.total_seconds())
        return daily(replace(self.job, **changed), more)
