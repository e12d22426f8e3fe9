"""Auto Scaling groups: how they are named, and what their answers say.

Sizes are in the group's own units: instances, unless its mixed instances policy weighs them. Lifecycle states: EC2 Auto
Scaling user guide, "Amazon EC2 Auto Scaling instance lifecycle".
"""

from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls
from nightcrew.aws.tags import tags_of
from nightcrew.errors import Unknown

_autoscaling = calls("autoscaling")

_REFRESHING = frozenset({"Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"})
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
        "serving": sum(int(each.get("WeightedCapacity", 1)) for each in serving),
        "instances": len(serving),
        "zones": len(found.get("AvailabilityZones", [])),
        # A group has a status only while it is being deleted.
        "deleting": "Status" in found,
        "suspended": sorted(process["ProcessName"] for process in found.get("SuspendedProcesses", [])),
        "target_groups": sorted(found.get("TargetGroupARNs", [])),
    }


def refreshing(answer: Any) -> bool:
    """Whether an instance refresh of the group is under way, from a DescribeInstanceRefreshes answer."""
    return any(refresh.get("Status") in _REFRESHING for refresh in answer["InstanceRefreshes"])


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
