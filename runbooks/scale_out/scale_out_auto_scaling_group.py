"""Add instances to an Auto Scaling group whose CPU is too busy, and keep a scaling policy from taking them back."""

from datetime import timedelta

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.autoscaling import AutoScalingGroupName, only_group
from nightcrew.aws.calls import Call
from runbooks.scale_out.growing import prove_that_it_grew, ready_to_grow

autoscaling = calls("autoscaling")


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
    keep: timedelta = timedelta(hours=12),
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Raises what the group wants by `percent`, rounded down and one at least, never above its MaxSize nor `at_most`.

    Its MinSize is raised to the same number, or a scaling policy would take the instances back while they still boot.
    After `keep` a run of its own puts the old sizes back, when the load allows it. The group is left alone while it is
    being refreshed, or already launches something.

    If no instance could be launched, both sizes are put back at once. If some came, or the alarm does not end, what
    came stays until `keep` is over: taking it away would make things worse. Load balancers are asked through their
    target groups; a Classic one is not.
    """
    state = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])

    before = ready_to_grow(run, group)
    small, desired, largest = (before.group[size] for size in ("min", "desired", "max"))
    run.require("percent is above 0", percent > 0)
    run.require(f"it wants fewer than its MaxSize ({largest})", desired < largest)
    run.require(f"it wants fewer than at_most ({at_most})", desired < at_most)

    # As a scaling policy rounds: EC2 Auto Scaling user guide, PercentChangeInCapacity.
    wanted = min(desired + max(desired * percent // 100, 1), largest, at_most)
    run.change(
        f"raise it from {desired} to {wanted}",
        _resize(group, wanted, wanted),
        undo=_resize(group, small, desired),
        took_effect=(state, lambda answer: only_group(answer)["min"] == wanted),
    )
    given = {"group": group, "smallest": small, "largest": largest, "raised": wanted, "desired": desired}
    run.later("put its sizes back", "put-back-auto-scaling-sizes", given, after=keep)

    prove_that_it_grew(run, group, before, wanted, within)
    return f"{group} went from {desired} to {wanted}; its sizes are put back in {keep / timedelta(hours=1):.0f} h"


def _resize(group: str, smallest: int, wanted: int) -> Call:
    return autoscaling.update_auto_scaling_group(AutoScalingGroupName=group, MinSize=smallest, DesiredCapacity=wanted)
