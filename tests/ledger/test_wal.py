"""Many who open a new file at once all get their write-ahead log, and keep it."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from nightcrew.ledger.wal import made, to_wal


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


def test_who_opens_it_a_second_time_lets_go_of_no_lock(tmp_path: Path) -> None:
    """Else another process that closes it takes itself for the last one, and takes the log away from the first."""
    file = tmp_path / "journal.sqlite"
    made(file)
    first = opened(file)
    to_wal(first)
    first.execute("CREATE TABLE kept (name TEXT)")
    made(file)
    other = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('SELECT * FROM kept').fetchall()"
    subprocess.run([sys.executable, "-S", "-c", f"{other}; db.close()", str(file)], check=True)
    assert file.with_name("journal.sqlite-wal").exists()
    first.execute("INSERT INTO kept VALUES ('all')")
    second = opened(file)
    assert second.execute("SELECT name FROM kept").fetchall() == [("all",)]
    first.close()
    second.close()


def test_it_is_nobody_elses_to_see(tmp_path: Path) -> None:
    """From the moment on when it is there."""
    file = tmp_path / "journal.sqlite"
    made(file)
    assert file.stat().st_mode & 0o777 == 0o600
