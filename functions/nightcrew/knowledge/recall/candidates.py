"""The past runs that may be alike, by a fixed number of requests: the newest of each index that the question names, and
of symptoms that are similar.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from nightcrew.clock import stamp
from nightcrew.knowledge.recall.likeness import SIMILAR, likeness
from nightcrew.knowledge.recall.similarity import PARTLY, Case, Question
from nightcrew.knowledge.recall.vocabulary import Vocabulary, known
from nightcrew.ledger.cases import INDEXES, mark
from nightcrew.ledger.conditions import AtMost, Equals
from nightcrew.ledger.rows import week
from nightcrew.ledger.store import Store

NEWEST = 100
"""Items of each index: some 25 KB, three read units."""

SIMILAR_SYMPTOMS = 5
"""How many other symptoms are looked at."""


@dataclass(frozen=True)
class Candidates:
    """``question`` may know more than what was asked: the group, from the resource's last run. ``similar`` are the
    symptoms that are taken for the same trouble.
    """

    question: Question
    cases: tuple[Case, ...]
    similar: tuple[str, ...]


def candidates(store: Store, question: Question, now: datetime) -> Candidates:
    """Read them, as of ``now``. At most eleven requests, whatever the table's size. Raises Unreachable."""
    here = _newest(store, "cases_by_resource", question.resource, now)
    if question.group is None:
        group = next((case.group for case in here if case.group and case.resource == question.resource), None)
        question = replace(question, group=group)
    there = [
        *here,
        *(newest(store, "cases_by_group", question.group, now) if question.group else ()),
        *_newest(store, "cases_by_symptom", question.symptom, now),
        *_newest(store, "cases_by_error", question.error, now),
    ]
    lately = _lately(store, now)
    words = known(store).joined((case.symptom or "", case.resource, stamp(case.ended)[:10]) for case in lately)
    others = _others(words, question)
    for each in others:
        there += _newest(store, "cases_by_symptom", each, now)
    # What an index of cases holds says more than the week's: it comes later, and stands.
    cases = {case.run: case for case in (*lately, *there) if case.run != question.run and case.ended <= now}
    similar = [each for each in others if likeness(question.symptom or "", each) >= SIMILAR]
    return Candidates(question, tuple(cases.values()), tuple(similar))


def newest(store: Store, index: str, marked: str, until: datetime) -> list[Case]:
    """The newest cases under a mark that ended up to then: one request. Raises Unreachable."""
    where = Equals(INDEXES[index], marked) & AtMost("ended", _until(until))
    return _cases(store.query("ledger", where, index=index, limit=NEWEST, newest_first=True).items)


def cases_of(store: Store, symptom: str, now: datetime) -> list[Case]:
    """The newest cases of a symptom: one request. Raises Unreachable."""
    return [case for case in _newest(store, "cases_by_symptom", symptom, now) if case.symptom == symptom]


def _others(words: Vocabulary, question: Question) -> list[str]:
    """Symptoms that are alike, and while there is room, those that this kind of resource had lately."""
    alike = words.alike(question.symptom, SIMILAR_SYMPTOMS, PARTLY) if question.symptom else []
    kind = question.of_kind
    # One more than there is room for: the symptom itself may be among them, and is read already.
    of_kind = words.of_kind(kind, 2 * SIMILAR_SYMPTOMS + 1) if kind else []
    found = dict.fromkeys([*alike, *(each for each in of_kind if each != question.symptom)])
    return [*found][:SIMILAR_SYMPTOMS]


def _newest(store: Store, index: str, value: str | None, now: datetime) -> list[Case]:
    return newest(store, index, mark(value), now) if value else []


def _lately(store: Store, now: datetime) -> list[Case]:
    """What ended last in this week: what the vocabulary does not know yet. Without groups and errors."""
    where = Equals("week", week(now)) & AtMost("ended", _until(now))
    return _cases(store.query("ledger", where, index="by_week", limit=NEWEST, newest_first=True).items)


def _cases(items: Iterable[dict[str, object]]) -> list[Case]:
    return [case for item in items if (case := Case.from_index(item)) is not None]


def _until(now: datetime) -> str:
    """After all that ended in this millisecond: an index's sort key goes on with the run's tail."""
    return f"{stamp(now)}~"
