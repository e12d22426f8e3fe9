"""Replace every instance of an Auto Scaling group, a few at a time, by what the group launches now."""

from datetime import timedelta

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.autoscaling import AutoScalingGroupName, only_group
from nightcrew.aws.ec2 import template_versions
from nightcrew.aws.elbv2 import in_use, none_is_unhealthy, target_group_name, target_health
from nightcrew.aws.instance_refresh import is_refreshing, launches_what, newest_refresh, not_refreshed, replaceable
from runbooks.target_health import health_of

autoscaling = calls("autoscaling")
ec2 = calls("ec2")

SOON = timedelta(minutes=4)


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(hours=1),
    deadline=timedelta(hours=6),
    triggers=[Alarm("CWAgent", "mem_used_percent", direction="high", group="AutoScalingGroupName")],
    permissions=[
        "autoscaling:CancelInstanceRefresh",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:StartInstanceRefresh",
        "ec2:DescribeLaunchTemplates",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
)
def refresh_auto_scaling_group(
    run: Run, group: AutoScalingGroupName, min_healthy: int = 90, within: timedelta = timedelta(hours=2)
) -> str:
    """Terminates the group's instances a few at a time and launches others: against a leak that all of them have.

    At least `min_healthy` percent of the group serve all the while; of a small group one at a time is replaced.
    Instances that are on standby or protected from scale-in are left as they are. Nothing else is rolled out: a group
    whose instances run something else than it would launch now, because its launch template has a newer version, is
    left alone, for that is a deployment. So is a group that is being refreshed, one whose instances are not all in
    service, and one that may not launch or terminate (a suspended process).

    If it is not through `within` the time given, or somebody cancels, the refresh is cancelled: what was replaced stays
    replaced, the rest stays as it is. It is not rolled back: the old instances ran the same, so that would only replace
    the new ones once more. A refresh that fails by itself changes nothing more, and AWS's reason is in the outcome.

    Proved are a refresh that was successful, a group that is full and healthy, in which none of the instances that were
    to be replaced is left, and target groups without an unhealthy target.
    """
    state = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
    refreshes = autoscaling.describe_instance_refreshes(AutoScalingGroupName=group)

    before = run.read("find the group", state, pick=only_group)
    run.require("min_healthy is from 50 to 100", 50 <= min_healthy <= 100)
    run.require("it is not being deleted", not before["deleting"])
    needed = {"Launch", "Terminate"} | ({"AddToLoadBalancer"} if before["target_groups"] else set())
    run.require("it may launch and terminate: no such process is suspended", needed.isdisjoint(before["suspended"]))
    run.require(f"it has the {before['desired']} that it wants", before["serving"] >= before["desired"] > 0)
    newest = run.read("look for refreshes", refreshes, pick=newest_refresh)
    run.require("no instance refresh is under way", not is_refreshing(newest))

    what = run.read("look what it launches, and what its instances are", state, pick=launches_what)
    versions: dict[str, str] = {}
    if what["templates"]:
        named = ec2.describe_launch_templates(LaunchTemplateIds=what["templates"])
        versions = run.read("look which versions its launch templates mean", named, pick=template_versions)
    launched = {versions.get(each, each) for each in what["launches"]}
    same = set(what["runs"]) <= launched
    run.require("its instances are what it would launch now: nothing new would be rolled out", same)
    old = run.read("note the instances that will be replaced", state, pick=replaceable)
    targets = {
        arn: run.read(f"ask {target_group_name(arn)}", health_of(arn), pick=target_health)
        for arn in before["target_groups"]
    }

    def stop_it() -> None:
        now = run.read("look how far it is", refreshes, pick=newest_refresh)
        if now["id"] != newest["id"] and not is_refreshing(now):
            return
        cancel = autoscaling.cancel_instance_refresh(AutoScalingGroupName=group)
        run.change("cancel the refresh", cancel, took_effect=(refreshes, lambda seen: newest_refresh(seen)["stopping"]))
        run.wait_until("it has stopped", refreshes, lambda now: not is_refreshing(now), pick=newest_refresh)

    run.change(
        f"replace its instances, {min_healthy} % at least in service",
        autoscaling.start_instance_refresh(
            AutoScalingGroupName=group,
            Strategy="Rolling",
            Preferences={
                "MinHealthyPercentage": min_healthy,
                "SkipMatching": False,
                "ScaleInProtectedInstances": "Ignore",
                "StandbyInstances": "Ignore",
            },
        ),
        undo=stop_it,
        took_effect=(refreshes, lambda seen: newest_refresh(seen)["id"] != newest["id"]),
    )
    ended = run.wait_until(
        "the refresh has ended",
        refreshes,
        lambda now: now["id"] != newest["id"] and not is_refreshing(now),
        within=within,
        pick=newest_refresh,
    )
    run.prove(
        f"the refresh was successful ({ended['status']}: {ended['why']})",
        refreshes,
        lambda now: now["status"] == "Successful",
        within=SOON,
        pick=newest_refresh,
    )
    run.prove(
        "it is full and healthy",
        state,
        lambda now: now["serving"] >= now["desired"],
        within=SOON,
        pick=only_group,
    )
    run.prove("none of the old instances is left", state, lambda left: not left, within=SOON, pick=not_refreshed(old))
    for arn in filter(lambda arn: in_use(targets[arn]), targets):
        title = f"no target of {target_group_name(arn)} is unhealthy"
        run.prove(title, health_of(arn), none_is_unhealthy, within=SOON, pick=target_health)
    return f"{len(old)} instances of {group} were replaced"
