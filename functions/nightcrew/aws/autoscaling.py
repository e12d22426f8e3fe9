"""Auto Scaling groups: how they are named, and what their answers say.

Sizes are in the group's own units: instances, unless its mixed instances policy weighs them. Lifecycle states: EC2 Auto
Scaling user guide, "Amazon EC2 Auto Scaling instance lifecycle".
"""

from collections.abc import Callable, Collection
from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls
from nightcrew.aws.tags import tags_of
from nightcrew.errors import Unknown

_autoscaling = calls("autoscaling")

REFRESHING = frozenset({"Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"})
"""The statuses of an instance refresh that is under way (API reference, InstanceRefresh)."""

_LAUNCHES = ("Launching", "Placing")
"""How the descriptions of activities that add an instance begin: "Launching a new EC2 instance", "Placing Spot …"."""


def only_group(answer: Any) -> dict[str, Any]:
    """The one group of a DescribeAutoScalingGroups answer, cut down to what a change of its size must know.

    ``{"min", "max", "desired", "serving", "instances", "zones", "deleting", "suspended", "target_groups"}``:
    ``serving`` is the capacity that is InService and healthy, in the group's units, and ``instances`` how many
    instances that is; ``suspended`` are processes, ``target_groups`` ARNs. Raises Unknown where there is none.
    """
    groups = answer["AutoScalingGroups"]
    if not groups:
        raise Unknown("there is no such Auto Scaling group")
    found = groups[0]
    serving = [each for each in found.get("Instances", []) if _serves(each)]
    return {
        "min": found["MinSize"],
        "max": found["MaxSize"],
        "desired": found["DesiredCapacity"],
        "serving": sum(_weight(each) for each in serving),
        "instances": len(serving),
        "zones": len(found.get("AvailabilityZones", [])),
        # A group has a status only while it is being deleted.
        "deleting": "Status" in found,
        "suspended": sorted(process["ProcessName"] for process in found.get("SuspendedProcesses", [])),
        "target_groups": sorted(found.get("TargetGroupARNs", [])),
    }


def instance_types(answer: Any) -> list[str]:
    """The types of the instances in the one group of a DescribeAutoScalingGroups answer, sorted, once each."""
    return sorted({str(each["InstanceType"]) for each in answer["AutoScalingGroups"][0].get("Instances", [])})


def only_member(answer: Any) -> dict[str, Any]:
    """The one instance of a DescribeAutoScalingInstances answer: ``{"group", "state", "healthy", "protected"}``.

    ``state`` is its lifecycle state, ``protected`` whether it is protected from scale-in. Raises Unknown where no group
    owns it.
    """
    members = answer["AutoScalingInstances"]
    if not members:
        raise Unknown("no Auto Scaling group owns the instance")
    found = members[0]
    return {
        "group": found["AutoScalingGroupName"],
        "state": found["LifecycleState"],
        "healthy": found["HealthStatus"].lower() == "healthy",
        "protected": bool(found["ProtectedFromScaleIn"]),
    }


def has_left(answer: Any) -> bool:
    """Whether an instance is on its way out of its group, or gone, from a DescribeAutoScalingInstances answer."""
    members = answer["AutoScalingInstances"]
    return not members or str(members[0]["LifecycleState"]).startswith("Terminat")


def mates_of(instance: str) -> Callable[[Any], dict[str, Any]]:
    """For a DescribeAutoScalingGroups answer: ``{"ids", "serving", "weight"}`` of the group's other instances.

    ``serving`` is the capacity of those that are InService and healthy, in the group's units; ``weight`` is what the
    instance itself counts.
    """

    def mates(answer: Any) -> dict[str, Any]:
        listed = members(answer)
        others = [each for each in listed if each["InstanceId"] != instance]
        own = [each for each in listed if each["InstanceId"] == instance]
        return {
            "ids": sorted(str(each["InstanceId"]) for each in others),
            "serving": sum(_weight(each) for each in others if _serves(each)),
            "weight": sum(_weight(each) for each in own),
        }

    return mates


