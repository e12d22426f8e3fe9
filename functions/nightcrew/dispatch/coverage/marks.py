"""What is wrong with an alarm itself, whichever runbook answers it: by its configuration, and by its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from nightcrew.clock import moment
from nightcrew.dispatch.backtest.recorded import Change, Recorded, RecordedAlarm
from nightcrew.durations import in_words


class Mark(StrEnum):
    """In the order in which people want to know them."""

    FLAPS = "flaps"
    NO_OK = "no OK path"
    NEVER = "never fired"
    MUTED = "muted"
    SILENT = "actions off"


@dataclass(frozen=True)
class Marked:
    """A mark with what there is to say about it."""

    mark: Mark
    words: str

    def to_dict(self) -> dict[str, str]:
        """As JSON."""
        return {"mark": str(self.mark), "words": self.words}


def marks(
    alarm: RecordedAlarm,
    changes: Sequence[Change],
    recorded: Recorded,
    *,
    most_changes: int,
    within: timedelta,
    muted: str | None,
) -> list[Marked]:
    """Of one alarm with its own ``changes``. ``most_changes`` and ``within`` are the flap gate's; ``muted`` names the
    rule that mutes it.
    """
    found = [
        _flaps(changes, most_changes, within),
        _no_ok(alarm.described, changes),
        _never(alarm, changes, recorded),
        Marked(Mark.MUTED, f"the mute rule {muted} holds: Nightcrew leaves it alone meanwhile") if muted else None,
        _silent(alarm.described),
    ]
    return [each for each in found if each is not None]


def _flaps(changes: Sequence[Change], most: int, within: timedelta) -> Marked | None:
    """As the flap gate counts: each series of a query for itself."""
    worst = 0
    for whose in {_whose(change) for change in changes}:
        times = [change.at for change in changes if _whose(change) == whose]
        for number, at in enumerate(times):
            worst = max(worst, sum(at - before < within for before in times[: number + 1]))
    if worst <= most:
        return None
    words = f"it changed state {worst} times in {in_words(within)}; beyond {most} the flap gate refuses"
    return Marked(Mark.FLAPS, words)


def _no_ok(described: Mapping[str, Any], changes: Sequence[Change]) -> Marked | None:
    """A cure is proved by the alarm's OK: where none comes, no run is ever *cured*."""
    treats = described.get("TreatMissingData")
    if treats == "ignore":
        return Marked(Mark.NO_OK, "it ignores missing data: without new data it stays in ALARM, cured or not")
    if treats == "breaching":
        return Marked(Mark.NO_OK, "missing data counts as breaching: a resource that is off never comes back to OK")
    ends = [change.state for change in changes if change.previous == "ALARM"]
    if len(ends) >= _ENOUGH and "OK" not in ends:
        words = f"it left ALARM {len(ends)} times, never for OK: treat missing data as notBreaching"
        return Marked(Mark.NO_OK, words)
    return None


_ENOUGH = 2  # of what ended without OK, before it is said to be the rule


def _never(alarm: RecordedAlarm, changes: Sequence[Change], recorded: Recorded) -> Marked | None:
    if any(change.state == "ALARM" for change in changes) or alarm.in_alarm_since is not None:
        return None
    if recorded.since == recorded.until:
        return None  # there was no history to look at
    made = _moment(alarm.described.get("AlarmConfigurationUpdatedTimestamp"))
    if made is None or made > recorded.since:
        return None  # too young to say so
    words = f"not once in {in_words(recorded.until - recorded.since)}: is its threshold out of reach?"
    return Marked(Mark.NEVER, words)


def _silent(described: Mapping[str, Any]) -> Marked | None:
    if described.get("ActionsEnabled", True):
        return None
    return Marked(Mark.SILENT, "its actions are switched off; EventBridge, and so Nightcrew, hears it all the same")


def _whose(change: Change) -> str | None:
    return change.contributor.id if change.contributor else None


def _moment(value: object) -> datetime | None:
    try:
        return moment(value) if isinstance(value, str) else None
    except ValueError:
        return None
