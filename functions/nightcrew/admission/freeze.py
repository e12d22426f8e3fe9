"""A change freeze of policy: once, each week, or as an SSM Change Calendar says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from nightcrew.admission.policy_item import Item, Place, Wrong, asked_at_admission
from nightcrew.admission.selecting import When

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Freeze(Item):
    """No changes in this time, for what ``when`` covers; for everything where it is empty.

    Either ``calendar`` (name or ARN of a Change Calendar), or ``begins`` and ``ends``: two local times with a date
    (once), or two times of day (each of ``days``; an end that is not after the beginning is on the next day).
    ``zone`` is an IANA time zone.
    """

    SECTION: ClassVar[str] = "freezes"

    name: str
    begins: str = ""
    ends: str = ""
    days: tuple[str, ...] = ()
    zone: str = "UTC"
    calendar: str | None = None
    when: When = field(default_factory=When)

    def until(self, now: datetime) -> datetime | None:
        """When the window that covers ``now`` ends, in UTC; None where none does."""
        windows = self._weekly(now) if self.days else [self._once]
        ends = [end for begin, end in windows if begin <= now < end]
        return max(ends, default=None)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _once(self) -> tuple[datetime, datetime]:
        return self._window(datetime.fromisoformat(self.begins), datetime.fromisoformat(self.ends))

    def _window(self, begin: datetime, end: datetime) -> tuple[datetime, datetime]:
        """In UTC. A local time that comes twice, or never, is taken so that the freeze is the longer one."""
        return min(self._both(begin)), max(self._both(end))

    def _both(self, local: datetime) -> list[datetime]:
        return [local.replace(tzinfo=self._zone, fold=fold).astimezone(UTC) for fold in (0, 1)]

    def _weekly(self, now: datetime) -> list[tuple[datetime, datetime]]:
        """The windows that began today or yesterday, by the zone's own calendar."""
        begins, ends = time.fromisoformat(self.begins), time.fromisoformat(self.ends)
        today = now.astimezone(self._zone).date()
        windows = []
        for day in (today - timedelta(days=1), today):
            if DAYS[day.weekday()] in self.days:
                last = day if ends > begins else day + timedelta(days=1)
                windows.append(self._window(datetime.combine(day, begins), datetime.combine(last, ends)))
        return windows

    @property
    def called(self) -> str:
        return self.name

    @property
    def runbooks(self) -> Mapping[Place, str | None]:
        return {("when", "runbook"): self.when.runbook}

    def wrong(self, earlier: Sequence[Self]) -> Iterator[Wrong]:
        del earlier  # several may be called the same
        yield from asked_at_admission("when", self.when)
        if self.calendar is not None:
            if self.begins or self.ends or self.days:
                yield (), self.name, "either a calendar, or from and to"
            return
        for name, value in (("from", self.begins), ("to", self.ends)):
            if not value:
                yield (name,), None, "it must be there, where no calendar is named"
            elif ("T" in value) == bool(self.days):
                times = "a time of day like 09:00, since days are given"
                yield (name,), value, times if self.days else "a date with a time, or days"
            elif not _exists(value):
                yield (name,), value, "a time that there is"
        if "T" in self.begins and self.ends and not self.begins < self.ends:
            yield ("to",), self.ends, f"a time after {self.begins}"


def _exists(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text) if "T" in text else time.fromisoformat(text) is not None)
    except ValueError:
        return False
