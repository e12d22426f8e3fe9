"""The day's job: what is derived from the ledger once a day is over. Roll-ups, the vocabulary, the daily root and its
anchor, and once a week the digest.

Each part may be repeated, and does then what is left to do; what failed one night the next one makes up. A part that
fails keeps no other from its work.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from nightcrew.aws.cloud import Cloud
from nightcrew.engine.installation import Installation
from nightcrew.errors import Unreachable
from nightcrew.knowledge.autonomy import keep as autonomy
from nightcrew.knowledge.capacity import capacity
from nightcrew.knowledge.capacity.capacity import Capacity
from nightcrew.knowledge.digest.digest import digest, lessons_of, looks_back
from nightcrew.knowledge.recall import vocabulary
from nightcrew.knowledge.statistics.day import Day
from nightcrew.knowledge.statistics.statistics import LOOKS_BACK
from nightcrew.knowledge.statistics.year import Year
from nightcrew.ledger import anchors, roots
from nightcrew.ledger.anchors import Bucket
from nightcrew.ledger.conditions import Absent, Below
from nightcrew.ledger.transaction import ConditionFailed, Piece

ONCE_MORE = 2
"""Days that are counted each night, kept or not: the index that they are counted from follows the ledger."""

MOST = 40
"""Days that one job makes up, the last ones first: a ledger that was there before its job is done in nine nights."""

DAY = timedelta(days=1)
SPAN = 7 * DAY
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
    night = _Night(job)
    done = night.done
    parts: Mapping[str, Callable[[], None]] = {
        "days": lambda: night.days(more),
        "vocabulary": night.vocabulary,
        "proofs": night.proofs,
        "roots": night.roots,
        "anchors": night.anchors,
        "capacity": night.capacity,
        "digest": night.digest,
    }
    for name, part in parts.items():
        try:
            part()
        except Exception as error:  # noqa: BLE001  whatever one part meets, the others are done
            about = " of ".join([str(error), *getattr(error, "__notes__", ())])
            done.failed[name] = f"{type(error).__name__}: {about}"[:300]
            job.installation.tell("not done", {"part": name, "words": done.failed[name]})
    done.kept = sorted(day.day for day in night.made)
    return done


class _Night:
    """One night's parts, and what several of them need: it is read by the first one that asks, and where that failed
    by the next.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.house = job.installation
        self.last = roots.last_due(self.house.clock.now())
        self.done = Done()
        self.made: list[Day] = []
        self.report: Capacity | None = None

    @cached_property
    def year(self) -> Year:
        """Up to ``last``, and as far back as the oldest digest that may still be due."""
        ends = self.last - (SPAN - DAY)
        return Year(self.house.store, looks_back(ends, ends), self.last)

    @cached_property
    def due(self) -> date | None:
        """The day whose digest is to be sent now; None where none is."""
        if self.job.weekday is None:
            return None
        sent = (self.house.store.get("state", SENT) or {}).get("day")
        first_on = self.last + DAY  # the first one comes on its day
        due = first_on - (first_on.weekday() - self.job.weekday) % 7 * DAY
        if due != first_on if sent is None else str(sent) >= str(due):
            return None
        return due

    def days(self, more: More) -> None:
        """One that cannot be counted keeps no other from being kept. Raises what went wrong with the first such day."""
        trouble: list[Exception] = []
        for day in self._left():
            if not more():
                break
            try:
                self.made.append(self.year.keep(day))
            except Unreachable:
                raise
            except Exception as error:  # noqa: BLE001  whatever is wrong with one day
                error.add_note(str(day))
                trouble.append(error)
        if trouble:
            raise trouble[0]

    def _left(self) -> list[date]:
        """The last ones in any case, then those that nobody kept."""
        always = [self.last - number * DAY for number in range(ONCE_MORE)]
        gone = self.year.missing(self.last - LOOKS_BACK, self.last - ONCE_MORE * DAY)
        return [*always, *sorted(gone, reverse=True)[:MOST]]

    def vocabulary(self) -> None:
        """Of all days that are kept: a night that died kept some whose symptoms nobody wrote down."""
        vocabulary.keep(self.house.store, self.year.known)

    def proofs(self) -> None:
        """What each runbook proved until then: a write for each that ever ran."""
        lately = self.year.between(self.last - LOOKS_BACK, self.last)
        autonomy.keep(self.house.store, lately, list(self.house.catalog), self.last)

    def roots(self) -> None:
        """Those that are not there yet."""
        found = roots.keep(self.house.store, self.house.clock, self.last)
        self.done.roots = list(dict.fromkeys(str(each.body["day"]) for each in found))

    def anchors(self) -> None:
        """Of roots that are not anchored yet."""
        if self.job.bucket is not None:
            self.done.anchored = anchors.keep(self.house.store, self.house.clock, self.job.bucket)

    def capacity(self) -> None:
        """Only where a digest is due, which has it. What AWS refuses is in the report, and told to ``watch``."""
        if self.job.cloud is None or self.due is None:
            return
        since, until = self.due - capacity.SPAN, self.due - DAY
        self.report = capacity.capacity(
            self.job.cloud,
            self.year.between(since, until),
            (since, until),
            self.house.clock.now(),
            families=self.house.catalog.families,
            permissions=[action for _, runbook in self.house.catalog.items() for action in runbook.permissions],
        )
        if self.report.unknown:
            self.house.tell("not done", {"part": "capacity", "words": "; ".join(self.report.unknown)[:300]})

    def digest(self) -> None:
        """On its day, or on the next one that comes to it. Sent at least once: it is marked once it was delivered."""
        if self.due is None:
            return
        since, until = self.due - SPAN, self.due - DAY
        told = digest(
            self.year.between(looks_back(since, until), until),
            since,
            until,
            lessons=lessons_of(self.house.store, since, until),
            families=self.house.catalog.families,
            by_hand=self.house.catalog.by_hand,
            report=self.report,
        )
        if not self.house.tell_people("digest", told.to_news()):
            raise Unreachable("the digest could not be delivered: the log says why")
        self.done.digest = told.headline
        earlier = Absent("day") | Below("day", str(self.due))
        sent = Piece("state", SENT, gate="digest", condition=earlier, sets={"day": str(self.due)})
        try:
            self.house.store.transact([sent])
        except ConditionFailed:
            return  # another sent a later one
