"""How an Auto Scaling group grows: what must hold before, and what shows that the new instances serve. Shared by the
runbooks that make one larger.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls
from nightcrew.aws.autoscaling import launches_after, newest_activity, only_group, refreshing
from nightcrew.aws.calls import Call
from nightcrew.aws.elbv2 import in_use, target_group_name, target_health

autoscaling = calls("autoscaling")
elbv2 = calls("elbv2")


@dataclass(frozen=True)
class Before:
    """The group before it grows: ``only_group`` of it, the health of each target group's targets, its newest
    activity.
    """

    group: dict[str, Any]
    targets: dict[str, Any]
    marker: str | None


def ready_to_grow(run: Run, group: str) -> Before:
    """Require what each growth needs: nothing else is under way, and what is launched will join its target groups."""
    refreshes = autoscaling.describe_instance_refreshes(AutoScalingGroupName=group)

    before = run.read("find the group", _state(group), pick=only_group)
    run.require("it is not being deleted", not before["deleting"])
    run.require("its process Launch is not suspended", "Launch" not in before["suspended"])
    joins = not before["target_groups"] or "AddToLoadBalancer" not in before["suspended"]
    run.require("what it launches joins its target groups: AddToLoadBalancer is not suspended", joins)
    desired = before["desired"]
    run.require(f"it has the {desired} that it wants: nothing is on its way already", before["serving"] >= desired)
    run.require("no instance refresh is under way", not run.read("look for refreshes", refreshes, pick=refreshing))
    targets = {
        arn: run.read(f"ask {target_group_name(arn)}", _ask(arn), pick=target_health) for arn in before["target_groups"]
    }
    return Before(before, targets, run.read("find its newest activity", _activities(group), pick=newest_activity))


def prove_that_it_grew(run: Run, group: str, before: Before, wanted: int, within: timedelta) -> None:
    """Prove that the launches ended, that ``wanted`` serve, and that each load balancer sees the new ones healthy.

    Where no instance could be launched at all the run fails, with what AWS said: capacity errors show only in the
    activities.
    """
    launches = run.prove(
        "its launches have ended",
        _activities(group),
        lambda seen: not seen["under_way"] and (seen["succeeded"] or seen["failed"] > before.group["zones"]),
        within=within,
        pick=lambda answer: launches_after(answer, before.marker),
    )
    run.require(f"an instance could be launched ({launches['why']})", launches["succeeded"])
    after = run.prove(
        f"{wanted} are in service and healthy",
        _state(group),
        lambda seen: seen["serving"] >= wanted,
        within=within,
        pick=only_group,
    )

    def all_joined(arn: str, health: Any) -> bool:
        more = after["instances"] - before.group["instances"]
        return bool(health.get("healthy", 0) - before.targets[arn].get("healthy", 0) >= more)

    for arn in filter(lambda arn: in_use(before.targets[arn]), before.targets):
        run.prove(
            f"they are healthy targets of {target_group_name(arn)}",
            _ask(arn),
            partial(all_joined, arn),
            within=within,
            pick=target_health,
        )


def _state(group: str) -> Call:
    return autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])


def _activities(group: str) -> Call:
    return autoscaling.describe_scaling_activities(AutoScalingGroupName=group, MaxRecords=100)


def _ask(target_group: str) -> Call:
    return elbv2.describe_target_health(TargetGroupArn=target_group)
