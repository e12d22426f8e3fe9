"""The two tables in this process's memory: the same pieces, merged and judged by the same conditions.

For models and backtests, which ask the gates thousands of times. One contract suite runs on this store and on
DynamoDB's (tests/ledger/test_memory.py). Nothing conflicts here, and nothing expires.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from nightcrew.ledger.conditions import Condition
from nightcrew.ledger.schema import LEDGER_INDEXES
from nightcrew.ledger.store import MOST_ITEMS, Found, Store, Tables
from nightcrew.ledger.transaction import ConditionFailed, Failure, Piece, Write, merge
from nightcrew.ledger.values import plain_item, wire_item

_SORTED_BY: Mapping[str | None, str] = {None: "number", "open": "lease", **dict.fromkeys(LEDGER_INDEXES, "ended")}

Item = dict[str, Any]


class MemoryStore(Store):
    """A ``Store`` whose tables are dictionaries."""

    def __init__(self) -> None:
        self.tables = Tables()
        self._items: dict[str, dict[str, Item]] = {"ledger": {}, "state": {}}

    def transact(self, pieces: Sequence[Piece]) -> None:
        """Write all the pieces or none. Raises ConditionFailed."""
        writes = merge(pieces)
        if not writes or len(writes) > MOST_ITEMS:
            raise ValueError(f"a transaction writes 1 to {MOST_ITEMS} items, not {len(writes)}")
        refused: list[Failure] = []
        for write in writes:
            old = self._item(write.whole.table, write.whole.key)
            if not write.whole.condition.holds(old):
                refused += write.failures(old)
        if refused:
            raise ConditionFailed(refused)
        for write in writes:
            self._apply(write)

    def update(self, piece: Piece) -> Item:
        """Update one item and return it as it is now. Raises ConditionFailed."""
        if merge([piece])[0].action != "Update":
            raise ValueError(f"{piece.gate}: not an update")
        self.transact([piece])
        return self._item(piece.table, piece.key) or {}

    def get(self, table: str, key: Mapping[str, Any], *, consistent: bool = True) -> Item | None:
        """One item, None where there is none."""
        return self._item(table, key)

    def get_all(self, table: str, keys: Sequence[Mapping[str, Any]]) -> list[Item | None]:
        """The items of these keys, in their order, None where there is none."""
        return [self.get(table, key) for key in keys]

    def query(
        self,
        table: str,
        where: Condition,
        *,
        limit: int,
        index: str | None = None,
        newest_first: bool = False,
        after: Mapping[str, Any] | None = None,
        consistent: bool = False,
    ) -> Found:
        """Up to ``limit`` items for which ``where`` holds, by the sort key; whole items, also of an index."""
        by = _SORTED_BY[index]
        found = [item for item in self._items[table].values() if by in item and where.holds(item)]
        found.sort(key=lambda item: (item[by], _name(_key(table, item))), reverse=newest_first)
        if after is not None:
            names = [_name(_key(table, item)) for item in found]
            found = found[names.index(_name(_key(table, after))) + 1 :]
        page = tuple(plain_item(wire_item(item)) for item in found[:limit])
        return Found(page, _place(table, index, page[-1]) if len(page) == limit else None)

    def _item(self, table: str, key: Mapping[str, Any]) -> Item | None:
        item = self._items[table].get(_name(key))
        return None if item is None else plain_item(wire_item(item))

    def _apply(self, write: Write) -> None:
        whole, items = write.whole, self._items[write.whole.table]
        name = _name(whole.key)
        if whole.put is not None:
            items[name] = plain_item(wire_item(whole.put))
        elif whole.delete:
            items.pop(name, None)
        elif whole.updates:
            item = items.setdefault(name, dict(whole.key))
            item.update(plain_item(wire_item(whole.sets)))
            for attribute, value in whole.adds.items():
                old = item.get(attribute)
                item[attribute] = (
                    old + value if isinstance(old, int) else {*(old or ()), *value} if _set(value) else value
                )
            for attribute, members in whole.takes.items():
                item[attribute] = set(item.get(attribute, ())) - members
            for attribute in [*whole.removes, *(each for each in whole.takes if not item[each])]:
                item.pop(attribute, None)


def _set(value: object) -> bool:
    return isinstance(value, (set, frozenset))


def _place(table: str, index: str | None, item: Mapping[str, Any]) -> Item:
    """The keys to go on from: an index's own are among them, as DynamoDB has it (API reference, Query)."""
    own = {LEDGER_INDEXES.get(index, "open"), str(_SORTED_BY[index])} if index is not None else set()
    return {**_key(table, item), **{name: item[name] for name in own}}


def _key(table: str, item: Mapping[str, Any]) -> Item:
    return {name: item[name] for name in (("run", "number") if table == "ledger" else ("key",))}


def _name(key: Mapping[str, Any]) -> str:
    return str(sorted(key.items()))
