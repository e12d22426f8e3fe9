"""A year of days for who asks for parts of it again and again: each is read once, or counted once."""

from collections.abc import Iterable
from datetime import date, timedelta

from nightcrew.knowledge.reads import Reads
from nightcrew.knowledge.statistics.day import Day
from nightcrew.knowledge.statistics.days import counted, keep, kept
from nightcrew.ledger.store import Store


class Year:
    """The days from ``since`` to ``until``, both included, all of them over, as they are kept when it is made. What
    somebody else keeps or drops later is not seen. Raises Unreachable.
    """

    def __init__(self, store: Store, since: date, until: date) -> None:
        self._store = store
        self._known = kept(store, since, until)

    @property
    def known(self) -> list[Day]:
        """Those that are kept, or were counted here, the oldest first."""
        return [self._known[day] for day in sorted(self._known)]

    def missing(self, since: date, until: date) -> list[date]:
        """Those from ``since`` to ``until``, both included, that nobody kept or that were dropped."""
        return [day for day in _each(since, until) if day not in self._known]

    def keep(self, day: date) -> Day:
        """Count it anew and keep it, for everybody. Raises Conflict, Unreachable."""
        self._known[day] = keep(self._store, day)
        return self._known[day]

    def between(self, since: date, until: date) -> list[Day]:
        """The days from ``since`` to ``until``, both included. Those that nobody kept are counted, once. Raises
        Unreachable.
        """
        span = list(_each(since, until))
        for each in counted(Reads(self._store), span, dict(self._known)):
            self._known[each.day] = each
        return [self._known[day] for day in span]


def _each(since: date, until: date) -> Iterable[date]:
    return (since + timedelta(days=number) for number in range((until - since).days + 1))
