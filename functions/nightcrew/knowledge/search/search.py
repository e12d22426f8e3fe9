"""Finds what people learned and how runs ended, by words: stems, "phrases", beginnings*, the best match first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.clock import moment, stamp
from nightcrew.errors import BadInput
from nightcrew.knowledge.search.index import BEGIN, END, Index
from nightcrew.knowledge.search.words import terms

KINDS = ("lesson", "run")
MOST = 100


@dataclass(frozen=True)
class Marked:
    """A text, and where in it the match is: pairs of begin and end."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, text: str) -> "Marked":
        """From a text with BEGIN and END in it."""
        plain, marks = "", []
        for part in text.split(BEGIN):
            marked, end, rest = part.partition(END)
            if end:
                marks.append((len(plain), len(plain) + len(marked)))
            plain += marked + rest
        return cls(plain, tuple(marks))


@dataclass(frozen=True)
class Found:
    """A lesson's version, or a run's ending: ``texts`` are those of it that match, and its ``words`` in any case.

    ``about`` is the run, or the symptom, of a lesson. ``current`` is False for a version that was corrected.
    """

    kind: str
    id: str
    version: int | None
    at: datetime
    current: bool
    outcome: str
    runbook: str
    resource: str
    symptom: str
    about: str
    who: str
    texts: Mapping[str, Marked]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        texts = {name: {"text": each.text, "marks": each.marks} for name, each in self.texts.items()}
        return {**vars(self), "texts": texts}


@dataclass(frozen=True)
class Findings:
    """What was found, best first. ``all_words`` is False where nothing has all of them, and these have some."""

    found: tuple[Found, ...]
    all_words: bool


def search(
    index: Index,
    typed: str,
    *,
    kind: str | None = None,
    old_versions: bool = False,
    since: datetime | None = None,
    limit: int = 10,
) -> Findings:
    """What has all the words; where nothing has, what has some. Raises BadInput, Unreachable, Damaged."""
    if not 1 <= limit <= MOST:
        raise BadInput("limit", limit, f"1 to {MOST}")
    if kind is not None and kind not in KINDS:
        raise BadInput("kind", kind, f"one of {', '.join(KINDS)}")
    words = terms(typed, index.beginnings)
    wanted: dict[str, Any] = {"kind": kind, "old": old_versions, "since": stamp(since) if since is not None else ""}
    found = index.matches(" AND ".join(words), **wanted, limit=limit)
    all_words = bool(found) or len(words) == 1
    if not all_words:
        found = index.matches(" OR ".join(words), **wanted, limit=limit)
    return Findings(tuple(map(_found, found)), all_words)


def _found(row: Mapping[str, Any]) -> Found:
    marked = {name: Marked.of(text) for name, text in row["texts"].items()}
    lesson = row["kind"] == "lesson"
    return Found(
        kind=row["kind"],
        id=row["id"],
        version=row["number"] if lesson else None,
        at=moment(row["at"]),
        current=row["current"],
        outcome=row.get("outcome", ""),
        runbook=row.get("runbook", ""),
        resource=row.get("resource", ""),
        symptom=row.get("symptom", ""),
        about=(row["run"] or row["symptom"]) if lesson else "",
        who=marked["who"].text,
        texts={name: each for name, each in marked.items() if each.marks or name == "words"},
    )
