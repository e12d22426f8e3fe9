"""Load balancers' target groups: how healthy their targets are.

States: Elastic Load Balancing API reference, TargetHealth.
"""

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

_ASKED = frozenset({"healthy", "unhealthy", "initial"})
"""The states of a target that a load balancer asks and sends to: not draining, unused or unavailable."""


def target_health(answer: Any) -> dict[str, int]:
    """How many targets are in which state: ``{"healthy": 4, "initial": 1}``, from a DescribeTargetHealth answer."""
    return dict(sorted(Counter(each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]).items()))


def in_use(health: dict[str, int]) -> bool:
    """Whether a load balancer asks these targets at all: the targets of a group that no listener uses are "unused"."""
    return not set(health) <= {"unused"}


def none_is_unhealthy(health: dict[str, int]) -> bool:
    """Whether some target is healthy, and each that is not is on its way out; from what ``target_health`` counted."""
    return bool(health.get("healthy")) and set(health) <= {"healthy", "draining", "unused"}


def target_group_name(arn: str) -> str:
    """``arn:…:targetgroup/checkout/73e2d6bc24d8a067`` → ``checkout``."""
    return arn.split("/")[1]


def target_groups_in(vpc: str | None) -> Callable[[Any], dict[str, Any]]:
    """For a page of DescribeTargetGroups: ``{"arns": […], "more": marker}``; ``more`` is None on the last page.

    Only those of instances in that VPC which a load balancer uses: AWS has no call from a target to its groups.
    """

    def page(answer: Any) -> dict[str, Any]:
        arns = [
            str(each["TargetGroupArn"])
            for each in answer["TargetGroups"]
            if each.get("TargetType") == "instance" and each.get("VpcId") == vpc and each.get("LoadBalancerArns")
        ]
        return {"arns": sorted(arns), "more": answer.get("NextMarker") or None}

    return page


def standing_of(instance: str) -> Callable[[Any], dict[str, Any]]:
    """For a DescribeTargetHealth answer: ``{"states": ["healthy"], "others": 3}``.

    ``states`` are the instance's own, one for each port by which it is registered, none where it is not; ``others`` is
    how many other targets are healthy.
    """

    def standing(answer: Any) -> dict[str, Any]:
        listed = [(each["Target"]["Id"], each["TargetHealth"]["State"]) for each in answer["TargetHealthDescriptions"]]
        return {
            "states": sorted(str(state) for target, state in listed if target == instance),
            "others": len({target for target, state in listed if target != instance and state == "healthy"}),
        }

    return standing


def is_asked(standing: dict[str, Any]) -> bool:
    """Whether a load balancer asks the instance how it is: not one that is draining, unused, or not registered."""
    return bool(_ASKED & set(standing["states"]))


def is_healthy(standing: dict[str, Any]) -> bool:
    """Whether the instance is a healthy target by each of its ports."""
    return set(standing["states"]) == {"healthy"}


def is_the_last(standing: dict[str, Any]) -> bool:
    """Whether nothing healthy is left in the target group without the instance."""
    return "healthy" in standing["states"] and not standing["others"]


def healthy_among(instances: Collection[str]) -> Callable[[Any], list[str]]:
    """For a DescribeTargetHealth answer: which of these instances are healthy by each of their ports, sorted."""

    def healthy(answer: Any) -> list[str]:
        return sorted(each for each in instances if is_healthy(standing_of(each)(answer)))

    return healthy
