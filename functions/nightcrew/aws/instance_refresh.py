"""Instance refreshes of an Auto Scaling group: how far the newest is, and whether it would roll out something new.

Statuses: EC2 Auto Scaling API reference, InstanceRefresh.
"""

from collections.abc import Callable, Collection
from typing import Any

from nightcrew.aws.autoscaling import REFRESHING, members


def newest_refresh(answer: Any) -> dict[str, Any]:
    """The newest of a DescribeInstanceRefreshes answer: ``{"id", "status", "stopping", "done", "why"}``.

    All None, and not stopping, where the group has had none. ``stopping`` says that it is cancelled, or about to be;
    ``done`` is a percentage. They are listed newest first.
    """
    listed = answer["InstanceRefreshes"]
    newest = listed[0] if listed else {}
    return {
        "id": newest.get("InstanceRefreshId"),
        "status": newest.get("Status"),
        "stopping": newest.get("Status") in {"Cancelling", "Cancelled"},
        "done": newest.get("PercentageComplete"),
        "why": str(newest["StatusReason"])[:300] if newest.get("StatusReason") else None,
    }


def is_refreshing(newest: dict[str, Any]) -> bool:
    """Whether what ``newest_refresh`` found is under way: a group has one at a time."""
    return newest["status"] in REFRESHING


def launches_what(answer: Any) -> dict[str, list[str]]:
    """What a group launches, and what its instances were launched from: ``{"launches", "runs", "templates"}``.

    Each is ``lt-0abc:3``, a launch template and its version, or a launch configuration's name. ``launches`` may say
    ``lt-0abc:$Latest``; ``templates`` are the ids of the launch templates that it names.
    """
    group = answer["AutoScalingGroups"][0]
    mixed = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    overrides = [each.get("LaunchTemplateSpecification") for each in mixed.get("Overrides", [])]
    named = [group.get("LaunchTemplate"), mixed.get("LaunchTemplateSpecification"), *overrides]
    templates = [each for each in named if each]
    launches = {_launched_from(each) for each in templates} | {group.get("LaunchConfigurationName")}
    runs = {
        _launched_from(each["LaunchTemplate"]) if each.get("LaunchTemplate") else each.get("LaunchConfigurationName")
        for each in members(answer)
    }
    return {
        "launches": sorted(each for each in launches if each),
        # An instance whose template or configuration was deleted, or that was attached, names none.
        "runs": sorted(str(each or "unknown") for each in runs),
        "templates": sorted({str(each["LaunchTemplateId"]) for each in templates}),
    }


def replaceable(answer: Any) -> list[str]:
    """The instances that a refresh replaces where it ignores those on standby and those protected from scale-in."""
    return sorted(
        str(each["InstanceId"])
        for each in members(answer)
        if each["LifecycleState"] == "InService" and not each.get("ProtectedFromScaleIn")
    )


def not_refreshed(before: Collection[str]) -> Callable[[Any], list[str]]:
    """For a DescribeAutoScalingGroups answer: which of these instances are still in the group."""
    return lambda answer: sorted(str(each["InstanceId"]) for each in members(answer) if each["InstanceId"] in before)


def _launched_from(template: Any) -> str:
    # A group that names no version means the default one (API reference, LaunchTemplateSpecification).
    return f"{template['LaunchTemplateId']}:{template.get('Version') or '$Default'}"
