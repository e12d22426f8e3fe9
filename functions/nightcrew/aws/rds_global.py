"""Aurora global clusters: who writes, and how far the others are.

Sources: RDS API reference, GlobalCluster, GlobalClusterMember and FailoverState; Aurora user guide, "Using switchover
or failover in Amazon Aurora Global Database".
"""

from collections.abc import Callable
from typing import Any

from nightcrew.aws.rds import writer_of
from nightcrew.errors import Unknown


def member(answer: Any) -> dict[str, Any]:
    """A cluster as a member: ``{"arn", "status", "version", "global", "instances", "writer"}``, of DescribeDBClusters.

    ``global`` is its global cluster's identifier, None where it is in none; ``writer`` the instance that writes here.
    """
    clusters = answer["DBClusters"]
    if not clusters:
        raise Unknown("there is no such cluster")
    found = clusters[0]
    return {
        "arn": found["DBClusterArn"],
        "status": found["Status"],
        "version": found.get("EngineVersion"),
        "global": found.get("GlobalClusterIdentifier") or None,
        "instances": len(found.get("DBClusterMembers", [])),
        "writer": writer_of(answer),
    }


def global_cluster(answer: Any) -> dict[str, Any]:
    """The one of a DescribeGlobalClusters answer: ``{"status", "version", "writer", "members", "apart", "moving"}``.

    ``writer`` is the ARN of the cluster that writes, or None; ``apart`` which of the members are out of step;
    ``moving`` how far a switchover or failover has come, or None.
    """
    listed = answer["GlobalClusters"]
    if not listed:
        raise Unknown("there is no such global cluster")
    found = listed[0]
    members = found.get("GlobalClusterMembers", [])
    apart = [each for each in members if each.get("SynchronizationStatus", "connected") != "connected"]
    return {
        "status": found.get("Status"),
        "version": found.get("EngineVersion"),
        "writer": next((str(each["DBClusterArn"]) for each in members if each.get("IsWriter")), None),
        "members": sorted(str(each["DBClusterArn"]) for each in members),
        "apart": sorted(str(each["DBClusterArn"]) for each in apart),
        "moving": _moving(found),
    }


def settled(seen: Any) -> bool:
    """Whether nothing moves any more, from what ``global_cluster`` made of an answer."""
    return bool(seen["moving"] is None and seen["status"] == "available")


def written_by(arn: str) -> Callable[[Any], bool]:
    """Whether that cluster writes and nothing moves any more, from what ``global_cluster`` made of an answer."""
    return lambda seen: settled(seen) and seen["writer"] == arn


def under_way(answer: Any) -> dict[str, Any]:
    """What the answer to a switchover or failover says: ``{"moving": "pending"}``."""
    return {"moving": _moving(answer["GlobalCluster"])}


def moves_to(arn: str) -> Callable[[Any], bool]:
    """Whether that cluster writes, or is about to, from a DescribeGlobalClusters answer."""

    def moves(answer: Any) -> bool:
        goal = (answer["GlobalClusters"][0].get("FailoverState") or {}).get("ToDbClusterArn")
        return bool(arn in {goal, global_cluster(answer)["writer"]})

    return moves


def region_of(arn: str) -> str:
    """``arn:aws:rds:eu-west-1:…`` → ``eu-west-1``."""
    return arn.split(":")[3]


def _moving(found: Any) -> str | None:
    return (found.get("FailoverState") or {}).get("Status")
