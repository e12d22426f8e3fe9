"""Put back the sizes that an Auto Scaling group had before they were raised, when its load is gone."""

from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws.autoscaling import AutoScalingGroupName, only_group, refreshing
from nightcrew.aws.calls import Call
from nightcrew.aws.cloudwatch import highest, lately

autoscaling = calls("autoscaling")

AGAIN = timedelta(hours=6)


@runbook(
    family="scale-out",
    risk="disruptive",
    by_hand=timedelta(minutes=10),
    deadline=timedelta(hours=1),
    permissions=[
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:UpdateAutoScalingGroup",
        "cloudwatch:GetMetricStatistics",
    ],
)
def put_back_auto_scaling_sizes(
    run: Run,
    group: AutoScalingGroupName,
    smallest: int,
    largest: int,
    raised: int,
    desired: int | None = None,
    busy: int = 70,
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Sets MinSize to `smallest` and MaxSize to `largest`, if they are still what a run left behind: MinSize `raised`,
    and MaxSize as well where it was below that.

    What is above `largest` is terminated by AWS, as the group's termination policy says; between the two, the group's
    own scaling policies decide. Where it still wants the `raised` ones, and `desired` is given, it wants that again: a
    group without a policy would keep them for ever. Sizes that somebody changed meanwhile are left alone. While the
    remaining instances would be busier than `busy` % (the group's highest CPU of the last ten minutes, spread over
    fewer), nothing is changed, and it is tried again in six hours. Where CloudWatch has no figure, that does not hold
    it up.
    """
    state = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
    refreshes = autoscaling.describe_instance_refreshes(AutoScalingGroupName=group)
    cpu = lately("CPUUtilization", {"AutoScalingGroupName": group}, run.now, namespace="AWS/EC2")

    before = run.read("find the group", state, pick=only_group)
    run.require("it is not being deleted", not before["deleting"])
    left = (raised, max(raised, largest))
    run.require(f"its MinSize and MaxSize are still {left}", (before["min"], before["max"]) == left)
    run.require(f"{smallest} to {largest} is smaller", 0 <= smallest <= largest and smallest < raised)
    run.require("desired is between them, where it is given", desired is None or smallest <= desired <= largest)
    run.require("no instance refresh is under way", not run.read("look for refreshes", refreshes, pick=refreshing))
    load = run.read("look how busy it is", cpu, pick=highest)
    wanted = desired if before["desired"] == raised else None
    most = largest if wanted is None else wanted
    spread = (load or 0) * before["serving"] / max(min(before["serving"], most), 1)
    if spread > busy:
        given = {"group": group, "smallest": smallest, "largest": largest, "raised": raised, "busy": busy}
        given |= {} if desired is None else {"desired": desired}
        run.later("try again when the load is gone", "put-back-auto-scaling-sizes", given, after=AGAIN)
    run.require(f"what is left would be {busy} % busy at most, and not {spread:.0f} %", spread <= busy)

    run.change(
        f"put its sizes back to {smallest} and {largest}",
        _resize(group, smallest, largest, wanted),
        # MinSize alone makes it want as many as before.
        undo=_resize(group, *left),
        took_effect=(state, lambda answer: only_group(answer)["min"] == smallest),
    )

    def settled(seen: Any) -> bool:
        sizes = (seen["min"], seen["max"]) == (smallest, largest)
        return sizes and bool(seen["desired"] <= largest and seen["serving"] >= seen["desired"])

    after = run.prove(f"it wants {largest} at most, and has them", state, settled, within=within, pick=only_group)
    return f"{group} may have {smallest} to {largest} again, and has {after['serving']}"


def _resize(group: str, smallest: int, largest: int, wanted: int | None = None) -> Call:
    more = {} if wanted is None else {"DesiredCapacity": wanted}
    return autoscaling.update_auto_scaling_group(AutoScalingGroupName=group, MinSize=smallest, MaxSize=largest, **more)
