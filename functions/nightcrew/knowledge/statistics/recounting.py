"""Days counted from the ledger alone: from its index of weeks, and from the chains of what was carried out.

Nothing is ever counted up: whatever crashed, came twice or came late, the same entries give the same day.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from nightcrew.clock import moment
from nightcrew.errors import BrokenChain
from nightcrew.knowledge.reads import Reads
from nightcrew.knowledge.statistics.day import Count, Day, Lasted
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.period import within
from nightcrew.ledger.rows import week

MOST_REFUSALS = 2000
"""Groups of refusals of one day, each some 250 bytes: beyond it they are told without their resources."""

_DAY = timedelta(days=1)
_LASTED = ("runbook", "resource", "symptom", "alarm", "level")


def recounted(reader: Reads, days: Sequence[date]) -> Iterator[Day]:
    """These days, counted from the ledger. They follow each other, and are of one ISO week. Raises Unreachable."""
    first, last = midnight(days[0]), midnight(days[-1]) + _DAY
    refused: dict[str, Counter[_Alike]] = defaultdict(Counter)
    carried: dict[str, list[dict[str, Any]]] = defaultdict(list)
    lasted: dict[str, list[Lasted]] = defaultdict(list)
    for item in within(reader, week(first), first, last):
        if item["number"]:
            carried[_day_of(item)].append(item)
        else:
            refused[_day_of(item)][_Alike.of(item)] += 1
    spells = list(within(reader, "spell", first, last))
    for item, chain in zip(spells, _chains(reader, spells), strict=True):
        lasted[_day_of(item)] += (_lasted(each.body) for each in chain)
    for day in days:
        name = day.isoformat()
        counts = [Count(*group, number=number) for group, number in _held_down(refused[name]).items()]
        counts += _counts(reader, carried[name])
        counts.sort(key=lambda each: tuple(getattr(each, name) for name in _Alike._fields))
        there = sorted(lasted[name], key=lambda each: (each.began, each.alarm, each.resource))
        yield Day(day, tuple(counts), tuple(there), reader.spent())


def midnight(day: date) -> datetime:
    """When a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)


class _Alike(NamedTuple):
    """What runs of one group have in common."""

    runbook: str
    family: str
    resource: str
    symptom: str
    outcome: str
    gate: str

    @classmethod
    def of(cls, item: Mapping[str, Any], family: str = "") -> "_Alike":
        """From an item of an index."""
        runbook, resource, symptom = (str(item.get(name) or "") for name in ("runbook", "resource", "symptom"))
        return cls(runbook, family, resource, symptom, str(item.get("outcome") or ""), str(item.get("gate") or ""))


class _Told(NamedTuple):
    """What only a run's chain says: its family, how long it took, and how long people had its questions."""

    family: str
    seconds: float | None
    asked: tuple[float, ...]


def _held_down(refused: Counter[_Alike]) -> Counter[_Alike]:
    """The most frequent refusals, and the rest without their resources: a storm over a whole estate stays small."""
    found: Counter[_Alike] = Counter()
    by_number = sorted(refused.items(), key=lambda one: (-one[1], one[0]))
    for place, (alike, number) in enumerate(by_number):
        found[alike if place < MOST_REFUSALS else alike._replace(resource="")] += number
    return found


def _counts(reader: Reads, items: Sequence[Mapping[str, Any]]) -> list[Count]:
    """What was carried out, in groups."""
    groups: dict[_Alike, list[_Told]] = defaultdict(list)
    for item, chain in zip(items, _chains(reader, items), strict=True):
        told = _told(item, chain)
        groups[_Alike.of(item, told.family)].append(told)
    return [
        Count(
            *group,
            number=len(runs),
            seconds=tuple(sorted(each.seconds for each in runs if each.seconds is not None)),
            asked=tuple(sorted(seconds for each in runs for seconds in each.asked)),
        )
        for group, runs in groups.items()
    ]


def _chains(reader: Reads, items: Sequence[Mapping[str, Any]]) -> Iterator[list[Entry]]:
    """The entries of each, a hundred in one request, whosever they are."""
    keys = ({"run": item["run"], "number": number} for item in items for number in range(item["number"] + 1))
    found = reader.each("ledger", keys)
    for item in items:
        chain = []
        for _ in range(item["number"] + 1):
            key, stored = next(found)
            # BatchGetItem does not read consistently: what ended a moment ago may not be there yet.
            chain.append(stored if stored is not None else reader.get("ledger", key))
        yield list(_readable(chain))


def _readable(items: Iterable[Mapping[str, Any] | None]) -> Iterator[Entry]:
    """What was touched is told by ``verify``; a figure does without it."""
    for item in items:
        try:
            if item is not None:
                yield Entry.from_item(item)
        except BrokenChain:
            continue


def _told(item: Mapping[str, Any], chain: Sequence[Entry]) -> _Told:
    first = chain[0].body if chain and chain[0].kind == "opening" else {}
    seconds = item.get("took")
    if item.get("outcome") == "cured" and first.get("alarm"):
        seconds = round(max((_ok_at(first, chain) - moment(first["alarm"]["at"])).total_seconds(), 0.0), 3)
    return _Told(str(first.get("family", "")), seconds, tuple(_asked(chain)))


def _ok_at(first: Mapping[str, Any], chain: Sequence[Entry]) -> datetime:
    """When a cured run saw its alarm's OK: it then waits, last of all, that the OK holds; or not at all."""
    held = int(first["ok"][1])
    waits = [entry for entry in chain if entry.kind == "wait"]
    return waits[-1].at if held and waits else chain[-1].at


def _asked(chain: Sequence[Entry]) -> Iterator[float]:
    """How long each question stood until a person answered it. One that nobody answered took nobody's time."""
    for asked, after in pairwise(chain):
        if asked.kind != "wait" or "approval" not in asked.body:
            continue
        for fact in after.body.get("facts", ()):
            if fact.get("asked") == asked.body["title"] and fact.get("decision") and fact.get("at"):
                yield round(max((moment(fact["at"]) - asked.at).total_seconds(), 0.0), 3)


def _lasted(body: Mapping[str, Any]) -> Lasted:
    began = moment(body["began"])
    seconds = round(max((moment(body["ended"]) - began).total_seconds(), 0.0), 3)
    runbook, resource, symptom, alarm, level = (str(body.get(name) or "") for name in _LASTED)
    return Lasted(runbook, resource, symptom, alarm, level, began, seconds)


def _day_of(item: Mapping[str, Any]) -> str:
    return str(item["ended"][:10])
