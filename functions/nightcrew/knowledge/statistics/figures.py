"""The figures of runs that have something in common: outcomes, times, and the toil that they saved.

Toil saved = for each run that helped, how long people have such an alarm (the median)
           - how long the runs lasted that were tried and did not help
           - how long people took to answer what runs asked.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from statistics import median
from typing import Any

from nightcrew.knowledge.recall.record import TRIED
from nightcrew.knowledge.statistics.day import Count
from nightcrew.knowledge.statistics.people import SOURCES, Hands, People
from nightcrew.ledger.cases import HELPED


@dataclass(frozen=True)
class Saved:
    """Seconds: people's, had they had the alarms (``hands``); lost by runs that did not help; spent on questions.

    ``unknown`` is how many runs helped of which nobody knows what people would have taken: they count nothing.
    """

    hands: float = 0.0
    lost: float = 0.0
    asked: float = 0.0
    unknown: int = 0

    @property
    def net(self) -> float:
        """Toil saved; below zero where runs cost more than they spared."""
        return self.hands - self.lost - self.asked

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        seconds = {f"{name}_seconds": rounded(getattr(self, name)) for name in ("hands", "lost", "asked")}
        return {**seconds, "unknown_runs": self.unknown}


@dataclass(frozen=True)
class Figures:
    """Runs that have something in common: ``name``. ``seconds`` are the times to remediate of those that
    helped, sorted; ``people`` has for each of these what people take, where that is known.

    ``refused`` counts refusals as the ledger has them: equal ones of a day are one. ``saved`` is None where there was
    nothing to save and nothing lost.
    """

    name: str
    outcomes: Mapping[str, int] = field(default_factory=dict)
    refused: int = 0
    seconds: tuple[float, ...] = ()
    people: tuple[Hands, ...] = ()
    saved: Saved | None = None

    @property
    def runs(self) -> int:
        """How many were carried out."""
        return sum(self.outcomes.values())

    @property
    def tried(self) -> int:
        """How many could have helped: not those that were cancelled, declined, or found nothing to do."""
        return sum(self.outcomes.get(name, 0) for name in TRIED)

    @property
    def helped(self) -> int:
        """How many were cured or succeeded."""
        return sum(self.outcomes.get(name, 0) for name in HELPED)

    @property
    def success(self) -> float | None:
        """The part of those tried that helped."""
        return self.helped / self.tried if self.tried else None

    @property
    def median(self) -> float | None:
        """Time to remediate, in seconds."""
        return median(self.seconds) if self.seconds else None

    @property
    def p90(self) -> float | None:
        """Nine of ten took no longer: one run's own time (nearest rank), in seconds."""
        return self.seconds[ceil(0.9 * len(self.seconds)) - 1] if self.seconds else None

    @property
    def people_median(self) -> float | None:
        """What these alarms last in people's hands, in seconds."""
        return median(each.seconds for each in self.people) if self.people else None

    @property
    def sources(self) -> dict[str, int]:
        """From where people's times are, and for how many runs."""
        found = Counter(each.source for each in self.people)
        return {source: found[source] for source in SOURCES if found[source]}

    def to_dict(self) -> dict[str, Any]:
        """As JSON; what is not known is null."""
        saved = self.saved
        return {
            "name": self.name,
            "runs": self.runs,
            "outcomes": dict(self.outcomes),
            "refused": self.refused,
            "tried": self.tried,
            "helped": self.helped,
            "success": rounded(self.success, 4),
            "median_seconds": rounded(self.median),
            "p90_seconds": rounded(self.p90),
            "people_median_seconds": rounded(self.people_median),
            "people_sources": self.sources,
            "saved_seconds": rounded(saved.net) if saved else None,
            "saved_of": saved.to_dict() if saved else None,
        }


def figures(name: str, counts: Iterable[Count], people: People) -> Figures:
    """Count what has something in common."""
    outcomes: Counter[str] = Counter()
    seconds: list[float] = []
    hands: list[Hands] = []
    lost = asked = 0.0
    unknown = refused = 0
    for each in counts:
        if each.outcome == "refused":
            refused += each.number
            continue
        outcomes[each.outcome] += each.number
        asked += sum(each.asked)
        if each.outcome in HELPED:
            seconds += each.seconds
            known = people.hands(each.symptom, each.runbook)
            hands += [known] * each.number if known else []
            unknown += 0 if known else each.number
        elif each.outcome in TRIED:
            lost += sum(each.seconds)
    helped = sum(one.seconds for one in hands)
    saved = Saved(helped, lost, asked, unknown) if hands or lost or asked else None
    return Figures(name, dict(outcomes), refused, tuple(sorted(seconds)), tuple(hands), saved)


def rounded(value: float | None, digits: int = 3) -> float | None:
    """For JSON: what is not known stays so."""
    return None if value is None else round(value, digits)
