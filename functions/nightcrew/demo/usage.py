"""What CloudWatch knows of an account that moto 5.2.5 does not: how many instances of a group serve, at which CPU, and
how many vCPUs run.

The first and the last are counted from moto's own instances. The CPU is a shop's day, the same each day: busy from
eight to nine, quiet at night. A figure that somebody put goes before.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.autoscaling.models import autoscaling_backends
from moto.cloudwatch.models import CloudWatchBackend
from moto.ec2.models import ec2_backends
from moto.ec2.models.instance_types import INSTANCE_TYPES

from nightcrew.aws.ec2_quotas import quota_of
from nightcrew.demo.completing import with_methods

NIGHT, DAY, EVENING = 30.0, 75.0, 50.0
"""Percent of CPU: until eight, until nine in the evening, until midnight (UTC)."""

_OPENS, _CLOSES = 8, 21

_Figure = Callable[[datetime], float | None]


@contextmanager
def whole_usage() -> Iterator[None]:
    """For as long as the block lasts, GetMetricData answers these metrics, too."""
    ordinary = CloudWatchBackend.get_metric_data

    def get_metric_data(
        self: CloudWatchBackend,
        queries: list[dict[str, Any]],
        start_time: datetime,
        end_time: datetime,
        scan_by: str = "TimestampAscending",
    ) -> list[dict[str, Any]]:
        results = ordinary(self, queries, start_time, end_time, scan_by)
        asked = {query["Id"]: query["MetricStat"] for query in queries if "MetricStat" in query}
        for result in results:
            stat = asked.get(result["id"])
            figure = _figure(self, stat["Metric"]) if stat and not result["values"] else None
            if stat and figure:
                points = list(_points(figure, start_time, end_time, timedelta(seconds=int(stat["Period"]))))
                points.sort(reverse=scan_by == "TimestampDescending")
                result["timestamps"], result["values"] = [at for at, _ in points], [value for _, value in points]
        return results

    with with_methods(CloudWatchBackend, {"get_metric_data": get_metric_data}):
        yield


def _points(figure: _Figure, begin: datetime, end: datetime, period: timedelta) -> Iterator[tuple[datetime, float]]:
    at = begin
    while at < end:
        value = figure(at if at.tzinfo else at.replace(tzinfo=UTC))
        if value is not None:
            yield at, value
        at += period


def _figure(backend: CloudWatchBackend, metric: Mapping[str, Any]) -> _Figure | None:
    about = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
    place = (backend.account_id, backend.region_name)
    match metric["Namespace"], metric["MetricName"], sorted(about):
        case "AWS/AutoScaling", "GroupInServiceInstances", ["AutoScalingGroupName"]:
            return _sum(_serving(place, about["AutoScalingGroupName"]))
        case "AWS/EC2", "CPUUtilization", ["AutoScalingGroupName"]:
            serving = _sum(_serving(place, about["AutoScalingGroupName"]))
            return lambda at: _cpu(at) if serving(at) else None
        case "AWS/Usage", "ResourceCount", ["Class", "Resource", "Service", "Type"] if about["Resource"] == "vCPU":
            return _sum(_vcpus(place, about["Class"]))
    return None


def _sum(since: list[tuple[datetime, int]]) -> _Figure:
    """What was there at a time, of amounts that are there since some time; None before the first."""
    return lambda at: float(sum(amount for began, amount in since if began <= at)) or None


def _serving(place: tuple[str, str], name: str) -> list[tuple[datetime, int]]:
    """One for each that is in service."""
    group = autoscaling_backends[place[0]][place[1]].autoscaling_groups.get(name)
    return [(_launched(each.instance), 1) for each in (group.active_instances() if group else ())]


def _cpu(at: datetime) -> float:
    return NIGHT if at.hour < _OPENS else DAY if at.hour < _CLOSES else EVENING


def _vcpus(place: tuple[str, str], kind: str) -> list[tuple[datetime, int]]:
    """The vCPUs of each that runs, and counts for that quota."""
    running = ec2_backends[place[0]][place[1]].all_running_instances()
    counts = {str(each.instance_type): 0 for each in running}
    for name in counts:
        quota = quota_of([name])
        if quota is not None and quota.kind == kind:
            counts[name] = int(INSTANCE_TYPES[name]["VCpuInfo"]["DefaultVCpus"])
    return [(_launched(each), counts[str(each.instance_type)]) for each in running]


def _launched(instance: Any) -> datetime:
    at: datetime = instance.launch_time
    return at if at.tzinfo else at.replace(tzinfo=UTC)
