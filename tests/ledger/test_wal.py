"""Many who open a new file at once all get their write-ahead log."""

import sqlite3
from pathlib import Path

from nightcrew.ledger.wal import to_wal


def opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=0, isolation_level=None)


def test_a_switch_that_another_is_in_the_way_of_is_made_after_it(tmp_path: Path) -> None:
    first, second = opened(tmp_path / "new.sqlite"), opened(tmp_path / "new.sqlite")
    first.execute("BEGIN EXCLUSIVE")

    def it_waits_for_its_turn(statement: str) -> None:
        if statement.startswith("BEGIN") and first.in_transaction:
            first.execute("COMMIT")

    second.set_trace_callback(it_waits_for_its_turn)
    to_wal(second)
    assert second.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    first.close()
    second.close()
