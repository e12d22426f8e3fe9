"""ECS services and clusters: how they are named, and what their answers say.

A service's name is its own only within its cluster, so a runbook takes both: ``service: ServiceName, cluster:
ClusterName``. Both are dimensions of the metrics in ``AWS/ECS``. Names and ARNs: ECS API reference (CreateCluster,
CreateService) and Service Authorization Reference, Amazon Elastic Container Service.
"""

from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import Call, calls
from nightcrew.aws.tags import tags_of
from nightcrew.errors import Unknown

_ecs = calls("ecs")
_NAME = r"[A-Za-z0-9_-]{1,255}"


def only_service(answer: Any) -> dict[str, Any]:
    """The one service of a DescribeServices answer, cut down to what a change of it must know.

    ``{"status", "controller", "strategy", "scheduling", "task_definition", "desired", "running", "pending", "least",
    "most", "target_groups", "deployments", "primary", "rollout", "failed", "deployment"}``: ``least`` and ``most`` are
    how many tasks a deployment may have running, ``deployments`` how many are under way (one: none but the last),
    ``primary`` is the newest one's id, ``failed`` its failed tasks, ``deployment`` the ARN by which it can be stopped,
    where ECS names it. Raises Unknown where there is no such service.
    """
    services = answer["services"]
    if not services:
        # AWS lists it among the failures of a good answer.
        raise Unknown("there is no such service in the cluster")
    found = services[0]
    rules = found.get("deploymentConfiguration") or {}
    listed = found.get("deployments") or []
    newest: dict[str, Any] = next((each for each in listed if each.get("status") == "PRIMARY"), {})
    desired = found["desiredCount"]
    return {
        "status": found["status"],
        "controller": (found.get("deploymentController") or {}).get("type", "ECS"),
        "strategy": rules.get("strategy", "ROLLING"),
        "scheduling": found.get("schedulingStrategy", "REPLICA"),
        "task_definition": found.get("taskDefinition"),
        "desired": desired,
        "running": found["runningCount"],
        "pending": found["pendingCount"],
        # Rounded as ECS does (API reference, DeploymentConfiguration): up, and down.
        "least": -(-desired * rules.get("minimumHealthyPercent", 100) // 100),
        "most": desired * rules.get("maximumPercent", 200) // 100,
        "target_groups": sorted({each["targetGroupArn"] for each in _balancers(found) if "targetGroupArn" in each}),
        "deployments": len(listed),
        "primary": newest.get("id"),
        "rollout": newest.get("rolloutState"),
        "failed": newest.get("failedTasks", 0),
        "deployment": found.get("currentServiceDeployment"),
    }


def settled(service: dict[str, Any]) -> bool:
    """Whether a service is stable: no deployment is under way, and what it wants runs (of what ``only_service`` gives).

    Behind a Classic Load Balancer a deployment says no state; then the counts must do (API reference, Deployment).
    """
    at_rest = service["deployments"] <= 1 and service["rollout"] in (None, "COMPLETED")
    return bool(at_rest and service["running"] == service["desired"] and service["pending"] == 0)


def has_room(service: dict[str, Any]) -> bool:
    """Whether a rolling deployment can take a first step: start a task more, or stop one before."""
    return bool(service["most"] > service["desired"] or service["least"] < service["desired"])


def progress_of(answer: Any, primary: str) -> dict[str, Any]:
    """How far a deployment is, by its id: ``{"newest", "settled", "gave_up", "running", "failed"}``.

    ``newest``: no other one came after it, as one does when ECS rolls it back; ``gave_up``: ECS starts no more tasks.
    """
    seen = only_service(answer)
    newest = seen["primary"] == primary
    return {
        "newest": newest,
        "settled": newest and settled(seen),
        "gave_up": newest and seen["rollout"] == "FAILED",
        "running": seen["running"],
        "failed": seen["failed"],
    }


def deployment_status(answer: Any) -> str:
    """The state of the one service deployment of a DescribeServiceDeployments answer.

    PENDING, IN_PROGRESS, SUCCESSFUL, STOP_REQUESTED, STOPPED, ROLLBACK_REQUESTED, ROLLBACK_IN_PROGRESS,
    ROLLBACK_SUCCESSFUL, ROLLBACK_FAILED. Raises Unknown where there is none.
    """
    listed = answer["serviceDeployments"]
    if not listed:
        raise Unknown("there is no such service deployment")
    return str(listed[0]["status"])


def newest_event(answer: Any) -> str | None:
    """The id of the service's newest event: a marker, since clocks differ. None where it has had none."""
    events = answer["services"][0].get("events") or [] if answer["services"] else []
    return str(events[0]["id"]) if events else None


def tasks_after(answer: Any, marker: str | None) -> dict[str, Any]:
    """``{"running", "pending", "why"}`` of the one service: ``why`` is what the newest event since ``marker`` says of a
    task that could not be placed, "none said" where none did: it stands nowhere else. Events are listed newest first.
    """
    seen = only_service(answer)
    said = "none said"
    for event in answer["services"][0].get("events") or []:
        if event["id"] == marker:
            break
        if "unable to place" in event.get("message", ""):
            said = str(event["message"])[:300]
            break
    return {"running": seen["running"], "pending": seen["pending"], "why": said}


def only_task(answer: Any) -> dict[str, Any]:
    """The one task of a DescribeTasks answer: ``{"id", "group", "last", "wanted", "health"}``.

    ``group`` is ``service:checkout`` for a service's task; ``last`` is its status, ``wanted`` the one that ECS wants.
    Raises Unknown where there is none: ECS forgets a stopped task about an hour later.
    """
    listed = answer["tasks"]
    if not listed:
        raise Unknown("there is no such task in the cluster")
    found = listed[0]
    return {
        "id": task_id(found["taskArn"]),
        "group": found.get("group"),
        "last": found["lastStatus"],
        "wanted": found["desiredStatus"],
        "health": found.get("healthStatus", "UNKNOWN"),
    }


def task_ids(answer: Any) -> list[str]:
    """The ids of a ListTasks answer, sorted; a hundred at most."""
    return sorted(task_id(arn) for arn in answer["taskArns"])


def task_id(arn: str) -> str:
    """``arn:…:task/prod/0a1b2c`` → ``0a1b2c``; older ARNs have no cluster."""
    return arn.rsplit("/", 1)[-1]


def images(answer: Any) -> dict[str, str]:
    """Container → image, from a DescribeTaskDefinition answer."""
    return {each["name"]: each["image"] for each in answer["taskDefinition"]["containerDefinitions"]}


def moving(image: str) -> bool:
    """Whether an image's name means the newest one: it says ``latest``, or neither tag nor digest."""
    name = image.rsplit("/", 1)[-1]
    return "@" not in name and name.partition(":")[2] in {"", "latest"}


def _balancers(service: Any) -> list[Any]:
    # A service with task sets has none of its own.
    return list(service.get("loadBalancers") or [])


def _describe(arn: str) -> Call:
    # By its name: a service made before 2021 may have an ARN of the old form, without its cluster.
    _, cluster, service = arn.rsplit("/", 2)
    return _ecs.describe_services(cluster=cluster, services=[service], include=["TAGS"])


def _surroundings(answer: Any) -> Surroundings:
    # What does not exist is among the answer's failures. A service that was deleted is still listed for a while.
    services = answer["services"]
    if not services:
        return Surroundings()
    cluster = services[0]["clusterArn"].rsplit("/", 1)[-1]
    return Surroundings((f"ecs:cluster/{cluster}",), tags_of(services[0].get("tags")))


def _surroundings_of_cluster(answer: Any) -> Surroundings:
    clusters = answer["clusters"]
    return Surroundings(tags=tags_of(clusters[0].get("tags"))) if clusters else Surroundings()


ClusterName = Annotated[
    str,
    ResourceName(
        "ecs",
        "cluster/{}",
        pattern=_NAME,
        example="prod",
        lookup=Lookup(
            "ecs:DescribeClusters",
            lambda name: _ecs.describe_clusters(clusters=[name], include=["TAGS"]),
            _surroundings_of_cluster,
        ),
    ),
]
"""The name of an ECS cluster."""

ServiceName = Annotated[
    str,
    ResourceName(
        "ecs",
        "service/{cluster}/{}",
        pattern=_NAME,
        example="checkout",
        lookup=Lookup("ecs:DescribeServices", _describe, _surroundings, by_arn=True),
    ),
]
"""The name of an ECS service within the cluster that the parameter ``cluster`` names."""
