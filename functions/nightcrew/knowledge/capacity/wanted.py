"""The Min and Max that a group's own hours would want. Figures in, figures out: nothing is read here.

- An hour wants as many as it would take to do its work at the target: in service × CPU ÷ target, rounded up.
- Min is what half of the hours want no more than: below it the group would have to be scaled out every day.
- Max is a quarter more than the highest hour wants: what the old Max cut off is in no figure.
- Neither is below what is set. What had to be rescued is not to be made smaller, and metrics do not know what
  redundancy is for. But a Min that fewer served than in some of these hours is younger than they are: a rescue set it,
  perhaps, that is not put back yet. Then what stood for nine hours of ten is what holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

TARGET = 60
"""Percent of CPU: a group that loses one of three zones does the same work at 90 %."""

ROOM = 1.25
ENOUGH = 72
"""Hours, three days: below that one bad day would be half of what is known."""

FULL = 90
"""Percent of CPU from which on an hour may have wanted more than its figure says: the work queued."""

A_MONTH = 730
"""Hours: a twelfth of a year."""


@dataclass(frozen=True)
class Sizes:
    """What is set: ``min`` and ``max`` are None where nothing scales the resource by itself."""

    min: int | None
    max: int | None
    desired: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"min": self.min, "max": self.max, "desired": self.desired}


@dataclass(frozen=True)
class Hour:
    """How many served on the average, at how many percent of CPU."""

    serving: float
    cpu: float

    def wants(self, target: float) -> int:
        """So many would have done the same work at the target."""
        return ceil(round(self.serving * self.cpu / target, 6))


@dataclass(frozen=True)
class Wanted:
    """``min`` and ``max`` stand on so many ``hours``, in ``full`` of which CPU stood so high that they may have wanted
    more. ``highest`` is what the hour wants that wants most. ``more_hours``: instance (or task) hours a month that Min
    would add to what ran. ``raised``: the Min that is set is younger than these hours.
    """

    min: int
    max: int
    hours: int
    full: int
    highest: int
    more_hours: int
    raised: bool = False

    def differs(self, now: Sizes) -> bool:
        """Whether it asks for anything that was not set."""
        return self.raised or (self.min, self.max) != (now.min, now.max)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "min": self.min,
            "max": self.max,
            "hours": self.hours,
            "full_hours": self.full,
            "highest": self.highest,
            "more_hours_a_month": self.more_hours,
            "min_was_raised": self.raised,
        }


def wanted(hours: Sequence[Hour], now: Sizes, target: float = TARGET) -> Wanted | None:
    """What these hours would want; None where there are too few of them."""
    if len(hours) < ENOUGH:
        return None
    each = sorted(hour.wants(target) for hour in hours)
    middle, highest = each[(len(each) - 1) // 2], each[-1]
    stood = int(sorted(hour.serving for hour in hours)[(len(hours) - 1) // 10])
    least = max(middle, min(now.min or 0, stood))
    most = max(ceil(highest * ROOM), now.max or 0, least)
    more = sum(max(0.0, least - hour.serving) for hour in hours) / len(hours) * A_MONTH
    full = sum(hour.cpu >= FULL for hour in hours)
    return Wanted(least, most, len(hours), full, highest, round(more), raised=stood < (now.min or 0))
