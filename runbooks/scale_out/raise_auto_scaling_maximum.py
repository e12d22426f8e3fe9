"""Raise the MaxSize of an Auto Scaling group that is as large as it may be, after a person agreed, for a day."""

from datetime import timedelta

from nightcrew import Run, calls, runbook
from nightcrew.aws import ec2_quotas
from nightcrew.aws.autoscaling import AutoScalingGroupName, instance_types, only_group
from nightcrew.aws.calls import Call
from nightcrew.aws.cloudwatch import latest
from runbooks.scale_out.growing import Before, prove_that_it_grew, ready_to_grow

autoscaling = calls("autoscaling")


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=30),
    deadline=timedelta(hours=2),
    permissions=[
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:UpdateAutoScalingGroup",
        "cloudwatch:GetMetricStatistics",
        "ec2:DescribeInstanceTypes",
        "elasticloadbalancing:DescribeTargetHealth",
        "servicequotas:GetServiceQuota",
    ],
)
def raise_auto_scaling_maximum(
    run: Run,
    group: AutoScalingGroupName,
    percent: int = 50,
    at_most: int = 40,
    keep: timedelta = timedelta(days=1),
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Raises MaxSize by `percent`, rounded down and one at least, never above `at_most`; and lets the group grow to it.

    Somebody chose that MaxSize: for what it costs, or for what stands behind the group, a database with so many
    connections. So a person is asked first, each time, and told how many instances of which types come, and how many
    vCPUs. The account's quota of vCPUs must have room for them. MinSize is raised as well, or a scaling policy would
    take the instances back while they boot.

    After `keep` the old MinSize and MaxSize are put back by `put-back-auto-scaling-sizes`. If no instance could be
    launched, they are put back at once. It answers no alarm by itself: on high CPU `scale-out-auto-scaling-group` goes
    first, and a team binds this one to an alarm of its own.
    """
    state = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])

    before = ready_to_grow(run, group)
    small, desired, largest = (before.group[size] for size in ("min", "desired", "max"))
    run.require("percent is above 0", percent > 0)
    run.require(f"it wants all that its MaxSize ({largest}) allows", desired >= largest)
    run.require(f"its MaxSize is below at_most ({at_most})", largest < at_most)
    wanted = min(largest + max(largest * percent // 100, 1), at_most)
    more = wanted - desired
    types, vcpus = _room_for(run, group, more)

    hours = f"{keep / timedelta(hours=1):.0f} h"

    run.approve(f"let {group} grow from {desired} to {wanted} for {hours}: {more} × {types}, {vcpus} vCPUs")
    again = run.read("look at it again", state, pick=only_group)
    sizes = (again["min"], again["desired"], again["max"])
    run.require("its sizes are what the approver was told", sizes == (small, desired, largest))

    run.change(
        f"raise its MaxSize from {largest} to {wanted}",
        _resize(group, wanted, wanted, wanted),
        undo=_resize(group, small, desired, largest),
        took_effect=(state, lambda answer: only_group(answer)["max"] == wanted),
    )
    run.later(
        "put its sizes back",
        "put-back-auto-scaling-sizes",
        {"group": group, "smallest": small, "largest": largest, "raised": wanted},
        after=keep,
    )
    now = Before(again, before.targets, before.marker)
    prove_that_it_grew(run, group, now, wanted, within)
    return f"{group} grew from {desired} to {wanted}; its sizes are put back in {hours}"


def _room_for(run: Run, group: str, more: int) -> tuple[str, int]:
    """Require that the account may run so many more; the types, and their vCPUs at most."""
    state = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
    types = run.read("find its instance types", state, pick=instance_types)
    quota = ec2_quotas.quota_of(types)
    run.require(f"the quota of {', '.join(types)} is known here", quota is not None)
    if quota is None:
        return "", 0
    each = run.read("look how large they are", ec2_quotas.sizes(types), pick=ec2_quotas.most_vcpus)
    may = run.read("look up the quota of vCPUs", ec2_quotas.allowed(quota.code), pick=ec2_quotas.quota_value)
    runs = run.read("look how many are in use", ec2_quotas.in_use(quota.kind, run.now), pick=latest)
    used = f"{runs:.0f} in use" if runs is not None else "CloudWatch does not know how many are in use"
    run.require(f"{more * each} vCPUs more are within the quota ({may:.0f}, {used})", (runs or 0) + more * each <= may)
    return " or ".join(types), more * each


def _resize(group: str, smallest: int, wanted: int, largest: int) -> Call:
    return autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=group, MinSize=smallest, DesiredCapacity=wanted, MaxSize=largest
    )
