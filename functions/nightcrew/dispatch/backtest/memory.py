"""The two tables for a backtest: in memory, and quick to ask for what is open, however much was decided before."""

from collections.abc import Mapping
from typing import Any

from nightcrew.ledger.conditions import Condition
from nightcrew.ledger.memory import Item, MemoryStore
from nightcrew.ledger.store import Found
from nightcrew.ledger.transaction import Write


class ReplayStore(MemoryStore):
    """A ``MemoryStore`` that knows its open items: DynamoDB's index ``open`` is sparse, too.

    Nothing expires in it. What would have (claims after two days) is never asked for again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._open = MemoryStore()

    def count_open(self, kind: str) -> int:
        """How many open items of this kind (``open``: runs, ``retry``: second tries) there are."""
        return sum(item["open"] == kind for item in self._open._items["state"].values())  # noqa: SLF001

    def query(self, table: str, where: Condition, **how: Any) -> Found:
        """As a ``MemoryStore`` answers it."""
        if how.get("index") == "open":
            return self._open.query(table, where, **how)
        return super().query(table, where, **how)

    def _apply(self, write: Write) -> None:
        super()._apply(write)
        if write.whole.table != "state":
            return
        # The same items under the same names: one that is open is in both, one that is not only here.
        name = str(sorted(write.whole.key.items()))
        item = self._items["state"].get(name)
        if item is not None and "open" in item:
            self._open._items["state"][name] = item  # noqa: SLF001  a MemoryStore's own part
        else:
            self._open._items["state"].pop(name, None)  # noqa: SLF001

    def _item(self, table: str, key: Mapping[str, Any]) -> Item | None:
        """Copied, without the way to DynamoDB's own form and back: that was gone when it was written."""
        item = self._items[table].get(str(sorted(key.items())))
        if item is None:
            return None
        return {name: set(value) if isinstance(value, set) else value for name, value in item.items()}
