"""Service quotas whose usage CloudWatch knows, of the services that runbooks use.

Source: Service Quotas API reference (ListServiceQuotas lists applied values, and leaves out quotas that have none;
ListAWSDefaultServiceQuotas lists what holds without one; ListRequestedServiceQuotaChangeHistory).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

from nightcrew.aws.calls import Call, calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.aws.pages import pages
from nightcrew.knowledge.capacity.figures import Metric
from nightcrew.knowledge.capacity.lacking import Lacking

service_quotas = calls("service-quotas")

PERMISSIONS = (
    "servicequotas:ListServiceQuotas",
    "servicequotas:ListAWSDefaultServiceQuotas",
    "servicequotas:ListRequestedServiceQuotaChangeHistory",
)

_CODES = {"cloudwatch": ("monitoring",), "ec2": ("ec2", "ebs", "vpc"), "ecs": ("ecs", "fargate")}
"""Service codes of Service Quotas by the prefix of IAM actions, where they are not the same (Service Quotas user guide,
"Amazon CloudWatch metrics and Service Quotas"; ``aws service-quotas list-services``).
"""

_NONE = frozenset({"servicequotas", "tag"})
"""Prefixes that have no service of their own."""

_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600}

HOUR, FIVE_MINUTES = 3600, 300

_OPEN = ("PENDING", "CASE_OPENED")


@dataclass(frozen=True)
class Quota:
    """``value`` is what holds; ``default`` what would hold without an applied one, where that is known. ``per`` are the
    seconds in which so much may be done; None of what may be there at one time.
    """

    service: str
    code: str
    name: str
    value: float
    default: float | None
    adjustable: bool
    metric: Metric
    per: int | None = None

    def used(self, figure: float) -> float:
        """How much of it a figure of its metric is: calls counted over minutes are calls a second."""
        return figure if self.per is None else figure * self.per / self.metric.period


def codes(permissions: Iterable[str]) -> list[str]:
    """The services that these IAM actions are of, as Service Quotas calls them."""
    prefixes = {action.partition(":")[0] for action in permissions} - _NONE
    return sorted({code for prefix in prefixes for code in _CODES.get(prefix, (prefix,))})


def quotas(cloud: Cloud, services: Iterable[str], lacking: Lacking) -> list[Quota]:
    """Those that have a metric of their usage. Two listings for each service; a service that has no quotas, or that
    Service Quotas does not know, has none. Where nobody answers at all, no other service is asked for.
    """
    found: list[Quota] = []
    before = lacking.lost
    for service in services:
        default = _by_code(cloud, service, service_quotas.list_aws_default_service_quotas, lacking)
        applied = {} if lacking.lost > before else _by_code(cloud, service, service_quotas.list_service_quotas, lacking)
        for code in sorted({**default, **applied}):
            made = _quota(service, code, default.get(code, {}), applied.get(code, {}))
            found += [made] if made else []
        if lacking.lost > before:
            lacking.said("all other quotas", f"Service Quotas was asked for none after {service}")
            break
    return found


def requested(cloud: Cloud, lacking: Lacking) -> dict[tuple[str, str], float] | None:
    """The values that somebody asked for and that AWS has not decided on, by service and quota; None where that cannot
    be read.
    """
    found: dict[tuple[str, str], float] = {}
    for status in _OPEN:
        call = service_quotas.list_requested_service_quota_change_history(Status=status, MaxResults=100)
        told = lacking.tried("requested increases", partial(_all, cloud, call, "RequestedQuotas"), None)
        if told is None:
            return None
        found |= {(str(each["ServiceCode"]), str(each["QuotaCode"])): float(each["DesiredValue"]) for each in told}
    return found


def _by_code(
    cloud: Cloud, service: str, listing: Callable[..., Call], lacking: Lacking
) -> dict[str, Mapping[str, Any]]:
    call = listing(ServiceCode=service, MaxResults=100)
    nothing: list[Mapping[str, Any]] = []
    told = lacking.tried(f"quotas of {service}", partial(_all, cloud, call, "Quotas"), nothing)
    return {str(each["QuotaCode"]): each for each in told}


def _all(cloud: Cloud, call: Call, member: str) -> list[Mapping[str, Any]]:
    try:
        return [each for page in pages(cloud, call) for each in page.get(member, [])]
    except CallFailed as failed:
        if failed.kind == "missing":
            return []
        raise


def _quota(service: str, code: str, default: Mapping[str, Any], applied: Mapping[str, Any]) -> Quota | None:
    told = {**default, **applied}
    usage = told.get("UsageMetric") or {}
    if not usage.get("MetricName") or not told.get("Value"):
        return None
    stat = str(usage.get("MetricStatisticRecommendation") or "Maximum")
    per = _per(told.get("Period") or {}) if stat == "Sum" else None
    if stat == "Sum" and per is None:
        return None  # a count over nobody knows how long says nothing
    return Quota(
        service=service,
        code=code,
        name=str(told.get("QuotaName", code)),
        value=float(told["Value"]),
        default=float(default["Value"]) if default.get("Value") is not None else None,
        adjustable=bool(told.get("Adjustable")),
        metric=Metric(
            str(usage.get("MetricNamespace") or "AWS/Usage"),
            str(usage["MetricName"]),
            tuple(sorted((str(name), str(value)) for name, value in (usage.get("MetricDimensions") or {}).items())),
            stat,
            HOUR if per is None else max(FIVE_MINUTES, ceil(per / 60) * 60),
        ),
        per=per,
    )


def _per(period: Mapping[str, Any]) -> int | None:
    """In seconds, where that is an hour at most: longer ones are not seen in the figures of a day."""
    seconds = _SECONDS.get(str(period.get("PeriodUnit")), 0) * int(period.get("PeriodValue") or 0)
    return seconds if 0 < seconds <= HOUR else None
