"""The fleet's CloudWatch: an alarm is OK when what it watches is well, and stays in ALARM while it is not.

It looks once a minute of the demo's clock, at the fleet as anybody would see it. Nothing tells it what a runbook did.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from nightcrew.aws.cloud import READING
from nightcrew.clock import Clock, SkippingClock
from nightcrew.demo.estate import Estate
from nightcrew.demo.events import Event
from nightcrew.demo.objectives import ObjectiveBackend, objective_backends
from nightcrew.signals import Signal

Figure = Callable[[], float]
"""What the metric would say now."""


class FleetClock(SkippingClock):
    """A clock that skips, and lets the world turn meanwhile: ``each_minute`` is called once for each that passes."""

    def __init__(self) -> None:
        super().__init__()
        self.each_minute: Callable[[], None] = _nothing
        self._minute = self.now().replace(second=0, microsecond=0)
        self._turning = False

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        minute = self.now().replace(second=0, microsecond=0)
        if minute > self._minute and not self._turning:
            self._minute, self._turning = minute, True
            try:
                self.each_minute()
            finally:
                self._turning = False


@dataclass(frozen=True)
class _Trouble:
    """Why an alarm is in ALARM: the figure that it watches, on the wrong side of its threshold."""

    event: Event
    signal: Signal
    threshold: float
    figure: Figure

    @property
    def over(self) -> bool:
        figure = self.figure()
        return figure < self.threshold if self.signal.direction == "low" else figure >= self.threshold

    def ended(self, now: datetime) -> str:
        """Why it is OK, as CloudWatch puts it."""
        side = "less" if self.signal.direction == "low" else "greater"
        point = f"{round(self.figure(), 2)} ({now:%d/%m/%y %H:%M:00})"
        return f"Threshold Crossed: 1 datapoint [{point}] was not {side} than the threshold ({self.threshold})."


class Alarms:
    """The alarms of the events that were played."""

    def __init__(self, estate: Estate, clock: Clock, deliver: Callable[[Event], object]) -> None:
        self._estate = estate
        self._clock = clock
        self._deliver = deliver
        self._troubles: dict[str, _Trouble] = {}

    def sound(self, event: Event, signal: Signal, resource: str) -> None:
        """The event's alarm goes off, about this resource (its ARN): from now on the resource is ill."""
        threshold, worst = _figures(event, signal)
        figure = _ILLNESSES.get(resource.split(":")[2], _lasting)(self._estate, resource, worst)
        self._troubles[signal.alarm] = _Trouble(event, signal, threshold, figure)
        client = self._client(signal)
        metric = signal.metrics[0] if signal.metrics else None
        client.put_metric_alarm(
            AlarmName=signal.name,
            AlarmDescription=str(event["detail"].get("configuration", {}).get("description", "")),
            Namespace=metric.namespace if metric else "Demo",
            MetricName=metric.name if metric else "Unknown",
            Dimensions=[
                {"Name": name, "Value": value} for name, value in (metric.dimensions if metric else {}).items()
            ],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=1,
            Threshold=threshold,
            ComparisonOperator="LessThanThreshold" if signal.direction == "low" else "GreaterThanOrEqualToThreshold",
        )
        client.set_alarm_state(AlarmName=signal.name, StateValue="ALARM", StateReason=signal.reason[:1000])
        _objectives(signal).began(signal.name, self._clock.now())

    def look(self) -> None:
        """Whatever is well again turns OK."""
        now = self._clock.now()
        for alarm, trouble in list(self._troubles.items()):
            try:
                if trouble.over:
                    continue
            except (ClientError, LookupError):
                continue  # no datapoint: the alarm keeps its state
            words = trouble.ended(now)
            self._client(trouble.signal).set_alarm_state(
                AlarmName=trouble.signal.name, StateValue="OK", StateReason=words
            )
            _objectives(trouble.signal).ended(trouble.signal.name, now)
            del self._troubles[alarm]
            self._deliver(_turned_ok(trouble.event, now, words))

    @property
    def sounding(self) -> list[str]:
        """The names of those that are in ALARM."""
        return sorted(trouble.signal.name for trouble in self._troubles.values())

    def _client(self, signal: Signal) -> Any:
        return self._estate.plain(signal.alarm)("cloudwatch", READING)


