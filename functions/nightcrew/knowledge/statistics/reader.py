"""A store whose reads are counted, for what has to tell how many it took."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from nightcrew.clock import stamp
from nightcrew.ledger.conditions import AtLeast, Equals
from nightcrew.ledger.store import MOST_ITEMS, Store

PAGE = 1000
"""Items of an index in one request, each below 350 bytes: a storm of refusals is read in few of them."""


class Reader:
    """Reads ``store``; ``reads`` is how many requests that took."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.reads = 0

    def get(self, table: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """One item, read consistently."""
        self.reads += 1
        return self.store.get(table, key)

    def get_all(self, table: str, keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
        """As the store's, for any number of keys: a request for each hundred."""
        found: list[dict[str, Any] | None] = []
        for begin in range(0, len(keys), MOST_ITEMS):
            self.reads += 1
            found += self.store.get_all(table, keys[begin : begin + MOST_ITEMS])
        return found

    def ended(self, partition: str, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        """What the index of weeks has under ``partition``, from ``since`` on and before ``until``, the oldest first."""
        where = Equals("week", partition) & AtLeast("ended", stamp(since))
        after: dict[str, Any] | None = None
        while True:
            self.reads += 1
            found = self.store.query("ledger", where, limit=PAGE, index="by_week", after=after)
            for item in found.items:
                if item["ended"] >= stamp(until):
                    return
                yield item
            if found.after is None:
                return
            after = found.after

    def spent(self) -> int:
        """How many requests since this was asked last."""
        reads, self.reads = self.reads, 0
        return reads
