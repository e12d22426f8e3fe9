"""Aurora Serverless v2: between which capacities a cluster's instances scale, in Aurora capacity units (ACU).

Sources: RDS API reference, ServerlessV2ScalingConfiguration; Aurora user guide, "Performance and scaling for Aurora
Serverless v2".
"""

from typing import Any

from nightcrew.aws.calls import Call, calls
from nightcrew.errors import Unknown

_rds = calls("rds")

CLASS = "db.serverless"
LARGEST = 256.0
"""ACU, of recent Aurora versions; older ones have 128, and AWS refuses what is more."""


def capacity(answer: Any) -> dict[str, Any]:
    """The one cluster of a DescribeDBClusters answer: ``{"status", "min", "max", "pause", "pending"}``.

    ``min`` and ``max`` are None where it is not Serverless v2; ``pause`` are the seconds until it pauses, where that is
    set; ``pending`` names what else is about to change. Raises Unknown where there is no such cluster.
    """
    clusters = answer["DBClusters"]
    if not clusters:
        raise Unknown("there is no such cluster")
    found = clusters[0]
    between = found.get("ServerlessV2ScalingConfiguration") or {}
    return {
        "status": found["Status"],
        "min": between.get("MinCapacity"),
        "max": between.get("MaxCapacity"),
        "pause": between.get("SecondsUntilAutoPause"),
        "pending": sorted(found.get("PendingModifiedValues") or {}),
    }


def half_steps(units: float) -> float:
    """Rounded down to what AWS takes: steps of a half."""
    return int(units * 2) / 2


def scale_to(cluster: str, before: dict[str, Any], largest: float) -> Call:
    """Set the maximum, and leave the rest as ``capacity`` found it."""
    pause = {} if before["pause"] is None else {"SecondsUntilAutoPause": before["pause"]}
    return _rds.modify_db_cluster(
        DBClusterIdentifier=cluster,
        ServerlessV2ScalingConfiguration={"MinCapacity": before["min"], "MaxCapacity": largest, **pause},
        ApplyImmediately=True,
    )


def settled_at(largest: float, seen: dict[str, Any]) -> bool:
    """Whether that is the maximum, and the cluster is available."""
    return bool(seen["max"] == largest and seen["status"] == "available")
