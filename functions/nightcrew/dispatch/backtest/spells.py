"""How long alarms lasted in people's hands: from ALARM to the next OK.

INSUFFICIENT_DATA in between ends nothing: nobody had seen that it was well again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from nightcrew.dispatch.backtest.recorded import Recorded

Began = tuple[str, str | None, datetime]
"""One spell: its alarm, its contributor's id where it is one's, and when it began."""


@dataclass(frozen=True)
class Spells:
    """Of one alarm, or of several: how long each spell in ALARM was that ended in OK, and since when others last."""

    ended: tuple[timedelta, ...] = ()
    open_since: tuple[datetime, ...] = ()

    def __add__(self, other: "Spells") -> "Spells":
        return Spells(self.ended + other.ended, self.open_since + other.open_since)

    @property
    def median(self) -> timedelta | None:
        """Of those that ended."""
        seconds = [each.total_seconds() for each in self.ended]
        return timedelta(seconds=median(seconds)) if seconds else None

    @property
    def longest(self) -> timedelta | None:
        """Of those that ended."""
        return max(self.ended, default=None)

    @property
    def total(self) -> timedelta:
        """Of those that ended."""
        return sum(self.ended, timedelta())

    def to_dict(self) -> dict[str, object]:
        """As JSON: durations in seconds."""
        return {
            "ended": len(self.ended),
            "median_seconds": _seconds(self.median),
            "longest_seconds": _seconds(self.longest),
            "total_seconds": _seconds(self.total),
            "open_since": list(self.open_since),
        }


def spells(recorded: Recorded) -> Mapping[str, Spells]:
    """By the alarm's name; contributors count each for itself.

    A spell that began before the history does is in none of them: when it began is not known. One of which the
    history says nothing at all, since the alarm stood in ALARM all the time, is open since the alarm says so itself.
    """
    found = {change.alarm: Spells() for change in recorded.changes}
    for (name, _, began), end in _each(recorded):
        found[name] += Spells((end - began,)) if end is not None else Spells((), (began,))
    for name, alarm in recorded.alarms.items():
        since = alarm.in_alarm_since
        if name not in found and since is not None:
            found[name] = Spells((), (since,))
    return found


def lengths(recorded: Recorded) -> Mapping[Began, timedelta]:
    """How long each spell lasted that ended."""
    return {spell: end - spell[2] for spell, end in _each(recorded) if end is not None}


def _each(recorded: Recorded) -> Iterator[tuple[Began, datetime | None]]:
    """Each spell with its end; None where it still lasts. Where contributors tell, the alarm itself is not heard."""
    began: dict[tuple[str, str | None], datetime] = {}
    for change in recorded.changes:
        whose = change.alarm, change.contributor.id if change.contributor else None
        if whose[1] is None and change.alarm in recorded.by_contributors:
            continue
        if change.state == "ALARM":
            began.setdefault(whose, change.at)
        elif change.state == "OK" and whose in began:
            yield (*whose, began.pop(whose)), change.at
    for whose, since in began.items():
        yield (*whose, since), None


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