def newcomers(before: Collection[str]) -> Callable[[Any], list[str]]:
    """For a DescribeAutoScalingGroups answer: who is InService and healthy now, and was not in the group before."""
    return lambda answer: sorted(
        str(each["InstanceId"]) for each in members(answer) if _serves(each) and each["InstanceId"] not in before
    )


def hook_seconds(answer: Any) -> dict[str, int]:
    """How long lifecycle hooks may hold an instance, from DescribeLifecycleHooks: ``{"launching", "terminating"}``.

    Seconds, of one heartbeat each: who sends more heartbeats holds it longer.
    """
    found = {"launching": 0, "terminating": 0}
    for hook in answer["LifecycleHooks"]:
        kind = "launching" if hook["LifecycleTransition"].endswith("LAUNCHING") else "terminating"
        found[kind] += int(hook.get("HeartbeatTimeout", 3600))
    return found


def members(answer: Any) -> list[Any]:
    """The instances of the one group of a DescribeAutoScalingGroups answer, as they are listed there."""
    groups = answer["AutoScalingGroups"]
    return list(groups[0].get("Instances", [])) if groups else []


def refreshing(answer: Any) -> bool:
    """Whether an instance refresh of the group is under way, from a DescribeInstanceRefreshes answer."""
    return any(refresh.get("Status") in REFRESHING for refresh in answer["InstanceRefreshes"])


def newest_activity(answer: Any) -> str | None:
    """The id of the newest scaling activity: a marker, since clocks differ. None where the group has had none."""
    listed = answer["Activities"]
    return str(listed[0]["ActivityId"]) if listed else None


def launches_after(answer: Any, marker: str | None) -> dict[str, Any]:
    """The launches among the activities newer than ``marker``: ``{"succeeded", "failed", "under_way", "why"}``.

    ``why`` is what the newest failed one says, like "We currently do not have sufficient t3.micro capacity …": it
    stands nowhere else; "none failed" where none did. Activities are listed newest first.
    """
    newer: list[Any] = []
    for activity in answer["Activities"]:
        if activity["ActivityId"] == marker:
            break
        if str(activity.get("Description", "")).startswith(_LAUNCHES):
            newer.append(activity)
    failed = [activity for activity in newer if activity["StatusCode"] in {"Failed", "Cancelled"}]
    succeeded = [activity for activity in newer if activity["StatusCode"] == "Successful"]
    said = [str(activity["StatusMessage"]) for activity in failed if activity.get("StatusMessage")]
    return {
        "succeeded": len(succeeded),
        "failed": len(failed),
        "under_way": len(newer) - len(succeeded) - len(failed),
        "why": said[0][:300] if said else "none says why" if failed else "none failed",
    }


def _weight(instance: Any) -> int:
    return int(instance.get("WeightedCapacity", 1))


def _serves(instance: Any) -> bool:
    # One API writes Healthy, another HEALTHY.
    return bool(
        instance["LifecycleState"] == "InService" and str(instance.get("HealthStatus", "")).lower() == "healthy"
    )


def _surroundings(answer: Any) -> Surroundings:
    groups = answer["AutoScalingGroups"]
    return Surroundings(tags=tags_of(groups[0].get("Tags"))) if groups else Surroundings()


AutoScalingGroupName = Annotated[
    str,
    ResourceName(
        "autoscaling",
        # The middle of the real ARN is an id that nothing but the group itself tells. The ARN is that of an instance's
        # surroundings as well (nightcrew.aws.ec2): so the locks of both meet.
        "autoScalingGroup:*:autoScalingGroupName/{}",
        # ASCII 33 to 126 without the colon (API reference, CreateAutoScalingGroup). Here neither "*", "?" nor "$" is
        # taken: in the ARN of a policy they would stand for other groups.
        pattern=r"[!-#%-)+-9;->@-~]{1,255}",
        example="checkout-web",
        lookup=Lookup(
            "autoscaling:DescribeAutoScalingGroups",
            lambda name: _autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name]),
            _surroundings,
        ),
    ),
]
"""The name of an Auto Scaling group."""
