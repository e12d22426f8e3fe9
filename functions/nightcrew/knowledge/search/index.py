"""What is searched: lessons and endings of runs, in a file that is made anew whenever it cannot be used.

Entries never change, so what is in it stays right; several processes may fill it at once.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from nightcrew.errors import Unreachable
from nightcrew.knowledge.search.file import TEXTS, Damaged, SearchFile

BEGIN, END = "\x02", "\x03"
"""Around what matches. No text has them: controls were taken out."""

_WEIGHTS = (6.0, 4.0, 3.0, 3.0, 3.0, 1.0, 1.0)
_EXCERPT = 40  # tokens
_BEGINNINGS = 200  # words that begin so, the most frequent ones
_INSERT = f"INSERT INTO texts (rowid, {', '.join(TEXTS)}) VALUES (?{', ?' * len(TEXTS)})"  # noqa: S608  our own names

Result = TypeVar("Result")


@dataclass(frozen=True)
class Document:
    """A version of a lesson, or the ending of a run: what is searched, and the ``facts`` that are shown with it."""

    kind: str
    run: str
    number: int
    at: str
    weight: float
    texts: dict[str, str]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Mark:
    """How far the ledger was read: all of it up to ``until``, but not yet the weeks from ``below`` back.

    ``quiet`` weeks before that one had nothing in them.
    """

    until: str = ""
    below: str = ""
    quiet: int = 0


def with_index(path: Path, ledger: str, work: Callable[["Index"], Result], note: Callable[[str], None]) -> Result:
    """Do it with the index at ``path`` of the ledger called so; where the file is damaged, or of an older format, make
    it anew, say so, and do it once more. Raises Unreachable where there can be no file, and what ``work`` raises.
    """
    try:
        with Index(path, ledger) as index:
            return work(index)
    except Damaged as damaged:
        note(f"note: the search index {damaged}: it is made anew")
    for each in (path, *(path.with_name(path.name + more) for more in ("-wal", "-shm"))):
        each.unlink(missing_ok=True)
    try:
        with Index(path, ledger) as index:
            return work(index)
    except Damaged as damaged:
        raise Unreachable(f"{path} {damaged}, once more") from damaged


class Index(SearchFile):
    """What is in the file: documents, how far the ledger was read, and what matches."""

    @property
    def mark(self) -> Mark:
        """How far the ledger was read."""
        with self.understood():
            return Mark(self.meta("until"), self.meta("below"), int(self.meta("quiet") or 0))

    def begin_anew(self) -> None:
        """Forget everything: it will be read from the ledger's beginning."""
        with self.understood(), self.transaction():
            self.make(self.meta("ledger"))
            self.generation = self.meta("generation")

    def unknown(self, entries: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
        """Those of these (run, number) that are not in it."""
        with self.understood():
            sought = "SELECT 1 FROM documents WHERE run = ? AND number = ?"
            return [each for each in entries if self.db.execute(sought, each).fetchone() is None]

    def put(self, documents: Sequence[Document], mark: Mark | None = None) -> None:
        """Take these in, those that are there already aside; and say how far the ledger was read then.

        Where another process let it begin anew meanwhile, how far this one read counts for nothing.
        """
        with self.understood(), self.transaction():
            for each in documents:
                self._put(each)
            if mark is not None and self.meta("generation") == self.generation:
                self.keep("until", mark.until)
                self.keep("below", mark.below)
                self.keep("quiet", str(mark.quiet))

    def counts(self) -> dict[str, int]:
        """How many documents of each kind it has."""
        with self.understood():
            return dict(self.db.execute("SELECT kind, count(*) FROM documents GROUP BY kind ORDER BY kind").fetchall())

    def beginnings(self, text: str) -> list[str]:
        """The words in it that begin so, the most frequent first."""
        asked = "SELECT term FROM known WHERE term >= ? AND term < ? ORDER BY doc DESC, term LIMIT ?"
        with self.understood():
            rows = self.db.execute(asked, (text, text + "\U0010ffff", _BEGINNINGS)).fetchall()
        return [str(term) for (term,) in rows]

    def matches(self, expression: str, *, kind: str | None, old: bool, since: str, limit: int) -> list[dict[str, Any]]:
        """The documents that match, best first: their facts, and their texts with BEGIN and END around what matches.

        bm25 is below zero, and the less the better (source: SQLite, "The bm25() function").
        """
        shown = [f"highlight(texts, {place}, ?1, ?2)" for place in range(1, len(TEXTS) - 1)]
        asked = f"""
            SELECT d.kind, d.run, d.number, d.at, d.current, d.facts,
                snippet(texts, 0, ?1, ?2, '…', {_EXCERPT}), {", ".join(shown)}
            FROM texts JOIN documents AS d ON d.id = texts.rowid
            WHERE texts MATCH ?3 AND (?4 IS NULL OR d.kind = ?4) AND (d.current OR ?5) AND d.at >= ?7
            ORDER BY bm25(texts, {", ".join(map(str, _WEIGHTS))}) * d.weight, d.at DESC, d.run, d.number DESC LIMIT ?6
        """  # noqa: S608  our own names and numbers
        with self.understood():
            rows = self.db.execute(asked, (BEGIN, END, expression, kind, old, limit, since)).fetchall()
        return [
            {
                **json.loads(facts),
                "kind": found,
                "id": run,
                "number": number,
                "at": at,
                "current": bool(current),
                "texts": dict(zip(TEXTS, texts, strict=False)),
            }
            for found, run, number, at, current, facts, *texts in rows
        ]

    def _put(self, document: Document) -> None:
        given = (document.kind, document.run, document.number, document.at, document.weight, json.dumps(document.facts))
        inserted = self.db.execute(
            "INSERT OR IGNORE INTO documents (kind, run, number, at, weight, facts) VALUES (?, ?, ?, ?, ?, ?)", given
        )
        if not inserted.rowcount:
            return
        texts = [document.texts.get(name, "") for name in TEXTS]
        self.db.execute(_INSERT, (inserted.lastrowid, *texts))
        self.db.execute("INSERT INTO whole (rowid, text) VALUES (?, ?)", (inserted.lastrowid, " ".join(texts)))
        self.db.execute(
            "UPDATE documents SET current = number = (SELECT max(number) FROM documents WHERE run = ?1) WHERE run = ?1",
            (document.run,),
        )
