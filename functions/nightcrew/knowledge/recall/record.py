"""How often each runbook helped, and how fast: its record, over the cases that one is about."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from nightcrew.knowledge.recall.similarity import Case
from nightcrew.ledger.cases import HELPED

TRIED = (*HELPED, "ineffective", "worse", "failed")
"""The outcomes that say whether a runbook helps: one that was cancelled, or found nothing to do, tells nothing."""

Z = 1.959964
"""The standard normal quantile for 95 %, both sides."""


@dataclass(frozen=True)
class Record:
    """A runbook's record: how often it was tried, how often it helped, and how long that took (the median).

    ``lower`` is the Wilson lower bound of its success, 95 %: 1 of 1 counts for less than 9 of 10.
    """

    runbook: str
    tried: int
    cured: int
    lower: float
    median: timedelta | None

    @property
    def rate(self) -> float:
        """The part that helped."""
        return self.cured / self.tried if self.tried else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As JSON; the median in seconds."""
        seconds = self.median.total_seconds() if self.median is not None else None
        return {
            "runbook": self.runbook,
            "tried": self.tried,
            "cured": self.cured,
            "lower": round(self.lower, 3),
            "median": seconds,
        }


def records(cases: Iterable[Case]) -> tuple[Record, ...]:
    """The record of each runbook that was tried in these cases, best first."""
    by_runbook: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.outcome in TRIED:
            by_runbook[case.runbook].append(case)
    made = [_record(runbook, tried) for runbook, tried in by_runbook.items()]
    return tuple(sorted(made, key=lambda each: (-each.lower, -each.tried, each.runbook)))


def wilson_lower(good: int, tried: int) -> float:
    """The lower bound of a proportion's 95 % interval; 0 where nothing was tried (source: E. B. Wilson, "Probable
    inference, the law of succession, and statistical inference", Journal of the American Statistical Association 22,
    1927).
    """
    if tried <= 0:
        return 0.0
    rate, square = good / tried, Z * Z
    middle = rate + square / (2 * tried)
    spread = Z * math.sqrt((rate * (1 - rate) + square / (4 * tried)) / tried)
    return max((middle - spread) / (1 + square / tried), 0.0)


def _record(runbook: str, tried: list[Case]) -> Record:
    good = [case for case in tried if case.outcome in HELPED]
    took = [case.took.total_seconds() for case in good if case.took is not None]
    middle = timedelta(seconds=round(median(took), 3)) if took else None
    return Record(runbook, len(tried), len(good), wilson_lower(len(good), len(tried)), middle)
