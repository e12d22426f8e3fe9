"""What remediation gave back to an error budget: the time that its resources would have been ill in people's hands.

Each run that helped is set against how long the same symptom lasts there (``statistics/people``): observed, from alarm
history, or its author's estimate, which is marked.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from nightcrew.knowledge.statistics.day import Day
from nightcrew.knowledge.statistics.people import People
from nightcrew.ledger.cases import HELPED


@dataclass(frozen=True)
class GaveBack:
    """``seconds`` of ``runs`` that helped; ``sources`` says how many of them are measured against which figure."""

    seconds: float
    runs: int
    sources: tuple[tuple[str, int], ...]
    unknown: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As JSON. ``unknown`` are runs for which nobody knows people's time: they count for nothing."""
        return {
            "seconds": round(self.seconds, 3),
            "runs": self.runs,
            "sources": dict(self.sources),
            "unknown": self.unknown,
        }


def gave_back(days: Iterable[Day], resources: Sequence[str], people: People) -> GaveBack:
    """Of the days of an objective's interval, on resources of these patterns."""
    seconds, unknown, sources = 0.0, 0, Counter[str]()
    for day in days:
        for each in day.counts:
            if each.outcome not in HELPED or not any(fnmatchcase(each.resource, pattern) for pattern in resources):
                continue
            hands = people.hands(each.symptom, each.runbook)
            if hands is None:
                unknown += each.number
                continue
            seconds += sum(max(0.0, hands.seconds - took) for took in each.seconds)
            sources[hands.source] += each.number
    return GaveBack(seconds, sum(sources.values()), tuple(sorted(sources.items())), unknown)
