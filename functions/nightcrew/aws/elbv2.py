"""Load balancers' target groups: how healthy their targets are.

States: Elastic Load Balancing API reference, TargetHealth.
"""

from collections import Counter
from typing import Any


def target_health(answer: Any) -> dict[str, int]:
    """How many targets are in which state: ``{"healthy": 4, "initial": 1}``, from a DescribeTargetHealth answer."""
    return dict(sorted(Counter(each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]).items()))


def in_use(health: dict[str, int]) -> bool:
    """Whether a load balancer asks these targets at all: the targets of a group that no listener uses are "unused"."""
    return not set(health) <= {"unused"}


def target_group_name(arn: str) -> str:
    """``arn:…:targetgroup/checkout/73e2d6bc24d8a067`` → ``checkout``."""
    return arn.split("/")[1]
