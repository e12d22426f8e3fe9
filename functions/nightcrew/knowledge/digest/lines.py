"""What a digest says, line by line: each sentence follows from counts, and says what they mean for who reads it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import Any

from nightcrew.aws.arns import drilled as of_drill
from nightcrew.durations import in_words
from nightcrew.knowledge.amounts import times
from nightcrew.knowledge.capacity.capacity import Capacity
from nightcrew.knowledge.capacity.needs import Need
from nightcrew.knowledge.capacity.rescued import SCALES, Rescued, rescued
from nightcrew.knowledge.capacity.words import is_close, was_scaled, would_want
from nightcrew.knowledge.lessons import Lesson
from nightcrew.knowledge.markdown import clean
from nightcrew.knowledge.names import person, short
from nightcrew.knowledge.recall.record import TRIED, Record, wilson_lower
from nightcrew.knowledge.recall.suggestion import suggestion
from nightcrew.knowledge.saying import Name, Said, listed, say
from nightcrew.knowledge.statistics.day import Count
from nightcrew.knowledge.statistics.figures import Figures
from nightcrew.knowledge.statistics.people import ESTIMATE
from nightcrew.knowledge.statistics.statistics import NOT_ALARMS, Proof, Recurring
from nightcrew.ledger.cases import HELPED

OFTEN = 3
"""A resource that is remedied so often, or a symptom that comes to so many, has a cause that no runbook mends."""

AGAIN = 2
"""A resource that is scaled out so often lacks what it gets each time."""

MOST_WORDS = 200
"""Characters of a lesson."""

_DID = {"restart": "restarted", "failover": "failed over", "restore": "restored"}


@dataclass(frozen=True)
class Line:
    """A sentence, and the ``facts`` that it is made of, for programs."""

    said: Said
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"words": self.said.plain, **self.facts}


def estimated(figures: Figures) -> str:
    """Says so where people's times are partly what runbooks' authors estimated."""
    return ", as estimated" if ESTIMATE in figures.sources else ""


def helped(groups: Iterable[Figures]) -> Iterator[Line]:
    """Each runbook that helped: how often, and how fast."""
    for each in sorted((each for each in groups if each.helped), key=lambda each: (-each.helped, each.name)):
        speed = f", median {_long(each.median)}" if each.median is not None else ""
        people = f" (people: {_long(each.people_median)}{estimated(each)})" if each.people_median is not None else ""
        facts = {"runbook": each.name, "tried": each.tried, "helped": each.helped, "median_seconds": each.median}
        yield Line(say(f"{{}} helped {each.helped} of {each.tried} times{speed}{people}", Name(each.name)), facts)


def did_not(counts: Iterable[Count]) -> Iterator[Line]:
    """Each runbook that did not help a resource, by how often."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for each in counts:
        if each.outcome in TRIED and each.outcome not in HELPED:
            found[each.runbook, each.resource][each.outcome] += each.number
    for (runbook, resource), outcomes in sorted(found.items(), key=lambda one: (-one[1].total(), one[0])):
        ways = ", ".join(f"{outcome} {number} ×" for outcome, number in sorted(outcomes.items()))
        facts = {"runbook": runbook, "resource": resource, "outcomes": dict(outcomes)}
        yield Line(say("{} on {}: {}", Name(runbook), Name(short(resource)), ways), facts)


def at_the_root(counts: Sequence[Count], families: Mapping[str, str]) -> Iterator[Line]:
    """What is remedied again and again: the same resource, or the same symptom on many."""
    tried = [each for each in counts if each.outcome in TRIED and _family(each, families) != SCALES]
    by_resource: dict[str, list[Count]] = defaultdict(list)
    by_symptom: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in tried:
        by_resource[each.resource].append(each)
        if each.symptom and not each.symptom.startswith(NOT_ALARMS):
            by_symptom[each.symptom][each.resource] += each.number
    often = {resource: _number(alike) for resource, alike in by_resource.items() if resource}
    for resource, number in sorted(often.items(), key=lambda one: (-one[1], one[0])):
        if number >= OFTEN:
            kinds = {_DID.get(_family(each, families), "remedied") for each in by_resource[resource]}
            did = kinds.pop() if len(kinds) == 1 else "remedied"
            facts = {"resource": resource, "times": number}
            yield Line(say("{} was {} {} times: toil hides a fault", Name(short(resource)), did, number), facts)
    for symptom, on in sorted(by_symptom.items(), key=lambda one: (-sum(one[1].values()), one[0])):
        if len(on) >= OFTEN:
            facts = {"symptom": symptom, "times": sum(on.values()), "resources": len(on)}
            words = "{} was remedied {} times, on {} resources: is there one cause behind them?"
            yield Line(say(words, Name(symptom), sum(on.values()), len(on)), facts)


def capacity(counts: Iterable[Count], families: Mapping[str, str], report: Capacity | None = None) -> Iterator[Line]:
    """What is scaled out again and again: it needs every day what it gets each time. A ``report`` of the last weeks
    says what its hours want, and knows what comes less often.
    """
    needs = {each.rescued.resource: each for each in (report.needs if report else ())}
    for each in rescued(counts, families, AGAIN):
        yield _supplied(each, needs.pop(each.resource, None), "")
    for need in needs.values():
        yield _supplied(need.rescued, need, f" in {report.days} days" if report else "")


