"""Terminate an instance of an Auto Scaling group, so that the group launches another in its place."""

from datetime import timedelta
from functools import partial

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.autoscaling import (
    has_left,
    hook_seconds,
    launches_after,
    mates_of,
    newcomers,
    newest_activity,
    only_group,
    only_member,
    refreshing,
)
from nightcrew.aws.ec2 import InstanceId, failing_checks
from nightcrew.aws.elbv2 import healthy_among, target_group_name
from runbooks.target_health import all_healthy, health_of, require_not_the_last, standings

autoscaling = calls("autoscaling")
ec2 = calls("ec2")

LONGEST = timedelta(hours=2)


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=3),
    triggers=[Alarm("AWS/EC2", "StatusCheckFailed_AttachedEBS", direction="high", instance_id="InstanceId")],
    permissions=[
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:DescribeLifecycleHooks",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstances",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
)
def replace_auto_scaling_instance(
    run: Run, instance_id: InstanceId, even_if_healthy: bool = False, within: timedelta = timedelta(minutes=15)
) -> str:
    """Terminates the instance for good, with what is on its disks; its group launches another, and keeps its size.

    That cannot be undone, so a person must approve it. Until the new one serves, the group has one less.

    The instance is left alone if nothing is wrong with it, unless `even_if_healthy` is said: its status checks, what
    its group says, its health as a target. It is left alone if the group would fall below its MinSize, or a target
    group lose its last healthy target; if it is protected from scale-in, for then it has work of its own; and while the
    group is being refreshed, already replaces another, or may not launch (a suspended process).

    Lifecycle hooks run as always: one of their heartbeats is added to `within`, and with more than 2 h of them the
    instance is left alone. Proved are a new instance that the group calls healthy, and its health in each target group
    that a load balancer uses. If nothing could be launched, what AWS said stands in the outcome; the group tries on.
    """
    member = autoscaling.describe_auto_scaling_instances(InstanceIds=[instance_id])
    found = run.read("find it in its group", member, pick=only_member)
    group = found["group"]
    state = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
    activities = autoscaling.describe_scaling_activities(AutoScalingGroupName=group, MaxRecords=100)
    refreshes = autoscaling.describe_instance_refreshes(AutoScalingGroupName=group)

    before = run.read("find the group", state, pick=only_group)
    mates = run.read("find the group's other instances", state, pick=mates_of(instance_id))
    run.require("the group is not being deleted", not before["deleting"])
    run.require(f"it is in service ({found['state']})", found["state"] == "InService")
    run.require("it is not protected from scale-in", not found["protected"])
    needed = {"Launch", "Terminate"} | ({"AddToLoadBalancer"} if before["target_groups"] else set())
    run.require(
        "the group may launch and terminate: no such process is suspended", needed.isdisjoint(before["suspended"])
    )
    run.require("no instance refresh is under way", not run.read("look for refreshes", refreshes, pick=refreshing))

    failing = run.read(
        "look at its status checks", ec2.describe_instance_status(InstanceIds=[instance_id]), pick=failing_checks
    )
    serving = standings(run, instance_id, before["target_groups"])
    serves = found["healthy"] and all_healthy(serving)
    run.require("something is wrong with it, or even_if_healthy is said", even_if_healthy or failing or not serves)
    kept = mates["serving"]
    run.require("nothing else of the group is being replaced", kept >= before["desired"] - mates["weight"])
    run.require(f"without it the group keeps its MinSize ({before['min']})", not serves or kept >= before["min"])
    require_not_the_last(run, serving)
    hooks = run.read(
        "look for lifecycle hooks", autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=group), pick=hook_seconds
    )
    patience = within + timedelta(seconds=hooks["launching"] + hooks["terminating"])
    run.require("with its lifecycle hooks it takes no more than 2 h", patience <= LONGEST)
    marker = run.read("find the group's newest activity", activities, pick=newest_activity)

    run.change(
        "terminate it, and have the group launch another",
        autoscaling.terminate_instance_in_auto_scaling_group(
            InstanceId=instance_id, ShouldDecrementDesiredCapacity=False
        ),
        irreversible=True,
        took_effect=(member, has_left),
    )
    run.wait_until("it has left the group", member, has_left, within=patience)
    launches = run.prove(
        "a launch has ended",
        activities,
        lambda seen: seen["succeeded"] or seen["failed"] > before["zones"],
        within=patience,
        pick=partial(launches_after, marker=marker),
    )
    run.require(f"another could be launched ({launches['why']})", launches["succeeded"])
    known = [*mates["ids"], instance_id]
    new = run.prove(
        "a new one is in service and healthy", state, lambda ids: ids, within=patience, pick=newcomers(known)
    )
    for arn in serving:
        title = f"the new one is a healthy target of {target_group_name(arn)}"
        run.prove(title, health_of(arn), lambda ids: ids, within=within, pick=healthy_among(new))
    return f"{instance_id} is gone, and another serves in {group} in its place"
