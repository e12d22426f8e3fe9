"""Runs that belong together, read as one: their chains, what people wrote of them, one timeline, and how long it hurt.

Read from the ledger alone. What the ledger cannot tell is not guessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from nightcrew.errors import BrokenChain, Unknown
from nightcrew.knowledge import lessons
from nightcrew.knowledge.lessons import Lesson
from nightcrew.knowledge.names import person
from nightcrew.knowledge.postmortem.moment import Moment
from nightcrew.knowledge.postmortem.told import Told
from nightcrew.knowledge.saying import say
from nightcrew.ledger.chain import readable
from nightcrew.ledger.entries import RECORDS, Entry
from nightcrew.ledger.history import items
from nightcrew.ledger.store import Store
from nightcrew.ledger.verify import FIRST_KINDS, verify

"""The entries of a run, without what nobody may read in a draft."""


@dataclass(frozen=True)
class Incident:
    """Runs in the order in which they began. ``as_of`` is the last closing, or now where one is still open."""

    runs: tuple[Told, ...]
    lessons: tuple[Lesson, ...]
    as_of: datetime

    @property
    def open(self) -> tuple[Told, ...]:
        """Those that go on."""
        return tuple(run for run in self.runs if run.closing is None)

    @property
    def ran(self) -> tuple[Told, ...]:
        """Those that were admitted and not refused afterwards."""
        return tuple(run for run in self.runs if run.outcome != "refused")

    @property
    def began(self) -> datetime:
        """When the first alarm turned, or the first run was asked for."""
        return min(run.sounded for run in self.runs)

    @cached_property
    def first_change(self) -> datetime | None:
        """When the first change was sent."""
        return min((each.at for run in self.runs for each in run.of("change")), default=None)

    @property
    def last(self) -> dict[str, Told]:
        """The last run about each trouble. A person's start that was refused is about none."""
        return {run.trouble: run for run in self.runs if run.alarm or run.outcome != "refused"}

    @property
    def over(self) -> datetime | None:
        """When all of it was seen to be over; None where the ledger does not tell that of each trouble."""
        seen = [run.over for run in self.last.values()]
        known = [at for at in seen if at is not None]
        return max(known) if known and len(known) == len(seen) else None

    @property
    def lasted(self) -> timedelta | None:
        """From its beginning until it was over."""
        return self.over - self.began if self.over is not None else None

    @cached_property
    def timeline(self) -> list[Moment]:
        """Everything that happened, in order: what happened at the same time stands by the order of the runs."""
        told = [(run, at) for at, run in enumerate(self.runs)]
        every = [(each.at, place, number, each) for run, place in told for number, each in enumerate(run.moments)]
        wrote = [
            (lesson.at, len(told), number, _lesson(lesson))
            for number, lesson in enumerate(sorted(self.lessons, key=lambda each: (each.at, each.id)))
        ]
        return [each for *_, each in sorted([*every, *wrote], key=lambda told: told[:3])]


def read(store: Store, runs: Iterable[str], now: datetime) -> Incident:
    """Read what belongs to an incident. Each run once, in whatever order they are named.

    Raises Unknown where there is no such run, BrokenChain where its first entry cannot be read, Unreachable.
    """
    told = sorted((_told(store, run) for run in dict.fromkeys(runs)), key=lambda each: (each.began, each.run))
    ends = [each.ended for each in told if each.ended is not None]
    as_of = max(ends) if len(ends) == len(told) else now
    wrote = lessons.about(store, runs=[each.run for each in told], limit=100)
    return Incident(tuple(told), tuple(wrote), as_of)


def _told(store: Store, run: str) -> Told:
    stored = items(store, run)
    if not stored or stored[0].get("kind") in RECORDS:
        raise Unknown(f"there is no run {run}")
    if stored[0].get("kind") not in FIRST_KINDS:
        raise BrokenChain(run, 0, "is not there, and without it nobody knows what the run was about")
    entries = (Entry.from_item(stored[0]), *readable(stored[1:]))
    return Told(run, entries, tuple(verify(stored)), len(stored))


def _lesson(lesson: Lesson) -> Moment:
    about = lesson.run or lesson.symptom or ""
    return Moment(lesson.at, about, "lesson", person(lesson.author), say("wrote: {}", lesson.words))
