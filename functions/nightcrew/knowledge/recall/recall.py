"""Recall: what happened the last times that it was like this, and what helped.

A fixed number of reads, whatever the table's size: the newest cases of each index that the question names, those of the
symptoms most alike, and one request for what the best of them did. ``rank`` would give the same of a scan of all, but
for what is older than a hundred others like it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from nightcrew.clock import stamp
from nightcrew.errors import BadInput, BrokenChain, Unknown
from nightcrew.knowledge.lessons import Lesson, about
from nightcrew.knowledge.reads import Reads
from nightcrew.knowledge.recall.candidates import candidates
from nightcrew.knowledge.recall.record import Record, records
from nightcrew.knowledge.recall.similarity import Alike, Case, Question, rank
from nightcrew.knowledge.recall.suggestion import Suggestion, suggestion
from nightcrew.ledger.cases import mark
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import opening, tail
from nightcrew.ledger.store import Store

MOST = 20
"""Cases in one answer."""

ALL_LESSONS = 20
SYMPTOMS = 3
"""Symptoms of which lessons are told: the one that is asked about, and those most like it."""

MOST_READS = 24
"""Requests: two for a run, eleven for candidates, one for what they did, ten for lessons of five runs. Each further run
of a longer answer takes one more.
"""


@dataclass(frozen=True)
class Remembered:
    """A past run, how alike it is (``score``, ``why``), and what it did: its closing's words, how many changes it made,
    and the error that it met.
    """

    case: Case
    score: float
    why: tuple[str, ...]
    words: str = ""
    changes: int = 0
    error: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        case = self.case
        return {
            "run": case.run,
            "runbook": case.runbook,
            "resource": case.resource,
            "symptom": case.symptom,
            "outcome": case.outcome,
            "ended": stamp(case.ended),
            "seconds": case.took.total_seconds() if case.took is not None else None,
            "score": self.score,
            "why": list(self.why),
            "words": self.words,
            "changes": self.changes,
            "error": dict(self.error) if self.error is not None else None,
        }


@dataclass(frozen=True)
class Recall:
    """What is remembered. ``records`` are over the cases of this symptom; ``similar`` names the symptoms where they are
    over similar ones instead, since nothing was tried for this one; without a symptom they are over this resource's.
    ``reads`` is how many requests it took.
    """

    question: Question
    cases: tuple[Remembered, ...]
    records: tuple[Record, ...]
    lessons: tuple[Lesson, ...]
    suggestion: Suggestion | None
    similar: tuple[str, ...]
    reads: int

    def to_json(self) -> dict[str, Any]:
        """As JSON; times and lengths as the ledger writes them."""
        return {
            "question": {name: value for name, value in vars(self.question).items() if value is not None},
            "cases": [each.to_dict() for each in self.cases],
            "records": [each.to_dict() for each in self.records],
            "similar": list(self.similar),
            "lessons": [{**each.to_dict(), "at": stamp(each.at)} for each in self.lessons],
            "suggestion": self.suggestion.to_dict() if self.suggestion is not None else None,
            "reads": self.reads,
        }


def recall(
    store: Store,
    now: datetime,
    *,
    resource: str | None = None,
    group: str | None = None,
    symptom: str | None = None,
    error: str | None = None,
    run: str | None = None,
    runbook: str | None = None,
    limit: int = 5,
    entries: Sequence[Entry] = (),
) -> Recall:
    """What is known of the like, as of ``now``. What ``run`` says of itself is asked about where nothing else is given.

    ``group`` is an ARN, ``runbook`` the one that is about to run, or usually does; ``entries`` are those of ``run``,
    where whoever asks has read them already. Raises BadInput, Unknown (no such run), Unreachable.
    """
    if not 1 <= limit <= MOST:
        raise BadInput("limit", limit, f"1 to {MOST} runs")
    if not any((resource, group, symptom, error, run)):
        raise BadInput("question", "nothing", "a resource, a group, a symptom, an error or a run")
    reads = Reads(store)
    asked = Question(resource, mark(group) if group else None, symptom, error, run=run)
    if run is not None:
        asked, usual = _of_run(reads, run, asked, entries)
        runbook = runbook or usual
    found = candidates(reads, asked, now)
    best = rank(found.question, found.cases, now, limit)
    told = _remembered(reads, best)
    made, similar = _records(found.question, found.cases, found.similar)
    usual = runbook or (_usual(made) if not similar else None)
    symptoms = [each for each in (asked.symptom, *similar) if each][:SYMPTOMS]
    runs = [*([run] if run else []), *(each.case.run for each in best)]
    learnt = about(reads, runs=runs, symptoms=symptoms, limit=ALL_LESSONS) if runs or symptoms else ()
    return Recall(found.question, told, made, learnt, suggestion(made, usual, similar), similar, reads.made)


def _usual(made: tuple[Record, ...]) -> str | None:
    """What was tried most; of two that were tried as often, the one that helped less."""
    return max(made, key=lambda each: (each.tried, -each.lower)).runbook if made else None


def _of_run(store: Store, run: str, asked: Question, read: Sequence[Entry]) -> tuple[Question, str | None]:
    """The question that a run is, and its runbook: two requests, where it was not read before."""
    first, last = (read[0], read[-1]) if read else (opening(store, run), tail(store, run))
    if first is None or last is None or first.kind not in {"opening", "refusal"}:
        raise Unknown(f"there is no run {run}")
    body = {**first.body, **(last.body if last.kind == "closing" else {})}
    error = body.get("error")
    own = Question(
        resource=_text(body.get("resource")),
        group=_text(body.get("group")),
        symptom=_text(body.get("symptom")),
        error=_text(error.get("code")) if isinstance(error, Mapping) else None,
    )
    named = {name: value for name, value in vars(asked).items() if value is not None}
    return replace(own, **named), _text(body.get("runbook"))


def _remembered(store: Store, best: tuple[Alike, ...]) -> tuple[Remembered, ...]:
    """With what their closings say: one request."""
    keys = [{"run": each.case.run, "number": each.case.number} for each in best]
    items = store.get_all("ledger", keys) if keys else []
    return tuple(_told(each, item) for each, item in zip(best, items, strict=True))


def _told(alike: Alike, item: Mapping[str, Any] | None) -> Remembered:
    try:
        body = Entry.from_item(item).body if item is not None else {}
    except BrokenChain:
        body = {}  # ``verify`` names it
    error, changes = body.get("error"), body.get("changes")
    return Remembered(
        alike.case,
        alike.score,
        alike.why,
        _text(body.get("words")) or "",
        changes if isinstance(changes, int) else 0,
        error if isinstance(error, Mapping) else None,
    )


def _records(
    question: Question, cases: tuple[Case, ...], similar: tuple[str, ...]
) -> tuple[tuple[Record, ...], tuple[str, ...]]:
    """The records, and the symptoms that they are about where these are only similar."""
    if not question.symptom:
        return records(case for case in cases if case.resource == question.resource), ()
    own = records(case for case in cases if case.symptom == question.symptom)
    if own:
        return own, ()
    made = records(case for case in cases if case.symptom in similar)
    return made, similar if made else ()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