def _objectives(signal: Signal) -> ObjectiveBackend:
    """Those that suffer while the alarm sounds."""
    return objective_backends[signal.account][signal.region]


def _turned_ok(event: Event, now: datetime, words: str) -> Event:
    """The event that CloudWatch sends when the alarm of this one turns OK."""
    at = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}+0000"
    later: Event = json.loads(json.dumps(event))
    detail = later["detail"]
    detail["previousState"] = detail["state"]
    detail["state"] = {"value": "OK", "reason": words, "timestamp": at}
    return {**later, "id": f"{later['id'][:-2]}0k", "time": f"{now:%Y-%m-%dT%H:%M:%SZ}"}


def _figures(event: Event, signal: Signal) -> tuple[float, float]:
    """The alarm's threshold and the last figure, as the event tells them; 1 and 1 where it does not."""
    state = event["detail"]["state"]
    found = re.search(r"threshold \((-?[\d.]+)\)", signal.reason)
    threshold = float(found[1]) if found else 1.0
    try:
        points = json.loads(state.get("reasonData", "{}")).get("recentDatapoints") or [threshold]
        worst = float(points[-1])
    except (ValueError, TypeError, AttributeError):
        worst = threshold
    return threshold, worst


def _instance(estate: Estate, resource: str, worst: float) -> Figure:
    """Its status check fails until it was launched anew and its checks pass: the fault is in the hardware beneath."""
    ec2 = estate.slow(resource)("ec2", READING)
    which = [resource.rsplit("/", 1)[-1]]

    def launched() -> datetime:
        found: datetime = ec2.describe_instances(InstanceIds=which)["Reservations"][0]["Instances"][0]["LaunchTime"]
        return found

    before = launched()

    def figure() -> float:
        if launched() == before:
            return worst
        statuses = ec2.describe_instance_status(InstanceIds=which)["InstanceStatuses"]
        return 0.0 if statuses and statuses[0]["InstanceStatus"]["Status"] == "ok" else worst

    return figure


def _group(estate: Estate, resource: str, worst: float) -> Figure:
    """The same work, shared by those that are in service."""
    autoscaling = estate.slow(resource)("autoscaling", READING)
    which = [resource.rsplit("/", 1)[-1]]

    def serving() -> int:
        group = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=which)["AutoScalingGroups"][0]
        return sum(each["LifecycleState"] == "InService" for each in group["Instances"])

    work = worst * serving()
    return lambda: min(work / max(serving(), 1), 100.0)


def _cluster(estate: Estate, resource: str, worst: float) -> Figure:
    """Commits are slow while the instance writes that wrote when it began: its host is what is slow."""
    rds = estate.slow(resource)("rds", READING)

    def writer() -> str:
        cluster = rds.describe_db_clusters(DBClusterIdentifier=resource.rsplit(":", 1)[-1])["DBClusters"][0]
        return next(str(m["DBInstanceIdentifier"]) for m in cluster["DBClusterMembers"] if m["IsClusterWriter"])

    before = writer()
    return lambda: worst if writer() == before else worst / 100


def _lasting(estate: Estate, resource: str, worst: float) -> Figure:
    """Nothing that is changed about the resource itself makes it well."""
    del estate, resource
    return lambda: worst


_ILLNESSES: dict[str, Callable[[Estate, str, float], Figure]] = {
    "ec2": _instance,
    "autoscaling": _group,
    "rds": _cluster,
}


def _nothing() -> None:
    """Nobody waits for the minutes."""
