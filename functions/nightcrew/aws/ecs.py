"""ECS services and clusters: how they are named.

A service's name is its own only within its cluster, so a runbook takes both: ``service: ServiceName, cluster:
ClusterName``. Both are dimensions of the metrics in ``AWS/ECS``. Names and ARNs: ECS API reference (CreateCluster,
CreateService) and Service Authorization Reference, Amazon Elastic Container Service.
"""

from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import Call, calls
from nightcrew.aws.tags import tags_of

_ecs = calls("ecs")
_NAME = r"[A-Za-z0-9_-]{1,255}"


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
