"""Auto Scaling groups: their sizes and metrics.

Source: Amazon EC2 Auto Scaling user guide, "Amazon CloudWatch metrics": how many are in service is told only where a
group's own metrics are switched on, and costs nothing.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import Cloud
from nightcrew.aws.pages import pages
from nightcrew.knowledge.capacity.figures import Metric
from nightcrew.knowledge.capacity.group import HOUR, NOT_HERE, NOT_READ, Group, batches, is_beside
from nightcrew.knowledge.capacity.lacking import Lacking
from nightcrew.knowledge.capacity.wanted import Sizes

autoscaling = calls("autoscaling")

PERMISSIONS = ("autoscaling:DescribeAutoScalingGroups",)

AT_ONCE = 50
"""Names in one request."""

_MARK = "autoScalingGroupName/"


def auto_scaling_groups(cloud: Cloud, resources: Iterable[str], lacking: Lacking) -> dict[str, Group | str]:
    """Of these ARNs those that are Auto Scaling groups: each, or why its sizes are not known."""
    named = {arn: arn.partition(_MARK)[2] for arn in resources if ":autoscaling:" in arn and _MARK in arn}
    found: dict[str, Group | str] = {}
    for some in batches(list(named.items()), AT_ONCE):
        nothing: dict[str, Group | str] = dict.fromkeys(dict(some), NOT_READ)
        found |= lacking.tried("sizes of groups", partial(_read, cloud, dict(some)), nothing)
    return found


def _read(cloud: Cloud, named: Mapping[str, str]) -> dict[str, Group | str]:
    call = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=sorted(set(named.values())), MaxRecords=100)
    there = [each for page in pages(cloud, call) for each in page["AutoScalingGroups"]]
    by_name: dict[str, Mapping[str, Any]] = {str(each["AutoScalingGroupName"]): each for each in there}
    return {
        arn: _group(name, by_name[name])
        if name in by_name and is_beside(str(by_name[name]["AutoScalingGroupARN"]), arn)
        else NOT_HERE
        for arn, name in named.items()
    }


def _group(name: str, told: Mapping[str, Any]) -> Group:
    about = (("AutoScalingGroupName", name),)
    return Group(
        "instance",
        Sizes(int(told["MinSize"]), int(told["MaxSize"]), int(told["DesiredCapacity"])),
        Metric("AWS/AutoScaling", "GroupInServiceInstances", about, "Average", HOUR),
        Metric("AWS/EC2", "CPUUtilization", about, "Average", HOUR),
        remedy="switch its group metrics on, which costs nothing",
    )
