"""What a team decides by: how often runs helped, how fast, what keeps coming back, and which proofs get old."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from nightcrew.knowledge.recall.record import TRIED
from nightcrew.knowledge.statistics.day import Count, Day, Lasted
from nightcrew.knowledge.statistics.figures import Figures, figures
from nightcrew.knowledge.statistics.people import People
from nightcrew.ledger.cases import HELPED
from nightcrew.ledger.rows import BREAK_GLASS, BY_HAND

BY = ("runbook", "family", "resource", "symptom", "week")
GETS_OLD = timedelta(days=90)
"""A runbook that helped nobody for so long may not help any more: what it relies on moves on."""

LOOKS_BACK = timedelta(days=365)
"""For proofs, and for people's times: so much before the last day is looked at, whatever the span is."""

NOT_ALARMS = (BY_HAND, BREAK_GLASS)
"""How the symptom of a run begins that answers no alarm."""


@dataclass(frozen=True)
class Recurring:
    """A symptom, and how often it came: ``alarms`` are runs and refusals together."""

    symptom: str
    alarms: int
    runs: int
    helped: int
    refused: int


@dataclass(frozen=True)
class Proof:
    """A runbook whose last run that helped is long ago, ``last``: None where there was none within LOOKS_BACK.

    ``tried`` and ``refused``: how often within it.
    """

    runbook: str
    last: date | None
    tried: int
    refused: int


@dataclass(frozen=True)
class Statistics:
    """Everything about the days from ``since`` to ``until``, both included. ``weeks`` has one for each ISO week.

    ``drills`` are the restore drills of these days, which are in nothing else here: they remedy nothing, and save
    nobody's toil.
    """

    since: date
    until: date
    by: str
    total: Figures
    groups: tuple[Figures, ...]
    weeks: tuple[Figures, ...]
    gates: Mapping[str, int]
    symptoms: tuple[Recurring, ...]
    proofs: tuple[Proof, ...]
    drills: Figures = field(default_factory=lambda: Figures("drills"))
    reads: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing ran, and nothing was refused."""
        return not any(each.runs or each.refused for each in (self.total, self.drills))

    def to_dict(self) -> dict[str, Any]:
        """As JSON: version 1. Durations are in seconds, days are UTC days."""
        proofs = [{**vars(each), "last": each.last.isoformat() if each.last else None} for each in self.proofs]
        return {
            "version": 1,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "by": self.by,
            "total": self.total.to_dict(),
            "groups": [each.to_dict() for each in self.groups],
            "weeks": [each.to_dict() for each in self.weeks],
            "refused_by_gate": dict(self.gates),
            "symptoms": [dict(vars(each)) for each in self.symptoms],
            "old_proofs": proofs,
            "drills": self.drills.to_dict(),
            "reads": self.reads,
        }


def statistics(
    days: Iterable[Day],
    since: date,
    until: date,
    *,
    by: str = "runbook",
    families: Mapping[str, str] | None = None,
    by_hand: Mapping[str, timedelta] | None = None,
    history: Iterable[Lasted] = (),
) -> Statistics:
    """Count. ``days`` should begin LOOKS_BACK before ``until``: see there.

    ``families`` and ``by_hand`` are the runbooks of the catalog, with what their authors say; ``history`` are alarms
    that lasted before there was Nightcrew.
    """
    known = list(days)
    people = People(known, history, by_hand)
    families = families or {}
    every = [(day.day, each) for day in known if since <= day.day <= until for each in day.counts]
    counts = [(day, each) for day, each in every if not each.drill]

    def grouped(key: Callable[[date, Count], str]) -> list[Figures]:
        groups: dict[str, list[Count]] = defaultdict(list)
        for day, each in counts:
            groups[key(day, each)].append(each)
        return [figures(name, groups[name], people) for name in sorted(groups)]

    keys: Mapping[str, Callable[[date, Count], str]] = {
        "runbook": lambda _, each: each.runbook,
        "family": lambda _, each: each.family or families.get(each.runbook, ""),
        "resource": lambda _, each: each.resource,
        "symptom": lambda _, each: each.symptom,
        "week": lambda day, _: week_of(day),
    }
    groups, weeks = grouped(keys[by]), {each.name: each for each in grouped(keys["week"])}
    if by != "week":
        groups.sort(key=lambda each: (-each.runs, -each.refused, each.name))
    gates: Counter[str] = Counter()
    for _, each in counts:
        if each.outcome == "refused":
            gates[each.gate] += each.number
    return Statistics(
        since=since,
        until=until,
        by=by,
        total=figures("all", [each for _, each in counts], people),
        groups=tuple(groups),
        weeks=tuple(weeks.get(name, Figures(name)) for name in _weeks(since, until)),
        gates=dict(sorted(gates.items(), key=lambda one: (-one[1], one[0]))),
        symptoms=tuple(_recurring([each for _, each in counts])),
        proofs=tuple(_old_proofs(known, until, by_hand or {})),
        drills=_drills(each for _, each in every if each.drill),
        reads=sum(day.reads for day in known),
    )


def _drills(counts: Iterable[Count]) -> Figures:
    """How they went, and how long they took: nobody has a drill in hand, so nothing is saved by one."""
    return replace(figures("drills", counts, People(())), saved=None)


def week_of(day: date) -> str:
    """The ISO week of a day: ``2026-W47``."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"


def _recurring(counts: Iterable[Count]) -> list[Recurring]:
    by_symptom: dict[str, list[Count]] = defaultdict(list)
    for each in counts:
        if each.symptom and not each.symptom.startswith(NOT_ALARMS):
            by_symptom[each.symptom].append(each)
    found = []
    for symptom, alike in by_symptom.items():
        refused = sum(each.number for each in alike if each.outcome == "refused")
        alarms = sum(each.number for each in alike)
        helped = sum(each.number for each in alike if each.outcome in HELPED)
        found.append(Recurring(symptom, alarms, alarms - refused, helped, refused))
    return sorted(found, key=lambda each: (-each.alarms, each.symptom))


def _old_proofs(days: Iterable[Day], until: date, known: Iterable[str]) -> list[Proof]:
    """Of the runbooks that are there: who is gone needs no proof."""
    last: dict[str, date] = {}
    tried: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for day in days:
        for each in day.counts if day.day <= until else ():
            if each.outcome in HELPED:
                last[each.runbook] = max(day.day, last.get(each.runbook, day.day))
            tried[each.runbook] += each.number if each.outcome in TRIED else 0
            refused[each.runbook] += each.number if each.outcome == "refused" else 0
    old = [name for name in known if name not in last or until - last[name] > GETS_OLD]
    made = [Proof(name, last.get(name), tried[name], refused[name]) for name in old]
    return sorted(made, key=lambda each: (-(each.tried + each.refused), each.last or date.min, each.runbook))


def _weeks(since: date, until: date) -> list[str]:
    days = range((until - since).days + 1)
    return list(dict.fromkeys(week_of(since + timedelta(days=number)) for number in days))
