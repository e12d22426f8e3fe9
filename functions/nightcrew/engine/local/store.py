"""The SQLite file under the journal: one connection, transactions, and operations read and written inside them."""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from aws_durable_execution_sdk_python.lambda_service import OperationUpdate

from nightcrew.clock import stamp
from nightcrew.engine.local.operations import Kept, passed, updated
from nightcrew.engine.local.tables import PUT, SCHEMA, kept_from, row_from
from nightcrew.errors import Unknown
from nightcrew.ledger.wal import made, to_wal


class Store:
    """One file, or the memory of this process for ``:memory:``. Safe under threads and processes.

    ``run`` below is a row of the table ``runs``, read in the same transaction.
    """

    def __init__(self, path: str | Path) -> None:
        self._lock = threading.Lock()
        if str(path) != ":memory:":
            made(path)  # what a run read stands in it: nobody else's to see
        # The SDK checkpoints from a thread of its own; the lock keeps them apart. Other processes are waited for.
        self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        to_wal(self._db)
        # A START that a power loss took back would be a step made twice.
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it is on disk at the end, or nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def read(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Rows, outside of any transaction."""
        with self._lock:
            return self.rows(query, *values)

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Rows, inside a transaction."""
        return self._db.execute(query, values).fetchall()

    def write(self, statement: str, *values: Any) -> int:
        """How many rows it changed."""
        return self._db.execute(statement, values).rowcount

    def run(self, name: str) -> sqlite3.Row:
        """A run's row. Raises ``Unknown``."""
        return one(self.rows("SELECT * FROM runs WHERE name = ?", name), f"run {name}")

    def operations(self, run: sqlite3.Row, *, after: int = 0, at_most: int = -1) -> list[Kept]:
        """Those that changed after that change, in the order in which they came to be."""
        query = "SELECT * FROM operations WHERE run = ? AND changed > ? ORDER BY born LIMIT ?"
        return [kept_from(row) for row in self.rows(query, run["name"], after, at_most)]

    def update(
        self, run: sqlite3.Row, updates: Iterable[OperationUpdate], now: datetime, new_id: Callable[[], str]
    ) -> list[Kept]:
        """Record updates of operations: what became of them."""
        changed: dict[str, Kept] = {}
        for update in updates:
            key = update.operation_id
            before = changed.get(key) or self._operation(run, key)
            changed[key] = updated(update, before, now, new_id)
        return self.put(run, list(changed.values()))

    def fire(self, run: sqlite3.Row, now: datetime) -> list[Kept]:
        """Let pass what is due by then: what became of it."""
        due = self.rows("SELECT * FROM operations WHERE run = ? AND due <= ? ORDER BY due", run["name"], stamp(now))
        return self.put(run, [passed(kept_from(row), now) for row in due])

    def put(self, run: sqlite3.Row, changed: list[Kept]) -> list[Kept]:
        """Write operations, each as one more change of the run."""
        for change, kept in enumerate(changed, run["changes"] + 1):
            self._db.execute(PUT, row_from(run["name"], change, kept))
        self.write("UPDATE runs SET changes = changes + ? WHERE name = ?", len(changed), run["name"])
        return changed

    def _operation(self, run: sqlite3.Row, key: str) -> Kept | None:
        rows = self.rows("SELECT * FROM operations WHERE run = ? AND id = ?", run["name"], key)
        return kept_from(rows[0]) if rows else None


def one(rows: list[sqlite3.Row], what: str) -> sqlite3.Row:
    """The only row. Raises ``Unknown`` if there is none."""
    if not rows:
        raise Unknown(f"the journal has no {what}")
    return rows[0]
