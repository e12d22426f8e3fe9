"""Application Auto Scaling: which capacities of a resource scale by themselves, between what, and how.

Source: Application Auto Scaling API reference (ScalableTarget, ScalingPolicy, ScheduledAction).
"""

from collections.abc import Callable
from typing import Any


def scalable_targets(answer: Any) -> list[dict[str, Any]]:
    """Of a DescribeScalableTargets answer: ``[{"resource", "dimension", "min", "max", "suspended"}]``.

    ``suspended`` is the suspended state where anything is suspended, and None otherwise.
    """
    return [
        {
            "resource": each["ResourceId"],
            "dimension": each["ScalableDimension"],
            "min": each["MinCapacity"],
            "max": each["MaxCapacity"],
            "suspended": each["SuspendedState"] if any((each.get("SuspendedState") or {}).values()) else None,
        }
        for each in answer["ScalableTargets"]
    ]


def only_capacity(answer: Any) -> dict[str, Any] | None:
    """The one scalable target of a DescribeScalableTargets answer, as ``scalable_targets`` gives it; None where nothing
    scales the resource.
    """
    found = scalable_targets(answer)
    return found[0] if found else None


def scaling_policies_of(resource: str) -> Callable[[Any], list[dict[str, Any]]]:
    """For a DescribeScalingPolicies answer: ``[{"name", "resource", "dimension", "tracking"}]`` of that resource.

    ``tracking`` is the configuration of a policy that tracks one of AWS's own metrics, and None for any other policy.
    """

    def policies(answer: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": each["PolicyName"],
                "resource": resource,
                "dimension": each["ScalableDimension"],
                "tracking": _predefined(each.get("TargetTrackingScalingPolicyConfiguration")),
            }
            for each in answer["ScalingPolicies"]
            if each["ResourceId"] == resource
        ]

    return policies


def scheduled_actions_of(resource: str) -> Callable[[Any], list[dict[str, Any]]]:
    """For a DescribeScheduledActions answer: ``[{"name", "resource", "dimension", "schedule", "zone", "action",
    "repeats"}]`` of that resource. ``repeats`` is false for what happens once, or between two times.
    """

    def actions(answer: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": each["ScheduledActionName"],
                "resource": resource,
                "dimension": each.get("ScalableDimension"),
                "schedule": each["Schedule"],
                "zone": each.get("Timezone"),
                "action": each.get("ScalableTargetAction"),
                "repeats": not each["Schedule"].startswith("at(")
                and not each.get("StartTime")
                and not each.get("EndTime"),
            }
            for each in answer["ScheduledActions"]
            if each["ResourceId"] == resource
        ]

    return actions


def _predefined(tracking: dict[str, Any] | None) -> dict[str, Any] | None:
    return tracking if tracking and "PredefinedMetricSpecification" in tracking else None
