"""What scale-out keeps rescuing: resources that got more of something again and again, from the ledger's days."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nightcrew.knowledge.statistics.day import Count
from nightcrew.ledger.cases import HELPED

SCALES = "scale-out"
_PUTS_BACK = ("put-back-", "remove-", "merge-")
"""How runbooks begin that take away again what a scale-out gave."""


@dataclass(frozen=True)
class Rescued:
    """A resource that was scaled out so many ``times``, and how often that was ``put_back``."""

    resource: str
    times: int
    put_back: int = 0


def rescued(counts: Iterable[Count], families: Mapping[str, str], at_least: int) -> list[Rescued]:
    """Those that runs of the family scale-out helped so often, the most often first. ``families`` are the catalog's
    runbooks, for what the ledger's older entries do not say.
    """
    given: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for each in counts:
        if each.outcome in HELPED and (each.family or families.get(each.runbook)) == SCALES and each.resource:
            (taken if each.runbook.startswith(_PUTS_BACK) else given)[each.resource] += each.number
    often = sorted(given.items(), key=lambda one: (-one[1], one[0]))
    return [Rescued(resource, times, taken[resource]) for resource, times in often if times >= at_least]
