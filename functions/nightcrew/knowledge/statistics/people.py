"""How long an alarm lasts in people's hands: what a run's time is measured against, and where that figure is from.

Observed by Nightcrew itself where there is such a figure; else from the alarms' own history; else what the runbook's
author estimated, which is marked wherever it is shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from nightcrew.knowledge.statistics.day import Day, Lasted
from nightcrew.ledger.cases import CASES

OBSERVED, HISTORY, ESTIMATE = "observed", "history", "estimate"
SOURCES = (OBSERVED, HISTORY, ESTIMATE)
"""The best first."""


@dataclass(frozen=True)
class Hands:
    """The median of ``number`` alarms, in seconds; of an estimate ``number`` is 0."""

    seconds: float
    number: int
    source: str


class People:
    """What is known of people's times by these days, by an alarm ``history``, and by authors' estimates.

    An alarm that lasted while Nightcrew did something to its resource is left out: that it ended may not be people's
    doing. So are those for which a runbook was suggested: people may have started it.
    """

    def __init__(
        self, days: Iterable[Day], history: Iterable[Lasted] = (), by_hand: Mapping[str, timedelta] | None = None
    ) -> None:
        days = list(days)
        worked_on = {
            (each.resource, day.day) for day in days for each in day.counts if each.outcome in CASES and each.resource
        }
        seen = [each for day in days for each in day.lasted if each.level == "observe"]
        self._lengths = {
            OBSERVED: _lengths(seen, worked_on),
            HISTORY: _lengths(history, worked_on),
        }
        self._by_hand = by_hand or {}

    def hands(self, symptom: str, runbook: str) -> Hands | None:
        """How long people have this symptom, which the runbook answers. None where nobody knows."""
        for source, lengths in self._lengths.items():
            if symptom in lengths:
                return Hands(median(lengths[symptom]), len(lengths[symptom]), source)
        estimate = self._by_hand.get(runbook)
        return None if estimate is None else Hands(estimate.total_seconds(), 0, ESTIMATE)


def _lengths(lasted: Iterable[Lasted], worked_on: set[tuple[str, date]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for each in lasted:
        ended = each.began + timedelta(seconds=each.seconds)
        span = (ended.date() - each.began.date()).days + 1
        touched = {(each.resource, each.began.date() + timedelta(days=number)) for number in range(span)}
        if each.symptom and not touched & worked_on:
            found[each.symptom].append(each.seconds)
    return dict(found)
