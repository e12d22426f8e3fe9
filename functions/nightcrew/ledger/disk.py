"""The two tables in one SQLite file: for a laptop that cannot reach DynamoDB, and goes on after a kill.

The same pieces, merged and judged by the same conditions as in memory; each transaction is on disk when it returns. One
contract suite runs on this store, on memory's and on DynamoDB's (tests/ledger/test_memory.py). Nothing expires.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nightcrew.errors import Unreachable
from nightcrew.ledger.conditions import Condition
from nightcrew.ledger.entries import RECORDS
from nightcrew.ledger.memory import Item, MemoryStore
from nightcrew.ledger.store import Found
from nightcrew.ledger.transaction import Piece, Write, merge
from nightcrew.ledger.values import plain_item, wire_item
from nightcrew.ledger.wal import made, to_wal

_SCHEMA = "CREATE TABLE IF NOT EXISTS items (place TEXT, key TEXT, item TEXT NOT NULL, PRIMARY KEY (place, key))"
_KEYS = {"ledger": ("run", "number"), "state": ("key",)}


class DiskStore(MemoryStore):
    """A ``Store`` in the file at ``path``, made if there is none, for nobody else to read. Safe under threads and
    processes.

    The items are held in memory, too, and read anew where another process wrote: a file holds what one person did in
    emergencies, which is little. Whatever is wrong with the file is raised as Unreachable.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        self._path = path
        self._lock = threading.RLock()
        self._version: int | None = None
        with self._understood():
            made(path)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            to_wal(self._db)
            # An entry that a power loss took back would be a change that nobody knows of.
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def runs(self) -> list[str]:
        """The ids of all runs and refusals, the oldest first."""
        return self._chains(of_records=False)

    def records(self) -> list[str]:
        """The ids of what is no run: lessons. The oldest first."""
        return self._chains(of_records=True)

    def _chains(self, *, of_records: bool) -> list[str]:
        with self._fresh():
            firsts = {
                str(item["run"]): str(item["at"])
                for item in self._items["ledger"].values()
                if not item["number"] and (item["kind"] in RECORDS) == of_records
            }
        return sorted(firsts, key=lambda run: (firsts[run], run))

    def transact(self, pieces: Sequence[Piece]) -> None:
        """Write all the pieces or none. Raises ConditionFailed."""
        with self._transaction():
            super().transact(pieces)

    def update(self, piece: Piece) -> Item:
        """Update one item and return it as it is now. Raises ConditionFailed."""
        with self._transaction():
            return super().update(piece)

    def get(self, table: str, key: Mapping[str, Any], *, consistent: bool = True) -> Item | None:
        """One item, None where there is none."""
        with self._fresh():
            return super().get(table, key, consistent=consistent)

    def query(self, table: str, where: Condition, **how: Any) -> Found:
        """As a ``MemoryStore`` answers it."""
        with self._fresh():
            return super().query(table, where, **how)

    def _apply(self, write: Write) -> None:
        super()._apply(write)
        place, key = write.whole.table, write.whole.key
        item = super().get(place, key)
        if item is None:
            self._db.execute("DELETE FROM items WHERE place = ? AND key = ?", (place, _text(key)))
        else:
            self._db.execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?)", (place, _text(key), _text(item)))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, self._understood():
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._look()
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                    self._version = None  # memory may be ahead of the disk

    @contextmanager
    def _fresh(self) -> Iterator[None]:
        with self._lock, self._understood():
            self._look()
            yield

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise Unreachable(f"{self._path} cannot be used ({error})") from error

    def _look(self) -> None:
        """Read the file anew where another process wrote since (source: SQLite, PRAGMA data_version)."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        if version == self._version:
            return
        for items in self._items.values():
            items.clear()
        for place, text in self._db.execute("SELECT place, item FROM items").fetchall():
            item = plain_item(json.loads(text))
            key = {name: item[name] for name in _KEYS[place]}
            super()._apply(merge([Piece(table=place, key=key, gate="disk", put=item)])[0])
        self._version = version


def _text(item: Mapping[str, Any]) -> str:
    return json.dumps(wire_item(item), sort_keys=True)
