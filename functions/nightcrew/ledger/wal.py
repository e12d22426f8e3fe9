"""A SQLite file that many open at once: how it is made, and how its write-ahead log is turned on, the one switch for
which SQLite does not wait.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

TRIES = 20  # of many who open a new file at once, one after the other gets through


def made(path: str | Path) -> None:
    """See to it that the file is there, made for nobody else to see. Raises OSError.

    One that is there is not touched. To close a descriptor of it would let go of all locks that this process has on it,
    through whatever connections; another process that closes the file would then take itself for the last one, and take
    the log away from under them (source: SQLite, "How To Corrupt An SQLite Database File", 2.2).
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


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
