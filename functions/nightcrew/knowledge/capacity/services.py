"""ECS services: their sizes, by Application Auto Scaling where it scales them, and their metrics.

Sources: Amazon ECS developer guide, "Amazon ECS CloudWatch metrics" (CPUUtilization of a service); CloudWatch user
guide, "Amazon ECS Container Insights metrics" (RunningTaskCount, only where a cluster has these switched on).
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from nightcrew.aws.application_autoscaling import scalable_targets
from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.aws.pages import pages, read
from nightcrew.knowledge.capacity.figures import Metric
from nightcrew.knowledge.capacity.group import HOUR, NOT_HERE, NOT_READ, Group, batches, is_beside
from nightcrew.knowledge.capacity.lacking import Lacking
from nightcrew.knowledge.capacity.wanted import Sizes

ecs, scaling = calls("ecs"), calls("application-autoscaling")

PERMISSIONS = ("ecs:DescribeServices", "application-autoscaling:DescribeScalableTargets")

AT_ONCE = 10
"""Services of one cluster in one request."""

TARGETS_AT_ONCE = 50

_DIMENSION = "ecs:service:DesiredCount"
_MARK = ":service/"
_PARTS = 2


def services(cloud: Cloud, resources: Iterable[str], lacking: Lacking) -> dict[str, Group | str]:
    """Of these ARNs those that are ECS services: each, or why its sizes are not known."""
    found: dict[str, Group | str] = {}
    desired: dict[str, int] = {}
    for cluster, named in _by_cluster(resources).items():
        for some in batches(list(named.items()), AT_ONCE):
            asked = dict(some)
            found |= dict.fromkeys(asked, NOT_READ)
            there = lacking.tried("sizes of services", partial(_desired, cloud, cluster, asked), None)
            if there is not None:
                found |= dict.fromkeys(asked, NOT_HERE)
                desired |= there
    for batch in batches(list(desired.items()), TARGETS_AT_ONCE):
        nothing: dict[str, Group | str] = dict.fromkeys(dict(batch), NOT_READ)
        found |= lacking.tried("what scales services", partial(_scaled, cloud, dict(batch)), nothing)
    return found


def _by_cluster(resources: Iterable[str]) -> dict[str, dict[str, str]]:
    """Cluster → ARN → the service's name."""
    found: dict[str, dict[str, str]] = {}
    for arn in resources:
        parts = arn.partition(_MARK)[2].split("/")
        if ":ecs:" in arn and len(parts) == _PARTS:
            found.setdefault(parts[0], {})[arn] = parts[1]
    return found


def _desired(cloud: Cloud, cluster: str, named: Mapping[str, str]) -> dict[str, int]:
    """How many tasks are desired now, of those that are there."""
    try:
        told = read(cloud, ecs.describe_services(cluster=cluster, services=sorted(set(named.values()))))
    except CallFailed as failed:
        if failed.kind == "missing":
            return {}
        raise
    there = {str(each["serviceName"]): each for each in told["services"] if each.get("status") != "INACTIVE"}
    return {
        arn: int(there[name]["desiredCount"])
        for arn, name in named.items()
        if name in there and is_beside(str(there[name]["serviceArn"]), arn)
    }


def _scaled(cloud: Cloud, desired: Mapping[str, int]) -> dict[str, Group | str]:
    ids = {arn: "service/" + arn.partition(_MARK)[2] for arn in desired}
    call = scaling.describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=sorted(ids.values()), ScalableDimension=_DIMENSION
    )
    targets = {each["resource"]: each for page in pages(cloud, call) for each in scalable_targets(page)}
    return {arn: _service(ids[arn], count, targets.get(ids[arn])) for arn, count in desired.items()}


def _service(path: str, desired: int, target: Mapping[str, Any] | None) -> Group:
    _, cluster, name = path.split("/")
    about = (("ClusterName", cluster), ("ServiceName", name))
    return Group(
        "task",
        Sizes(int(target["min"]), int(target["max"]), desired) if target else Sizes(None, None, desired),
        Metric("ECS/ContainerInsights", "RunningTaskCount", about, "Average", HOUR),
        Metric("AWS/ECS", "CPUUtilization", about, "Average", HOUR),
        fixed=desired,
    )
