"""Replace the tasks of an ECS service by new ones, a few at a time, without changing what they run."""

from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.ecs import (
    ClusterName,
    ServiceName,
    deployment_status,
    has_room,
    images,
    moving,
    only_service,
    progress_of,
    settled,
)
from runbooks.service_targets import asked_groups, prove_targets

ecs = calls("ecs")


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=1),
    triggers=[
        Alarm("AWS/ECS", "MemoryUtilization", direction="high", cluster="ClusterName", service="ServiceName"),
    ],
    permissions=[
        "ecs:DescribeServiceDeployments",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:StopServiceDeployment",
        "ecs:UpdateService",
        "elasticloadbalancing:DescribeTargetHealth",
    ],
)
def roll_ecs_service(
    run: Run,
    service: ServiceName,
    cluster: ClusterName,
    new_images: bool = False,
    within: timedelta = timedelta(minutes=20),
) -> str:
    """Starts a new deployment of the task definition that the service has; ECS replaces its tasks as its limits allow.

    How many are missing meanwhile say its minimum and maximum healthy percent. A service that is not stable is left
    alone, since ECS replaces its tasks already, and so is one that CodeDeploy or a blue/green strategy deploys.

    A new task pulls its image anew. Where an image is named `latest`, or has no tag, that may be other code than runs
    now: the service is left alone, unless `new_images` allows it. A tag that somebody pushed again is not recognised.

    If the new tasks do not take over in time, ECS rolls the deployment back, unless somebody else deployed since. Once
    they have, nothing is taken back: the old tasks were no better.
    """
    state = ecs.describe_services(cluster=cluster, services=[service])

    before = run.read("find the service", state, pick=only_service)
    run.require("it is ACTIVE", before["status"] == "ACTIVE")
    rolls = before["controller"] == "ECS" and before["strategy"] == "ROLLING"
    run.require("ECS itself deploys it, by rolling updates", rolls)
    run.require("it wants a task at all", before["desired"] > 0)
    run.require("it is stable: no deployment is under way, and all its tasks run", settled(before))
    room = f"a deployment may start a task more or stop one ({before['least']} to {before['most']} may run)"
    run.require(room, has_room(before))
    definition = ecs.describe_task_definition(taskDefinition=before["task_definition"])
    named = run.read("look at its images", definition, pick=images)
    run.require("no image is just the latest one, or new_images allows it", new_images or not _moving(named))
    targets = asked_groups(run, before["target_groups"])

    begun: list[Any] = []
    ended: list[Any] = []

    def is_ours(seen: Any) -> bool:
        primary = begun[0]["primary"] if begun else seen["primary"]
        return bool(
            seen["deployment"] and seen["primary"] not in (None, before["primary"]) and seen["primary"] == primary
        )

    def roll_it_back() -> None:
        if ended and not ended[0]["gave_up"]:
            return
        ours = run.wait_until(
            "ECS names the deployment, and nobody deployed since",
            state,
            is_ours,
            within=timedelta(minutes=2),
            pick=only_service,
        )
        deployment = ecs.describe_service_deployments(serviceDeploymentArns=[ours["deployment"]])
        run.change(
            "stop the deployment and roll it back",
            ecs.stop_service_deployment(serviceDeploymentArn=ours["deployment"], stopType="ROLLBACK"),
            took_effect=(deployment, lambda answer: deployment_status(answer).startswith("ROLLBACK")),
        )
        run.wait_until(
            "it is rolled back",
            deployment,
            lambda status: status == "ROLLBACK_SUCCESSFUL",
            within=min(within, timedelta(minutes=12)),
            pick=deployment_status,
        )

    run.change(
        "start a new deployment",
        ecs.update_service(cluster=cluster, service=service, forceNewDeployment=True),
        undo=roll_it_back,
        took_effect=(state, lambda answer: only_service(answer)["primary"] != before["primary"]),
        pick=lambda answer: {"primary": only_service({"services": [answer["service"]]})["primary"]},
    )
    new = run.wait_until(
        "the deployment has begun",
        state,
        lambda seen: seen["primary"] not in (None, before["primary"]),
        within=timedelta(minutes=2),
        pick=only_service,
    )
    begun.append(new)
    after = run.wait_until(
        "its tasks have taken over, or it gave up",
        state,
        lambda seen: seen["settled"] or seen["gave_up"] or not seen["newest"],
        within=within,
        pick=lambda answer: progress_of(answer, new["primary"]),
    )
    ended.append(after)
    run.require("it was not rolled back, and nobody deployed since", after["newest"])
    run.require("its tasks have taken over", after["settled"])
    run.prove(
        "only the new tasks run, and none failed",
        state,
        lambda seen: seen["settled"] and seen["failed"] == 0,
        within=within,
        pick=lambda answer: progress_of(answer, new["primary"]),
    )
    prove_targets(run, targets, before["desired"], within=within)
    return f"{service} runs {before['desired']} new tasks of the same definition"


def _moving(named: dict[str, str]) -> bool:
    return any(moving(image) for image in named.values())
