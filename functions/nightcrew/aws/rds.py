"""Aurora clusters and database instances: how they are named, and what their answers say.

At most one instance writes; the others read. Failover and promotion tiers: Aurora user guide, "High availability for
Amazon Aurora".
"""

from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls
from nightcrew.aws.tags import tags_of
from nightcrew.errors import Unknown

_rds = calls("rds")

DEFAULT_TIER = 1
"""An instance's promotion tier where nobody set one; 0 is promoted first, 15 last."""


def only_cluster(answer: Any) -> dict[str, Any]:
    """The one cluster of a DescribeDBClusters answer: ``{"engine", "mode", "status", "writer", "source", "global"}``.

    ``writer`` is the id of the instance that writes, or None; ``source`` the ARN of the cluster that it replicates,
    where it does: a secondary of a global cluster has a source, and no writer. ``global`` names its global cluster.
    """
    clusters = answer["DBClusters"]
    if not clusters:
        raise Unknown("there is no such cluster")
    found = clusters[0]
    return {
        "engine": found["Engine"],
        "mode": found.get("EngineMode", "provisioned"),
        "status": found["Status"],
        "writer": writer_of(answer),
        "source": found.get("ReplicationSourceIdentifier") or None,
        "global": found.get("GlobalClusterIdentifier") or None,
    }


def writer_of(answer: Any) -> str | None:
    """The id of the instance that writes, from a DescribeDBClusters answer; None while none does."""
    members = answer["DBClusters"][0].get("DBClusterMembers", []) if answer["DBClusters"] else []
    return next((str(each["DBInstanceIdentifier"]) for each in members if each.get("IsClusterWriter")), None)


def readers_of(answer: Any) -> list[str]:
    """The ids of the instances that read, from a DescribeDBClusters answer: those behind the reader endpoint."""
    members = answer["DBClusters"][0].get("DBClusterMembers", []) if answer["DBClusters"] else []
    return sorted(str(each["DBInstanceIdentifier"]) for each in members if not each.get("IsClusterWriter"))


def instances(answer: Any) -> list[dict[str, Any]]:
    """The instances of a DescribeDBInstances answer, by id: ``[{"id", "status", "zone", "class", "tier"}]``."""
    found = [
        {
            "id": each["DBInstanceIdentifier"],
            "status": each["DBInstanceStatus"],
            "zone": each.get("AvailabilityZone"),
            "class": each.get("DBInstanceClass"),
            "tier": each.get("PromotionTier", DEFAULT_TIER),
        }
        for each in answer["DBInstances"]
    ]
    return sorted(found, key=lambda each: str(each["id"]))


def best_reader(found: list[dict[str, Any]], writer: str | None) -> dict[str, Any]:
    """Which instance should take over: an available reader in another zone than the writer's; empty where none is.

    The lowest promotion tier goes first, as in Aurora's own failover; then one of the writer's class, so that it bears
    the same load; then the first by its id, so that the choice is the same each time.
    """
    writing = next((each for each in found if each["id"] == writer), None)
    if writing is None:
        return {}
    readers = [
        each
        for each in found
        if each is not writing and each["status"] == "available" and each["zone"] != writing["zone"]
    ]
    return min(readers, key=lambda each: (each["tier"], each["class"] != writing["class"], each["id"]), default={})


def available(found: list[dict[str, Any]]) -> set[str]:
    """The ids of those that are available."""
    return {str(each["id"]) for each in found if each["status"] == "available"}


def _surroundings(answer: Any) -> Surroundings:
    clusters = answer["DBClusters"]
    if not clusters:
        return Surroundings()
    name = clusters[0].get("GlobalClusterIdentifier")
    return Surroundings((f"rds:global-cluster:{name}",) if name else (), tags_of(clusters[0].get("TagList")))


def _surroundings_of_instance(answer: Any) -> Surroundings:
    instances = answer["DBInstances"]
    if not instances:
        return Surroundings()
    # An instance of Aurora, or of a Multi-AZ cluster. One that stands alone has none.
    name = instances[0].get("DBClusterIdentifier")
    return Surroundings((f"rds:cluster:{name}",) if name else (), tags_of(instances[0].get("TagList")))


# RDS keeps it in lower case and does not tell cases apart: two spellings would be two locks on one resource.
_IDENTIFIER = r"[a-z](?:-?[a-z0-9]){0,62}"

ClusterId = Annotated[
    str,
    ResourceName(
        "rds",
        "cluster:{}",
        pattern=_IDENTIFIER,
        example="checkout-db",
        lookup=Lookup(
            "rds:DescribeDBClusters",
            lambda name: _rds.describe_db_clusters(DBClusterIdentifier=name),
            _surroundings,
        ),
    ),
]
"""The identifier of a database cluster, in lower case."""

DbInstanceId = Annotated[
    str,
    ResourceName(
        "rds",
        "db:{}",
        pattern=_IDENTIFIER,
        example="checkout-db-1",
        lookup=Lookup(
            "rds:DescribeDBInstances",
            lambda name: _rds.describe_db_instances(DBInstanceIdentifier=name),
            _surroundings_of_instance,
        ),
    ),
]
"""The identifier of a database instance, in lower case."""

DbSnapshotId = Annotated[
    str,
    ResourceName(
        "rds",
        "snapshot:{}",
        pattern=r"(?:rds:|awsbackup:)?[a-zA-Z](?:-?[a-zA-Z0-9]){0,254}",
        example="checkout-db-before-migration",
    ),
]
"""The identifier of a snapshot of a database instance: one that a person made, or ``rds:…`` of the automated ones."""

ClusterSnapshotId = Annotated[
    str,
    ResourceName(
        "rds",
        "cluster-snapshot:{}",
        pattern=r"(?:rds:|awsbackup:)?[a-zA-Z](?:-?[a-zA-Z0-9]){0,254}",
        example="checkout-before-migration",
    ),
]
"""The identifier of a snapshot of a database cluster: one that a person made, or ``rds:…`` of the automated ones."""
