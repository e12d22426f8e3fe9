"""Put back how many tasks an ECS service had before some were added, when its load is gone."""

from datetime import timedelta

from nightcrew import Run, calls, runbook
from nightcrew.aws.application_autoscaling import only_capacity
from nightcrew.aws.calls import Call
from nightcrew.aws.cloudwatch import highest, lately
from nightcrew.aws.ecs import ClusterName, ServiceName, only_service, settled
from runbooks.scale_out.service_capacity import capacity_of, set_least
from runbooks.service_targets import asked_groups, prove_targets

ecs = calls("ecs")

AGAIN = timedelta(hours=6)


@runbook(
    family="scale-out",
    risk="disruptive",
    by_hand=timedelta(minutes=10),
    deadline=timedelta(hours=1),
    permissions=[
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:RegisterScalableTarget",
        "cloudwatch:GetMetricStatistics",
        "ecs:DescribeServices",
        "ecs:UpdateService",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
)
def put_back_ecs_service(
    run: Run,
    service: ServiceName,
    cluster: ClusterName,
    desired: int,
    raised: int,
    smallest: int | None = None,
    busy: int = 70,
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Lets the service want `desired` tasks again, if it still wants the `raised` ones that a run left behind.

    Where Application Auto Scaling scales it, its minimum goes back to `smallest`, and it takes tasks away by itself, as
    its policies say. Numbers that somebody changed meanwhile are left alone. While the remaining tasks would be busier
    than `busy` % (the service's highest CPU of the last ten minutes, spread over fewer), nothing is changed, and it is
    tried again in six hours. Where CloudWatch has no figure, that does not hold it up.
    """
    state = ecs.describe_services(cluster=cluster, services=[service])
    scaling = capacity_of(cluster, service)
    cpu = lately("CPUUtilization", {"ClusterName": cluster, "ServiceName": service}, run.now, namespace="AWS/ECS")

    before = run.read("find the service", state, pick=only_service)
    scaler = run.read("ask between what it scales by itself", scaling, pick=only_capacity)
    run.require("it is ACTIVE", before["status"] == "ACTIVE")
    run.require(f"{desired} is fewer than {raised}", 0 < desired < raised)
    if smallest is None:
        run.require("nothing scales it by itself, as before", scaler is None)
        run.require(f"it still wants {raised}", before["desired"] == raised)
    else:
        run.require(f"its autoscaler's minimum is still {raised}", scaler is not None and scaler["min"] == raised)
        run.require(f"{smallest} is fewer than {raised}", 0 <= smallest < raised)
    run.require("it is stable: no deployment is under way, and all its tasks run", settled(before))
    load = run.read("look how busy it is", cpu, pick=highest)
    spread = (load or 0) * before["running"] / desired
    if spread > busy:
        given = {"service": service, "cluster": cluster, "desired": desired, "raised": raised, "busy": busy}
        more = {} if smallest is None else {"smallest": smallest}
        run.later("try again when the load is gone", "put-back-ecs-service", {**given, **more}, after=AGAIN)
    run.require(f"{desired} would be {busy} % busy at most, and not {spread:.0f} %", spread <= busy)
    targets = asked_groups(run, before["target_groups"])

    if smallest is None:
        run.change(
            f"let it want {desired} again",
            _resize(cluster, service, desired),
            undo=_resize(cluster, service, raised),
            took_effect=(state, lambda answer: only_service(answer)["desired"] == desired),
            pick=lambda answer: {"desired": answer["service"]["desiredCount"]},
        )
        run.prove(
            f"{desired} tasks run",
            state,
            lambda seen: seen["desired"] == desired and settled(seen),
            within=within,
            pick=only_service,
        )
        prove_targets(run, targets, desired, within=within)
        return f"{service} has {desired} tasks again"

    run.change(
        f"put its autoscaler's minimum back to {smallest}",
        set_least(cluster, service, smallest),
        undo=set_least(cluster, service, raised),
        took_effect=(scaling, lambda answer: (only_capacity(answer) or {}).get("min") == smallest),
    )
    run.prove(
        f"its autoscaler may go down to {smallest}",
        scaling,
        lambda seen: seen is not None and seen["min"] == smallest,
        within=within,
        pick=only_capacity,
    )
    return f"{service} may go down to {smallest} tasks again"


def _resize(cluster: str, service: str, wanted: int) -> Call:
    return ecs.update_service(cluster=cluster, service=service, desiredCount=wanted)
