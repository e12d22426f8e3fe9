"""ECS services in the embedded cloud, for the tests of the runbooks about them."""

import itertools
from typing import Any

from tests.house import House

_numbers = itertools.count(1)


def a_service(house: House, *, tasks: int = 2, image: str = "shop/checkout:v7", targets: str | None = None) -> str:
    """A stable service of a test's own in a cluster of its own, with as many tasks running as it wants."""
    ecs, name = house.crew.client("ecs"), f"service-{next(_numbers)}"
    ecs.create_cluster(clusterName=cluster_of(name))
    ecs.register_task_definition(family=name, containerDefinitions=[{"name": "app", "image": image, "memory": 64}])
    balancers = [{"targetGroupArn": targets, "containerName": "app", "containerPort": 80}] if targets else []
    ecs.create_service(
        cluster=cluster_of(name), serviceName=name, taskDefinition=name, desiredCount=0, loadBalancers=balancers
    )
    # By itself moto starts no tasks; a service that is set to a number has it, and its deployment stays completed.
    ecs.update_service(cluster=cluster_of(name), service=name, desiredCount=tasks)
    return name


def cluster_of(service: str) -> str:
    """The name of its cluster."""
    return f"{service}-cluster"


def described(house: House, service: str, **otherwise: Any) -> dict[str, Any]:
    """The service's answer as it is now, but for these members."""
    found = house.crew.client("ecs").describe_services(cluster=cluster_of(service), services=[service])["services"][0]
    return {"services": [{**found, **otherwise}]}


def newest(house: House, service: str, **otherwise: Any) -> dict[str, Any]:
    """The service's answer, but for these members of its newest deployment."""
    deployment = described(house, service)["services"][0]["deployments"][0]
    return described(house, service, deployments=[{**deployment, **otherwise}])


def count(house: House, service: str) -> tuple[int, int]:
    """How many tasks it wants and has, in the cloud itself."""
    found = described(house, service)["services"][0]
    return found["desiredCount"], found["runningCount"]


def a_scaler(house: House, service: str, *, smallest: int = 1, largest: int = 8) -> None:
    """Application Auto Scaling scales the service."""
    house.crew.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{cluster_of(service)}/{service}",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=smallest,
        MaxCapacity=largest,
    )


def least(house: House, service: str) -> tuple[int, int]:
    """Between what Application Auto Scaling keeps it, in the cloud itself."""
    found = house.crew.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[f"service/{cluster_of(service)}/{service}"]
    )["ScalableTargets"][0]
    return found["MinCapacity"], found["MaxCapacity"]
