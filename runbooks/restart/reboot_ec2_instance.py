"""Reboot an EC2 instance, and move it to other hardware where that does not help."""

from datetime import timedelta

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.ec2 import InstanceId, can_be_moved, checks_pass, console_posted, only_instance, statuses
from runbooks.restart.restart_ec2_instance import restart_ec2_instance
from runbooks.target_health import all_healthy, prove_healthy, require_not_the_last, standings, target_groups_of_vpc

ec2 = calls("ec2")

LEAVING = timedelta(minutes=1)
"""A reboot is only queued at first: status checks that are asked sooner may be those from before."""


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=1, minutes=30),
    parts=[restart_ec2_instance],
    triggers=[Alarm("AWS/EC2", "StatusCheckFailed", direction="high", instance_id="InstanceId")],
    permissions=[
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstances",
        "ec2:GetConsoleOutput",
        "ec2:RebootInstances",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
)
def reboot_ec2_instance(
    run: Run, instance_id: InstanceId, even_if_healthy: bool = False, within: timedelta = timedelta(minutes=10)
) -> str:
    """Reboots the instance; it is away for some minutes, and keeps its addresses and its disks.

    If its status checks do not pass `within` the time given, it is stopped and started (`restart-ec2-instance`): then
    its public IP address changes unless it is an Elastic IP. Where that would lose data, because it has instance-store
    disks or is a Spot instance, it is only rebooted.

    It is left alone if both status checks pass and it is healthy wherever a load balancer asks it, unless
    `even_if_healthy` is said; if it is the last healthy target somewhere; and if an Auto Scaling group owns it, which
    might replace it while it is away: `replace-auto-scaling-instance` is for those.

    Proved are both status checks, its health in each target group, and, where its console shows it, that it has booted.
    There is nothing to undo. Where nobody knows whether a reboot was asked for, it is asked for again.
    """
    checks = ec2.describe_instance_status(InstanceIds=[instance_id])
    console = ec2.get_console_output(InstanceId=instance_id)

    instance = run.read("find the instance", ec2.describe_instances(InstanceIds=[instance_id]), pick=only_instance)
    run.require("it is running", instance["state"] == "running")
    run.require("no Auto Scaling group owns it (replace-auto-scaling-instance is for those)", instance["group"] is None)
    seen = run.read("look at its status checks", checks, pick=statuses)
    serving = standings(run, instance_id, target_groups_of_vpc(run, instance["vpc"]))
    well = checks_pass(seen) and all_healthy(serving)
    run.require("something is wrong with it, or even_if_healthy is said", even_if_healthy or not well)
    require_not_the_last(run, serving)
    posted = run.read("look when its console was written", console, pick=console_posted)

    # No took_effect: the console is written minutes later, and nothing else tells. A second one does no more.
    run.change("reboot it", ec2.reboot_instances(InstanceIds=[instance_id]))
    run.wait("let it go down", LEAVING)
    run.wait_until("both status checks pass again", checks, checks_pass, within=within, missed={}, pick=statuses)
    helped = checks_pass(run.read("look whether that helped", checks, pick=statuses))
    if helped and posted is not None:
        run.prove(
            "it has booted: its console was written anew",
            console,
            lambda now: now != posted,
            within=within,
            pick=console_posted,
        )
    if not helped and can_be_moved(instance):
        run.runbook(restart_ec2_instance, instance_id=instance_id, within=within)
    run.prove("both status checks pass", checks, checks_pass, within=within, pick=statuses)
    prove_healthy(run, instance_id, serving, within=within)
    return f"{instance_id} is back, and healthy wherever it is asked"
