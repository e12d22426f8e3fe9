"""What there was before an incident: runs on its resources, and with its symptoms, as they were known when it ended.

Bounded by that moment, so that a draft made a year later finds the same. Recall itself asks for the newest there is;
here its likeness and its records judge what was there then.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightcrew.knowledge import lessons
from nightcrew.knowledge.lessons import Lesson
from nightcrew.knowledge.postmortem.incident import Incident
from nightcrew.knowledge.postmortem.told import Told
from nightcrew.knowledge.recall.candidates import newest
from nightcrew.knowledge.recall.record import Record, records
from nightcrew.knowledge.recall.similarity import Alike, Case, Question, rank
from nightcrew.knowledge.recall.suggestion import Suggestion, suggestion
from nightcrew.ledger.cases import mark
from nightcrew.ledger.rows import BREAK_GLASS, BY_HAND
from nightcrew.ledger.store import Store

SHOWN = 8
WEEK = timedelta(days=7)
LATELY = timedelta(days=1)


@dataclass(frozen=True)
class Came:
    """How often a symptom came: on its resource in the week before, and elsewhere."""

    symptom: str
    resource: str
    week: tuple[Case, ...]
    before: tuple[Case, ...]
    elsewhere: tuple[Case, ...]


@dataclass(frozen=True)
class Helped:
    """The record of each runbook with a symptom, best first, and another one than the usual where it is better."""

    symptom: str
    records: tuple[Record, ...]
    suggestion: Suggestion | None


@dataclass(frozen=True)
class Earlier:
    """``alike`` is what is most like the incident, best first; ``lately`` what was done to its resources within a day
    before it; ``known`` the lessons of its symptoms that stood there then.
    """

    alike: tuple[Alike, ...] = ()
    came: tuple[Came, ...] = ()
    lately: tuple[Case, ...] = ()
    helped: tuple[Helped, ...] = ()
    known: tuple[Lesson, ...] = ()


def earlier(store: Store, incident: Incident) -> Earlier:
    """Read it: a query for each resource, symptom, group and error of the incident, whatever the ledger's size."""
    own = {run.run for run in incident.runs}
    asked: dict[tuple[str, str], None] = {}
    for run in incident.runs:
        asked |= dict.fromkeys(_marks(run))
    found = [case for key in asked for case in newest(store, *key, incident.as_of)]
    cases = {case.run: case for case in found if case.run not in own}
    alike = _alike(incident, list(cases.values()))
    came = tuple(_came(incident, run, list(cases.values())) for run in _about_symptoms(incident))
    resources = {run.resource for run in incident.runs}
    lately = [
        case
        for case in cases.values()
        if case.resource in resources and incident.began - LATELY <= case.ended < incident.began
    ]
    usual = {run.symptom: run.runbook for run in reversed(incident.runs) if is_symptom(run.symptom)}
    return Earlier(
        alike,
        came,
        tuple(sorted(lately, key=lambda case: (case.ended, case.run))),
        tuple(_helped(symptom, runbook, cases.values()) for symptom, runbook in sorted(usual.items())),
        tuple(_known(store, sorted(usual), incident.as_of)),
    )


def is_symptom(symptom: str) -> bool:
    """Whether it names a trouble, and not how a run was started."""
    return bool(symptom) and not symptom.startswith((BY_HAND, BREAK_GLASS))


def _marks(run: Told) -> Iterator[tuple[str, str]]:
    yield "cases_by_resource", mark(run.resource)
    if is_symptom(run.symptom):
        yield "cases_by_symptom", mark(run.symptom)
    body = run.closing.body if run.closing is not None else {}
    if isinstance(body.get("group"), str):
        yield "cases_by_group", body["group"]
    error = body.get("error")
    if isinstance(error, dict) and error.get("code"):
        yield "cases_by_error", mark(str(error["code"]))


def _alike(incident: Incident, cases: Sequence[Case]) -> tuple[Alike, ...]:
    """Each case as it is most alike to one of the incident's runs."""
    best: dict[str, Alike] = {}
    for run in incident.runs:
        body = run.closing.body if run.closing is not None else {}
        error = body.get("error")
        question = Question(
            resource=run.resource,
            group=body.get("group"),
            symptom=run.symptom if is_symptom(run.symptom) else None,
            error=str(error.get("code")) if isinstance(error, dict) else None,
        )
        for each in rank(question, cases, incident.as_of, limit=SHOWN):
            if each.case.run not in best or best[each.case.run].score < each.score:
                best[each.case.run] = each
    ranked = sorted(best.values(), key=lambda each: (-each.score, -each.case.ended.timestamp(), each.case.run))
    return tuple(ranked[:SHOWN])


def _about_symptoms(incident: Incident) -> list[Told]:
    """The first run of each symptom on each resource."""
    firsts: dict[tuple[str, str], Told] = {}
    for run in incident.runs:
        if is_symptom(run.symptom):
            firsts.setdefault((run.symptom, run.resource), run)
    return list(firsts.values())


def _came(incident: Incident, run: Told, cases: Sequence[Case]) -> Came:
    same = sorted((case for case in cases if case.symptom == run.symptom), key=lambda case: (case.ended, case.run))
    before = tuple(case for case in same if case.resource == run.resource and case.ended < incident.began)
    week = tuple(case for case in before if case.ended >= incident.began - WEEK)
    elsewhere = tuple(case for case in same if case.resource != run.resource)
    return Came(run.symptom, run.resource, week, before, elsewhere)


def _helped(symptom: str, usual: str, cases: Iterable[Case]) -> Helped:
    made = records(case for case in cases if case.symptom == symptom)
    return Helped(symptom, made, suggestion(made, usual))


def _known(store: Store, symptoms: Sequence[str], until: datetime) -> Iterator[Lesson]:
    """The lessons of these symptoms as they stood then."""
    if not symptoms:
        return
    for lesson in lessons.about(store, runs=[], symptoms=symptoms, limit=20):
        then = lesson
        if lesson.at > until and lesson.version:
            before = [each for each in lessons.versions(store, lesson.id) if each.at <= until]
            then = before[-1] if before else lesson
        if then.at <= until:
            yield then
