"""How close an account is to its quotas: the highest usage of a day, against what holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from nightcrew.aws.cloud import Cloud
from nightcrew.knowledge.capacity import figures
from nightcrew.knowledge.capacity.lacking import Lacking
from nightcrew.knowledge.capacity.quotas import Quota, codes, quotas, requested

LATELY = timedelta(days=1)
"""How far back is looked: an hour at night may be the highest one."""

CLOSE = 80
"""Percent: what AWS's own checks warn at (Trusted Advisor, service limits)."""


@dataclass(frozen=True)
class Used:
    """A quota with its highest usage, and when that was. ``requested`` is what AWS was asked for and has not decided
    on; without ``certain`` that could not be read.
    """

    quota: Quota
    used: float
    at: str
    requested: float | None = None
    certain: bool = True

    @property
    def percent(self) -> float:
        """How much of it is used: above 100 where AWS let more through."""
        return 100 * self.used / self.quota.value

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "service": self.quota.service,
            "quota": self.quota.code,
            "name": self.quota.name,
            "value": self.quota.value,
            "default": self.quota.default,
            "adjustable": self.quota.adjustable,
            "per_seconds": self.quota.per,
            "used": round(self.used, 3),
            "percent": round(self.percent, 1),
            "at": self.at,
            "requested": self.requested,
        }


@dataclass(frozen=True)
class Usage:
    """``close`` are the quotas that are close, the closest first; of so many that have a metric (``metered``), so many
    had figures (``measured``).
    """

    close: tuple[Used, ...] = ()
    metered: int = 0
    measured: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "close": [each.to_dict() for each in self.close],
            "metered": self.metered,
            "measured": self.measured,
        }


def usage(cloud: Cloud, permissions: Iterable[str], now: datetime, lacking: Lacking, close: float = CLOSE) -> Usage:
    """Of the services that these IAM actions are of. Requests for more are looked up only where something is close."""
    known = quotas(cloud, codes(permissions), lacking)
    metrics = [each.metric for each in known]
    points = lacking.tried("usage of quotas", lambda: figures.figures(cloud, metrics, now - LATELY, now), None)
    told = [_used(each, points[each.metric]) for each in known if points and points[each.metric]]
    near = sorted((each for each in told if each.percent >= close), key=lambda each: (-each.percent, each.quota.name))
    asked = requested(cloud, lacking) if near else {}
    return Usage(tuple(_with(each, asked) for each in near), len(known), len(told))


def _used(quota: Quota, points: Mapping[str, float]) -> Used:
    at = max(points, key=lambda each: (points[each], each))
    return Used(quota, quota.used(points[at]), at)


def _with(each: Used, asked: Mapping[tuple[str, str], float] | None) -> Used:
    if asked is None:
        return replace(each, certain=False)
    return replace(each, requested=asked.get((each.quota.service, each.quota.code)))