def quotas(report: Capacity | None) -> Iterator[Line]:
    """Each quota that is close to its limit; and in one line what could not be read: silence would pass for room."""
    if report is None:
        return
    for each in report.usage.close:
        yield Line(is_close(each), each.to_dict())
    if report.unknown:
        more = f", and {len(report.unknown) - 1} more" if len(report.unknown) > 1 else ""
        yield Line(say(f"not known: {{}}{more}", report.unknown[0]), {"unknown": list(report.unknown)})


def _supplied(each: Rescued, need: Need | None, within: str) -> Line:
    facts: dict[str, Any] = {"resource": each.resource, "times": each.times, "put_back": each.put_back}
    advice = "give it for good what it gets each time"
    if need is not None and need.wanted is not None and need.sizes is not None:
        advice = would_want(need)
        facts |= {"sizes": need.sizes.to_dict(), "wanted": need.wanted.to_dict()}
    return Line(say(f"{{}} {was_scaled(each)}{within}: {advice}", Name(short(each.resource))), facts)


def better(symptoms: Iterable[Recurring], span: Sequence[Count], known: Iterable[Count]) -> Iterator[Line]:
    """For each symptom of the span: another runbook that has a clearly better record than the usual one."""
    usual: dict[str, Counter[str]] = defaultdict(Counter)
    for each in span:
        usual[each.symptom][each.runbook] += each.number
    past: dict[str, dict[str, list[Count]]] = defaultdict(lambda: defaultdict(list))
    for each in known:
        if each.outcome in TRIED and each.symptom in usual:
            past[each.symptom][each.runbook].append(each)
    for recurring in symptoms:
        made = [_record(runbook, alike) for runbook, alike in past[recurring.symptom].items()]
        made.sort(key=lambda each: (-each.lower, -each.tried, each.runbook))
        ((most, _),) = usual[recurring.symptom].most_common(1)
        found = suggestion(made, most)
        if found is not None:
            facts = {"symptom": recurring.symptom, **found.to_dict()}
            yield Line(say("{}: {}", Name(recurring.symptom), found.words), {**facts, "suggestion": facts.pop("words")})


def drilled(counts: Iterable[Count]) -> Iterator[Line]:
    """Each restore that was drilled: those that did not hold first."""
    found: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    for each in counts:
        if each.outcome in TRIED:
            found[each.runbook, each.resource][each.outcome in HELPED] += each.number
    for (runbook, resource), held in sorted(found.items(), key=lambda one: (-one[1][False], one[0])):
        facts = {"runbook": runbook, "resource": resource, "drilled": held.total(), "held": held[True]}
        words = "its targets were met" if held[True] == held.total() else f"held {held[True]} of {held.total()}"
        yield Line(say(f"{{}} of {{}}: {words}", Name(runbook), Name(short(of_drill(resource)))), facts)


def gates(refused: Mapping[str, int]) -> Iterator[Line]:
    """Each gate that refused, the busiest first."""
    for gate, number in refused.items():
        yield Line(say("{} {}", gate or "unknown", number), {"gate": gate, "refused": number})


def learnt(lessons: Iterable[Lesson]) -> Iterator[Line]:
    """The newest version of each lesson that was written or corrected, the last one first."""
    newest = {each.id: each for each in lessons}
    for each in sorted(newest.values(), key=lambda each: (each.at, each.id), reverse=True):
        about = Name(each.run or each.symptom or "")
        facts = {"lesson": each.id, "version": each.version, "run": each.run, "symptom": each.symptom}
        words = clean(each.words, MOST_WORDS)
        yield Line(say("{} ({}, about {})", words, person(each.author), about), facts)


def proofs(old: Iterable[Proof]) -> Iterator[Line]:
    """Runbooks that are called and helped nobody for long; and how many nobody ever called, in one line."""
    never = []
    for each in old:
        facts = {"runbook": each.runbook, "last": each.last and each.last.isoformat(), "tried": each.tried}
        if each.last is not None:
            yield Line(say("{} helped last on {}", Name(each.runbook), each.last.isoformat()), facts)
        elif each.tried:
            yield Line(say("{} was tried {} in a year, and never helped", Name(each.runbook), times(each.tried)), facts)
        elif each.refused:
            words = "{} never ran: it was refused {} in a year"
            yield Line(say(words, Name(each.runbook), times(each.refused)), facts)
        else:
            never.append(each.runbook)
    if never:
        some = listed([Name(name) for name in sorted(never)[:3]])
        many = f"{len(never)} others were" if len(never) > 1 else "one other was"
        more = " …" if len(never) > 3 else ""
        yield Line(say(f"{many} not asked for in a year: {{}}{more}", some), {"never": sorted(never)})


def _record(runbook: str, alike: Iterable[Count]) -> Record:
    tried = list(alike)
    good = [each for each in tried if each.outcome in HELPED]
    took = [one for each in good for one in each.seconds]
    middle = timedelta(seconds=median(took)) if took else None
    return Record(runbook, _number(tried), _number(good), wilson_lower(_number(good), _number(tried)), middle)


def _number(counts: Iterable[Count]) -> int:
    return sum(each.number for each in counts)


def _family(each: Count, families: Mapping[str, str]) -> str:
    return each.family or families.get(each.runbook, "")


def _long(seconds: float | None) -> str:
    return in_words(timedelta(seconds=seconds or 0))
