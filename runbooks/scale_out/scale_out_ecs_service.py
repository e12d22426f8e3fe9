"""Add tasks to an ECS service that is too busy, and keep its autoscaler from taking them back."""

from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.application_autoscaling import only_capacity
from nightcrew.aws.calls import Call
from nightcrew.aws.ecs import ClusterName, ServiceName, newest_event, only_service, settled, tasks_after
from runbooks.scale_out.service_capacity import capacity_of, set_least
from runbooks.service_targets import asked_groups, prove_targets

ecs = calls("ecs")


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=1),
    triggers=[Alarm("AWS/ECS", "CPUUtilization", direction="high", cluster="ClusterName", service="ServiceName")],
    permissions=[
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:RegisterScalableTarget",
        "ecs:DescribeServices",
        "ecs:UpdateService",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
)
def scale_out_ecs_service(
    run: Run,
    service: ServiceName,
    cluster: ClusterName,
    percent: int = 50,
    at_most: int = 20,
    keep: timedelta = timedelta(hours=12),
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Raises how many tasks the service wants by `percent`, rounded down and one at least, never above `at_most`.

    Where Application Auto Scaling scales the service, its minimum is raised, never above its maximum: it would take the
    tasks back otherwise. After `keep` a run of its own puts the old number back. A service that is not stable is left
    alone, and so is a daemon, which has a task on each instance.

    If not one more task could be placed in time, the old number is put back at once. If some came, or the alarm does
    not end, what came stays until `keep` is over: taking it away would make things worse.
    """
    state = ecs.describe_services(cluster=cluster, services=[service])
    scaling = capacity_of(cluster, service)

    before = run.read("find the service", state, pick=only_service)
    desired = before["desired"]
    run.require("percent is above 0", percent > 0)
    run.require("it is ACTIVE", before["status"] == "ACTIVE")
    run.require("it is no daemon, and deployed as a whole", _counts(before))
    run.require(f"it is stable: the {desired} tasks that it wants run, and no deployment is under way", settled(before))
    run.require("it wants a task at all", desired > 0)
    run.require(f"it wants fewer than at_most ({at_most})", desired < at_most)
    scaler = run.read("ask between what it scales by itself", scaling, pick=only_capacity)
    most = scaler["max"] if scaler else at_most
    run.require(f"it wants fewer than its autoscaler's maximum ({most})", desired < most)
    targets = asked_groups(run, before["target_groups"])
    marker = run.read("find its newest event", state, pick=newest_event)

    # As a scaling policy rounds: Application Auto Scaling user guide, PercentChangeInCapacity.
    wanted = min(desired + max(desired * percent // 100, 1), most, at_most)
    given: dict[str, Any] = {"service": service, "cluster": cluster, "desired": desired, "raised": wanted}

    def put_both_back() -> None:
        run.change("put its autoscaler's minimum back", set_least(cluster, service, scaler["min"]))
        run.change(f"let it want {desired} again", _resize(cluster, service, desired))

    if scaler:
        run.change(
            f"raise its autoscaler's minimum from {scaler['min']} to {wanted}",
            set_least(cluster, service, wanted),
            undo=put_both_back,
            took_effect=(scaling, lambda answer: (only_capacity(answer) or {}).get("min") == wanted),
        )
        given["smallest"] = scaler["min"]
    else:
        run.change(
            f"raise it from {desired} to {wanted}",
            _resize(cluster, service, wanted),
            undo=_resize(cluster, service, desired),
            took_effect=(state, lambda answer: only_service(answer)["desired"] == wanted),
            pick=lambda answer: {"desired": answer["service"]["desiredCount"]},
        )
    run.later("put the old number back", "put-back-ecs-service", given, after=keep)

    run.wait_until(
        "a task more runs",
        state,
        lambda seen: seen["running"] > desired,
        within=within,
        # What hinders ECS shows only in the service's events.
        pick=lambda answer: tasks_after(answer, marker),
    )
    run.prove(
        f"{wanted} tasks run",
        state,
        lambda seen: seen["running"] >= wanted,
        within=within,
        pick=lambda answer: tasks_after(answer, marker),
    )
    prove_targets(run, targets, wanted, within=within)
    return f"{service} went from {desired} to {wanted} tasks"


def _counts(service: dict[str, Any]) -> bool:
    return bool(service["scheduling"] == "REPLICA" and service["controller"] != "EXTERNAL")


def _resize(cluster: str, service: str, wanted: int) -> Call:
    return ecs.update_service(cluster=cluster, service=service, desiredCount=wanted)
