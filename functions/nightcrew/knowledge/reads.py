"""A store that counts the requests made through it, for who promises, or tells, how many it takes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from nightcrew.ledger.conditions import Condition
from nightcrew.ledger.store import MOST_ITEMS, Found, Store


class Reads(Store):
    """Reads another store; ``made`` are the requests so far. It writes nothing."""

    def __init__(self, store: Store) -> None:
        self.tables = store.tables
        self._store = store
        self.made = 0

    def get(self, table: str, key: Mapping[str, Any], *, consistent: bool = True) -> dict[str, Any] | None:
        """One request."""
        self.made += 1
        return self._store.get(table, key, consistent=consistent)

    def get_all(self, table: str, keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | None]:
        """As the store's, for any number of keys: a request for each hundred."""
        return [item for _, item in self.each(table, keys)]

    def each(
        self, table: str, keys: Iterable[Mapping[str, Any]]
    ) -> Iterator[tuple[Mapping[str, Any], dict[str, Any] | None]]:
        """Each key with its item, a hundred of them in memory at a time: a large day's entries are hundreds of MB."""
        left = iter(keys)
        while some := list(islice(left, MOST_ITEMS)):
            self.made += 1
            yield from zip(some, self._store.get_all(table, some), strict=True)

    def query(self, table: str, where: Condition, **how: Any) -> Found:
        """One request."""
        self.made += 1
        return self._store.query(table, where, **how)

    def spent(self) -> int:
        """How many requests since this was asked last."""
        made, self.made = self.made, 0
        return made
