"""Add instances to an Auto Scaling group whose CPU is too busy, and keep a scaling policy from taking them back."""

from datetime import timedelta
from functools import partial
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.autoscaling import AutoScalingGroupName, launches_after, newest_activity, only_group, refreshing
from nightcrew.aws.calls import Call
from nightcrew.aws.elbv2 import in_use, target_group_name, target_health

autoscaling = calls("autoscaling")
elbv2 = calls("elbv2")


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=1),
    triggers=[Alarm("AWS/EC2", "CPUUtilization", direction="high", group="AutoScalingGroupName")],
    permissions=[
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:UpdateAutoScalingGroup",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
)
def scale_out_auto_scaling_group(
    run: Run,
    group: AutoScalingGroupName,
    percent: int = 50,
    at_most: int = 20,
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Raises what the group wants by `percent`, rounded down and one at least, never above its MaxSize nor `at_most`.

    Its MinSize is raised to the same number, or a scaling policy would take the instances back while they still boot.
    It stays there, and so does what it costs, until somebody puts the old sizes back: they are in the ledger. The group
    is left alone while it is being refreshed, or already launches something.

    If no instance could be launched, both sizes are put back. If some came, or the alarm does not end, what came stays:
    taking it away would make things worse. Load balancers are asked through their target groups; a Classic one is not.
    """
    state = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
    refreshes = autoscaling.describe_instance_refreshes(AutoScalingGroupName=group)
    activities = autoscaling.describe_scaling_activities(AutoScalingGroupName=group, MaxRecords=100)

    before = run.read("find the group", state, pick=only_group)
    small, desired = before["min"], before["desired"]
    run.require("percent is above 0", percent > 0)
    run.require("it is not being deleted", not before["deleting"])
    run.require("its process Launch is not suspended", "Launch" not in before["suspended"])
    joins = not before["target_groups"] or "AddToLoadBalancer" not in before["suspended"]
    run.require("what it launches joins its target groups: AddToLoadBalancer is not suspended", joins)
    run.require(f"it wants fewer than its MaxSize ({before['max']})", desired < before["max"])
    run.require(f"it wants fewer than at_most ({at_most})", desired < at_most)
    run.require(f"it has the {desired} that it wants: nothing is on its way already", before["serving"] >= desired)
    run.require("no instance refresh is under way", not run.read("look for refreshes", refreshes, pick=refreshing))
    targets = {
        arn: run.read(f"ask {target_group_name(arn)}", _ask(arn), pick=target_health) for arn in before["target_groups"]
    }
    marker = run.read("find its newest activity", activities, pick=newest_activity)

    # As a scaling policy rounds: EC2 Auto Scaling user guide, PercentChangeInCapacity.
    wanted = min(desired + max(desired * percent // 100, 1), before["max"], at_most)
    run.change(
        f"raise it from {desired} to {wanted}",
        _resize(group, wanted, wanted),
        undo=_resize(group, small, desired),
        took_effect=(state, lambda answer: only_group(answer)["min"] == wanted),
    )

    launches = run.prove(
        "its launches have ended",
        activities,
        lambda seen: not seen["under_way"] and (seen["succeeded"] or seen["failed"] > before["zones"]),
        within=within,
        pick=lambda answer: launches_after(answer, marker),
    )
    run.require(f"an instance could be launched ({launches['why']})", launches["succeeded"])
    after = run.prove(
        f"{wanted} are in service and healthy",
        state,
        lambda seen: seen["serving"] >= wanted,
        within=within,
        pick=only_group,
    )

    def all_joined(arn: str, health: Any) -> bool:
        more = after["instances"] - before["instances"]
        return bool(health.get("healthy", 0) - targets[arn].get("healthy", 0) >= more)

    for arn in filter(lambda arn: in_use(targets[arn]), targets):
        run.prove(
            f"they are healthy targets of {target_group_name(arn)}",
            _ask(arn),
            partial(all_joined, arn),
            within=within,
            pick=target_health,
        )
    return f"{group} went from {desired} to {wanted}; put its MinSize back to {small} when the load is gone"


def _resize(group: str, smallest: int, wanted: int) -> Call:
    return autoscaling.update_auto_scaling_group(AutoScalingGroupName=group, MinSize=smallest, DesiredCapacity=wanted)


def _ask(target_group: str) -> Call:
    return elbv2.describe_target_health(TargetGroupArn=target_group)
