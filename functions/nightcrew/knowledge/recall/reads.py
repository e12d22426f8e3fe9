"""A store that counts the requests made through it, for who promises a fixed number of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from nightcrew.ledger.conditions import Condition
from nightcrew.ledger.store import Found, Store


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
        """One request, however many keys."""
        self.made += 1
        return self._store.get_all(table, keys)

    def query(self, table: str, where: Condition, **how: Any) -> Found:
        """One request."""
        self.made += 1
        return self._store.query(table, where, **how)
