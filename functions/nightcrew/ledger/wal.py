"""SQLite's write-ahead log, turned on by many at once: the one switch for which SQLite does not wait."""

import sqlite3

TRIES = 20  # of many who open a new file at once, one after the other gets through


def to_wal(db: sqlite3.Connection) -> None:
    """Let readers and a writer work side by side. ``db`` is in autocommit, with a time-out. Raises sqlite3.Error.

    Where another process makes the same switch at the same moment, this one is refused at once, whatever its time-out;
    a transaction waits for its turn (source: SQLite, "Write-Ahead Logging" and sqlite3_busy_handler).
    """
    for _ in range(TRIES):
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
    db.execute("PRAGMA journal_mode = WAL")
