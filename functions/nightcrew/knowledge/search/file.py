"""The search index's file: SQLite's FTS5, made from the ledger. Nothing in it is wanted for anything else, so one that
is damaged, or of an older format, is given up.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from nightcrew.errors import NightcrewError, Unreachable
from nightcrew.ledger.wal import made, to_wal

FORMAT = 1
"""Of the file; another one is made anew."""

TEXTS = ("words", "error", "symptom", "runbook", "resource", "who", "also")
"""What is searched of a document. ``also`` is never shown: its id, and names taken to pieces."""

# Stems, since who searches "restarting" wants "restarted"; whole words beside, to know which begin how.
_TOKENS = "unicode61 remove_diacritics 2"
_SCHEMA = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, run TEXT NOT NULL, number INTEGER NOT NULL, at TEXT NOT NULL,
    weight REAL NOT NULL, current INTEGER NOT NULL DEFAULT 1, facts TEXT NOT NULL, UNIQUE (run, number));
CREATE VIRTUAL TABLE texts USING fts5 ({", ".join(TEXTS)}, tokenize = 'porter {_TOKENS}');
CREATE VIRTUAL TABLE whole USING fts5 (text, content = '', detail = none, tokenize = '{_TOKENS}');
CREATE VIRTUAL TABLE known USING fts5vocab (whole, 'row');
"""
_TABLES = ("known", "whole", "texts", "documents", "meta")
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Damaged(NightcrewError):
    """The file cannot be used, and is to be made anew; the words say why."""


class SearchFile:
    """The file at ``path``, made where there is none; what is in it of another ledger than the one called so goes.

    Raises Damaged, Unreachable.
    """

    def __init__(self, path: Path, ledger: str) -> None:
        self._path = path
        with self.understood():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            made(path)
            self.db = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            with self.understood():
                self._begin(ledger)
                self.generation = self.meta("generation")
        except NightcrewError:
            self.db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()

    def _begin(self, ledger: str) -> None:
        with suppress(sqlite3.OperationalError):  # another process is at it
            to_wal(self.db)
        self.db.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes back is read once more
        with self.transaction():
            (version,) = self.db.execute("PRAGMA user_version").fetchone()
            if version not in (0, FORMAT):
                raise Damaged(f"is of the format {version}, and this one is {FORMAT}")
            if version == 0 or self.meta("ledger") != ledger:
                self.make(ledger)

    def make(self, ledger: str) -> None:
        """Empty, for the ledger called so; within a transaction."""
        (version,) = self.db.execute("PRAGMA user_version").fetchone()
        generation = int(self.meta("generation") or 0) + 1 if version else 1
        for table in _TABLES:
            self.db.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in filter(str.strip, _SCHEMA.split(";")):
            self.db.execute(statement)
        self.db.execute(f"PRAGMA user_version = {FORMAT}")
        self.keep("ledger", ledger)
        self.keep("generation", str(generation))

    def meta(self, name: str) -> str:
        """A value that was kept; empty where there is none."""
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def keep(self, name: str, value: str) -> None:
        """Keep a value under its name."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it, or nothing; nobody else writes meanwhile."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.db.execute("COMMIT")
        finally:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")

    @contextmanager
    def understood(self) -> Iterator[None]:
        """What SQLite says, as errors of ours."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in _DAMAGED or str(error).startswith("no such table"):
                raise Damaged(f"is damaged ({error})") from error
            raise Unreachable(f"{self._path} cannot be used ({error})") from error
        except OSError as error:
            raise Unreachable(f"{self._path} cannot be used ({error.strerror})") from error
