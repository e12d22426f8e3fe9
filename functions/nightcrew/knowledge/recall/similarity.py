"""How alike a past run is to what is asked about. One score, for the few candidates of recall and for a scan of all.

What counts, most first: the symptom; the place, which is the resource itself, else its group, else its kind; the
error; and how long ago it was, which decides between equals.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.clock import moment
from nightcrew.knowledge.recall.likeness import EQUAL, SIMILAR, likeness
from nightcrew.ledger.cases import CASES, kind_of

SYMPTOM, RESOURCE, GROUP, KIND, ERROR, RECENCY = 4.0, 3.0, 2.0, 1.0, 2.0, 1.0
"""What each is worth at most. The same symptom elsewhere on this kind says more than other trouble on this resource."""

HALF_LIFE = timedelta(days=30)
"""After so long a run is worth half as much for being recent."""

PARTLY = 0.3
"""A symptom that is less alike than this is another one."""

SAME_ERROR = 0.8
"""Errors less alike than this are different ones."""


@dataclass(frozen=True)
class Question:
    """What is asked about; what is not known is None. ``group`` is the group's mark (``ledger/cases``), ``kind`` the
    resource's where only that is known. ``run`` is left out of the answer: a run is no help to itself.
    """

    resource: str | None = None
    group: str | None = None
    symptom: str | None = None
    error: str | None = None
    kind: str | None = None
    run: str | None = None

    @property
    def of_kind(self) -> str | None:
        """The kind of resource it is about: ``ec2:instance``."""
        return self.kind or (kind_of(self.resource) if self.resource else None)


@dataclass(frozen=True)
class Case:
    """A run that was carried out, as the indexes hold it; ``number`` is its closing entry's, ``group`` a mark."""

    run: str
    number: int
    runbook: str
    resource: str
    symptom: str | None
    outcome: str
    ended: datetime
    took: timedelta | None = None
    error: str | None = None
    group: str | None = None

    @classmethod
    def from_index(cls, item: Mapping[str, Any]) -> "Case | None":
        """From an item of an index, or of the table; None where it is no case (a refusal, a lesson)."""
        if item.get("outcome") not in CASES or "ended" not in item:
            return None
        took = item.get("took")
        return cls(
            run=item["run"],
            number=item["number"],
            runbook=item.get("runbook", ""),
            resource=item.get("resource", ""),
            symptom=item.get("symptom"),
            outcome=item["outcome"],
            ended=moment(item["ended"].partition("#")[0]),
            took=timedelta(seconds=took) if took is not None else None,
            error=item.get("error"),
            group=item.get("cg"),
        )


@dataclass(frozen=True)
class Alike:
    """A case with its score, and what it has in common, in words for people."""

    case: Case
    score: float
    why: tuple[str, ...]


def score(question: Question, case: Case, now: datetime) -> Alike:
    """How alike a case is. 0 where it has nothing in common: to be recent is no likeness by itself, nor is a word."""
    found = [*_place(question, case), *_symptom(question, case), *_error(question, case)]
    if not any(words for _, words in found):
        return Alike(case, 0.0, ())
    age = max(now - case.ended, timedelta(0))
    worth = sum(each for each, _ in found) + RECENCY * 0.5 ** (age / HALF_LIFE)
    return Alike(case, round(worth, 6), tuple(words for _, words in found if words))


def rank(question: Question, cases: Iterable[Case], now: datetime, limit: int = 5) -> tuple[Alike, ...]:
    """The cases that are most alike, best first; of equal ones the newest. None has nothing in common, none ended after
    ``now``.
    """
    scored = (score(question, case, now) for case in cases if case.run != question.run and case.ended <= now)
    alike = [each for each in scored if each.score > 0]
    alike.sort(key=lambda each: (-each.score, -each.case.ended.timestamp(), each.case.run))
    return tuple(alike[:limit])


def _place(question: Question, case: Case) -> Iterable[tuple[float, str]]:
    if question.resource and question.resource == case.resource:
        yield RESOURCE, "same resource"
    elif question.group and question.group == case.group:
        yield GROUP, "same group"
    elif question.of_kind and question.of_kind == kind_of(case.resource):
        yield KIND, "same kind"


def _symptom(question: Question, case: Case) -> Iterable[tuple[float, str]]:
    found = likeness(question.symptom or "", case.symptom or "")
    if found == EQUAL:
        yield SYMPTOM, "same symptom"
    elif found >= SIMILAR:
        yield SYMPTOM * found, "similar symptom"
    elif found > 0:
        yield SYMPTOM * found, "partly similar symptom" if found >= PARTLY else ""


def _error(question: Question, case: Case) -> Iterable[tuple[float, str]]:
    found = likeness(question.error or "", case.error or "")
    if found >= SAME_ERROR:
        yield ERROR * found, "same error" if found == EQUAL else "similar error"
