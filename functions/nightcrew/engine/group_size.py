"""How many members a group has: what policy gives a part of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nightcrew.aws.calls import Call, calls
from nightcrew.aws.cloud import Cloud

autoscaling, ecs, rds = calls("autoscaling"), calls("ecs"), calls("rds")

PERMISSIONS = ("autoscaling:DescribeAutoScalingGroups", "ecs:DescribeClusters", "rds:DescribeDBClusters")
"""With Nightcrew's own rights: the runbook need not know that somebody counts."""


@dataclass(frozen=True)
class _Counted:
    """The call that shows a group of this kind by its name, and the sizes in its answer."""

    call: Callable[[str], Call]
    sizes: Callable[[Any], list[int]]


_KINDS: Mapping[str, _Counted] = {
    "autoscaling:autoScalingGroup:*:autoScalingGroupName/": _Counted(
        lambda name: autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name]),
        lambda answer: [len(each.get("Instances", ())) for each in answer["AutoScalingGroups"]],
    ),
    "ecs:cluster/": _Counted(
        lambda name: ecs.describe_clusters(clusters=[name]),
        lambda answer: [int(each.get("activeServicesCount", 0)) for each in answer["clusters"]],
    ),
    "rds:cluster:": _Counted(
        lambda name: rds.describe_db_clusters(DBClusterIdentifier=name),
        lambda answer: [len(each.get("DBClusterMembers", ())) for each in answer["DBClusters"]],
    ),
}


def size_of(path: str, cloud: Cloud) -> int | None:
    """The size of the group of this path (``ecs:cluster/prod``); None where it cannot be told, and for other kinds.

    Raises CallFailed.
    """
    for start, kind in _KINDS.items():
        if path.startswith(start):
            sizes = kind.sizes(cloud.read(kind.call(path.removeprefix(start))).value)
            return sizes[0] if sizes else None
    return None
