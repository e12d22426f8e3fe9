"""CloudWatch's figures of many metrics, in as few requests as it takes.

Source: CloudWatch API reference, GetMetricData: at most 500 metrics in a request, answered page by page; a metric's
points may be spread over several pages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import Cloud
from nightcrew.aws.pages import pages
from nightcrew.clock import stamp

cloudwatch = calls("cloudwatch")

PERMISSIONS = ("cloudwatch:GetMetricData",)

AT_ONCE = 500

_INCOMPLETE = ("InternalError", "Forbidden")
"""How a metric's points are marked that CloudWatch did not tell."""


@dataclass(frozen=True)
class Metric:
    """One metric of CloudWatch: ``stat`` of each ``period``, in seconds."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    stat: str
    period: int


Points = Mapping[str, float]
"""From the time at which a period begins to its figure."""


def figures(cloud: Cloud, asked: Iterable[Metric], begin: datetime, end: datetime) -> dict[Metric, Points]:
    """The points of each metric; none of those that CloudWatch has nothing of. Raises CallFailed, Unreachable."""
    every = list(dict.fromkeys(asked))
    found: dict[Metric, dict[str, float]] = {}
    for first in range(0, len(every), AT_ONCE):
        some = every[first : first + AT_ONCE]
        for result in _results(cloud, some, begin, end):
            points = found.setdefault(some[int(str(result["Id"]).removeprefix("m"))], {})
            if result.get("StatusCode") not in _INCOMPLETE:
                told = zip(result.get("Timestamps", ()), result.get("Values", ()), strict=True)
                points.update((str(at), float(value)) for at, value in told)
    return {metric: found.get(metric, {}) for metric in every}


def _results(cloud: Cloud, some: Sequence[Metric], begin: datetime, end: datetime) -> Iterable[Mapping[str, Any]]:
    call = cloudwatch.get_metric_data(
        MetricDataQueries=[_query(number, metric) for number, metric in enumerate(some)],
        StartTime=stamp(begin),
        EndTime=stamp(end),
        ScanBy="TimestampAscending",
    )
    for page in pages(cloud, call):
        yield from page.get("MetricDataResults", [])


def _query(number: int, metric: Metric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    about = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    stat = {"Metric": about, "Period": metric.period, "Stat": metric.stat}
    return {"Id": f"m{number}", "MetricStat": stat, "ReturnData": True}
