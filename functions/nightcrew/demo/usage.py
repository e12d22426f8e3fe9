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
            return lambda at: _serving(place, about["AutoScalingGroupName"], at)
        case "AWS/EC2", "CPUUtilization", ["AutoScalingGroupName"]:
            return lambda at: _cpu(at) if _serving(place, about["AutoScalingGroupName"], at) else None
        case "AWS/Usage", "ResourceCount", ["Class", "Resource", "Service", "Type"] if about["Resource"] == "vCPU":
            return lambda at: _vcpus(place, about["Class"], at)
    return None


def _serving(place: tuple[str, str], name: str, at: datetime) -> float | None:
    """How many of those that are in service were there at that time; None before the first."""
    group = autoscaling_backends[place[0]][place[1]].autoscaling_groups.get(name)
    there = [each for each in (group.active_instances() if group else ()) if _launched(each.instance) <= at]
    return float(len(there)) or None


def _cpu(at: datetime) -> float:
    return NIGHT if at.hour < _OPENS else DAY if at.hour < _CLOSES else EVENING


def _vcpus(place: tuple[str, str], kind: str, at: datetime) -> float | None:
    running = ec2_backends[place[0]][place[1]].all_running_instances()
    types = [str(each.instance_type) for each in running if _launched(each) <= at]
    same = [each for each in types if (quota := quota_of([each])) is not None and quota.kind == kind]
    return float(sum(INSTANCE_TYPES[each]["VCpuInfo"]["DefaultVCpus"] for each in same)) or None


def _launched(instance: Any) -> datetime:
    at: datetime = instance.launch_time
    return at if at.tzinfo else at.replace(tzinfo=UTC)
