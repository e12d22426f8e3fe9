"""The report: what scale-out keeps rescuing and would be wanted for good, and what is close to its quota."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from nightcrew.aws.cloud import Cloud
from nightcrew.clock import stamp
from nightcrew.knowledge.capacity import needs as of_needs
from nightcrew.knowledge.capacity import quotas as of_quotas
from nightcrew.knowledge.capacity.lacking import Lacking
from nightcrew.knowledge.capacity.needs import Need, needs
from nightcrew.knowledge.capacity.rescued import rescued
from nightcrew.knowledge.capacity.usage import CLOSE, Usage, usage
from nightcrew.knowledge.capacity.wanted import TARGET
from nightcrew.knowledge.statistics.day import Day
from nightcrew.knowledge.statistics.recounting import midnight

PERMISSIONS = tuple(dict.fromkeys((*of_needs.PERMISSIONS, *of_quotas.PERMISSIONS)))
"""All of them read."""

SPAN = timedelta(days=28)
"""Four whole weeks: each weekday counts alike."""

RESCUES = 3
"""Twice may be chance."""

NO_LEDGER = "there is no ledger here that says what was scaled out: name one with --stack"


@dataclass(frozen=True)
class Terms:
    """What counts: so many ``rescues`` in the span, a size that is right at ``target`` percent of CPU, and a quota that
    is ``close`` at so many percent.
    """

    rescues: int = RESCUES
    target: float = TARGET
    close: float = CLOSE


@dataclass(frozen=True)
class Capacity:
    """What was scaled out from the day ``since`` to the day ``until``, both included; figures go up to ``now``.
    ``unknown`` says what could not be read, and why.
    """

    since: date
    until: date
    now: datetime
    terms: Terms
    needs: tuple[Need, ...]
    usage: Usage
    unknown: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """How many days it is about."""
        return (self.until - self.since).days + 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON: version 1."""
        terms = {"rescues": self.terms.rescues, "cpu": self.terms.target, "close": self.terms.close}
        return {
            "version": 1,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "at": stamp(self.now),
            "terms": terms,
            "rescued": [each.to_dict() for each in self.needs],
            "quotas": self.usage.to_dict(),
            "unknown": list(self.unknown),
        }


def capacity(
    cloud: Cloud,
    days: Iterable[Day] | None,
    span: tuple[date, date],
    now: datetime,
    *,
    families: Mapping[str, str],
    permissions: Iterable[str],
    terms: Terms | None = None,
) -> Capacity:
    """Of the ledger's ``days`` (None where there is no ledger), which are those of the ``span``, and of the account and
    Region that ``cloud`` reads.

    ``families`` and ``permissions`` are those of the catalog's runbooks. What AWS refuses, or does not answer, is told
    as unknown. Raises what botocore raises where it cannot even ask.
    """
    terms, lacking = terms or Terms(), Lacking()
    if days is None:
        lacking.said("what scale-out rescued", NO_LEDGER)
    counts = [count for day in days or () for count in day.counts]
    often = rescued(counts, families, terms.rescues)
    hour = now.replace(minute=0, second=0, microsecond=0)  # the one that is not over would count as a whole one
    needed = needs(cloud, often, midnight(span[0]), hour, lacking, terms.target) if often else []
    used = usage(cloud, permissions, now, lacking, terms.close)
    return Capacity(*span, now, terms, tuple(needed), used, tuple(lacking.lines()))
