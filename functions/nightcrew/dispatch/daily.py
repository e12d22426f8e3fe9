"""The day's job: what is derived from the ledger once a day is over. Roll-ups, the vocabulary, the daily root and its
anchor, and once a week the digest.

Each part may be repeated, and does then what is left to do; what failed one night the next one makes up. A part that
fails keeps no other from its work.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from nightcrew.aws.cloud import Cloud
from nightcrew.engine.installation import Installation
from nightcrew.errors import Unreachable
from nightcrew.knowledge.autonomy import keep as autonomy
from nightcrew.knowledge.capacity import capacity
from nightcrew.knowledge.capacity.capacity import Capacity
from nightcrew.knowledge.digest.digest import digest_of
from nightcrew.knowledge.recall import vocabulary
from nightcrew.knowledge.statistics import days
from nightcrew.knowledge.statistics.day import Day
from nightcrew.knowledge.statistics.statistics import LOOKS_BACK
from nightcrew.ledger import anchors, roots
from nightcrew.ledger.anchors import Bucket
from nightcrew.ledger.conditions import Absent, Below
from nightcrew.ledger.transaction import ConditionFailed, Piece

ONCE_MORE = 2
"""Days that are counted each night, kept or not: the index that they are counted from follows the ledger."""

MOST = 40
"""Days that one job makes up, the last ones first: a ledger that was there before its job is done in nine nights."""

SPAN = timedelta(days=7)
"""What a digest is about: so many days, the last one before the day on which it is sent."""

SENT: Mapping[str, str] = {"key": "digest"}

WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")

More = Callable[[], bool]
"""Whether there is time for one day more."""


@dataclass(frozen=True)
class Job:
    """What the day's job works with. Without a ``bucket`` nothing is anchored, without a ``weekday`` (0 is Monday)
    nothing is sent. ``cloud`` reads the stack's own account, with the job's own rights; without it the digest has no
    figures of capacity.
    """

    installation: Installation
    bucket: Bucket | None = None
    weekday: int | None = None
    cloud: Cloud | None = None


@dataclass
class Done:
    """What was done, and by the name of a part why it failed."""

    kept: list[date] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    anchored: list[date] = field(default_factory=list)
    digest: str = ""
    failed: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON, without what is empty."""
        told = {**vars(self), "kept": [*map(str, self.kept)], "anchored": [*map(str, self.anchored)]}
        return {name: value for name, value in told.items() if value}


def daily(job: Job, more: More = lambda: True) -> Done:
    """Do it all, for the days that are over and settled. What fails is told to ``watch`` and in ``failed``."""
    done = Done()
    last = roots.last_due(job.installation.clock.now())
    made: list[Day] = []
    reports: list[Capacity] = []
    parts: Mapping[str, Callable[[], None]] = {
        "days": lambda: _days(job, last, more, made),
        "vocabulary": lambda: _vocabulary(job, made),
        "proofs": lambda: _proofs(job, last),
        "roots": lambda: _roots(job, last, done),
        "anchors": lambda: _anchors(job, done),
        "capacity": lambda: _capacity(job, last, reports),
        "digest": lambda: _digest(job, last, done, reports),
    }
    for name, part in parts.items():
        try:
            part()
        except Exception as error:  # noqa: BLE001  whatever one part meets, the others are done
            about = " of ".join([str(error), *getattr(error, "__notes__", ())])
            done.failed[name] = f"{type(error).__name__}: {about}"[:300]
            job.installation.tell("not done", {"part": name, "words": done.failed[name]})
    done.kept = sorted(day.day for day in made)
    return done


def _days(job: Job, last: date, more: More, made: list[Day]) -> None:
    """One that cannot be counted keeps no other from being kept. Raises what went wrong with the first such day."""
    trouble: list[Exception] = []
    for day in _left(job, last):
        if not more():
            break
        try:
            made.append(days.keep(job.installation.store, day))
        except Unreachable:
            raise
        except Exception as error:  # noqa: BLE001  whatever is wrong with one day
            error.add_note(str(day))
            trouble.append(error)
    if trouble:
        raise trouble[0]


def _left(job: Job, last: date) -> Iterator[date]:
    """The last ones in any case, then those that nobody kept."""
    always = [last - timedelta(days=number) for number in range(ONCE_MORE)]
    yield from always
    gone = days.missing(job.installation.store, last - LOOKS_BACK, last - timedelta(days=ONCE_MORE))
    yield from sorted(gone, reverse=True)[:MOST]


def _vocabulary(job: Job, made: list[Day]) -> None:
    vocabulary.keep(job.installation.store, made)


def _proofs(job: Job, last: date) -> None:
    """What each runbook proved until then: four reads of a kept year, and a write for each that ever ran."""
    house = job.installation
    year = list(days.days(house.store, last - LOOKS_BACK, last, now=house.clock.now()))
    autonomy.keep(house.store, year, list(house.catalog), last)


def _roots(job: Job, last: date, done: Done) -> None:
    found = roots.keep(job.installation.store, job.installation.clock, last)
    done.roots = list(dict.fromkeys(str(each.body["day"]) for each in found))


def _anchors(job: Job, done: Done) -> None:
    if job.bucket is not None:
        done.anchored = anchors.keep(job.installation.store, job.installation.clock, job.bucket)


def _capacity(job: Job, last: date, reports: list[Capacity]) -> None:
    """Only where a digest is due, which has it. What AWS refuses is in the report, and told to ``watch``."""
    house, due = job.installation, _due(job, last)
    if job.cloud is None or due is None:
        return
    since, until = due - capacity.SPAN, due - timedelta(days=1)
    report = capacity.capacity(
        job.cloud,
        days.days(house.store, since, until, now=house.clock.now()),
        (since, until),
        house.clock.now(),
        families=house.catalog.families,
        permissions=[action for _, runbook in house.catalog.items() for action in runbook.permissions],
    )
    if report.unknown:
        house.tell("not done", {"part": "capacity", "words": "; ".join(report.unknown)[:300]})
    reports.append(report)


def _digest(job: Job, last: date, done: Done, reports: list[Capacity]) -> None:
    """On its day, or on the next one that comes to it. Sent at least once: it is marked once it was delivered."""
    house, due = job.installation, _due(job, last)
    if due is None:
        return
    told = digest_of(
        house.store,
        due - SPAN,
        due - timedelta(days=1),
        house.clock.now(),
        families=house.catalog.families,
        by_hand=house.catalog.by_hand,
        report=reports[0] if reports else None,
    )
    if not house.tell_people("digest", told.to_news()):
        raise Unreachable("the digest could not be delivered: the log says why")
    done.digest = told.headline
    earlier = Absent("day") | Below("day", str(due))
    try:
        house.store.transact([Piece("state", SENT, gate="digest", condition=earlier, sets={"day": str(due)})])
    except ConditionFailed:
        return  # another sent a later one


def _due(job: Job, last: date) -> date | None:
    """The day whose digest is to be sent now; None where none is."""
    if job.weekday is None:
        return None
    sent = (job.installation.store.get("state", SENT) or {}).get("day")
    due, first_on = _weekday(last, job.weekday), last + timedelta(days=1)  # the first one comes on its day
    if due != first_on if sent is None else str(sent) >= str(due):
        return None
    return due


def _weekday(last: date, weekday: int) -> date:
    """The last day, up to the one after ``last``, that is such a weekday."""
    today = last + timedelta(days=1)
    return today - timedelta(days=(today.weekday() - weekday) % 7)
