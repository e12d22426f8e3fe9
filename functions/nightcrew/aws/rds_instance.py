"""One RDS database instance that stands alone: what AWS says of it, and what may be done to it.

Statuses: RDS user guide, "Viewing Amazon RDS DB instance status". Sizes of storage: "Working with storage for Amazon
RDS DB instances". RDS sends its events on a best-effort basis ("Monitoring Amazon RDS events"): one that is missing
proves nothing.
"""

from datetime import datetime
from typing import Any

from nightcrew.aws.plain import plain
from nightcrew.aws.tags import tags_of
from nightcrew.clock import stamp
from nightcrew.errors import Unknown

SIZES = (
    "micro",
    "small",
    "medium",
    "large",
    "xlarge",
    "2xlarge",
    "4xlarge",
    "8xlarge",
    "12xlarge",
    "16xlarge",
    "24xlarge",
    "32xlarge",
)
"""The sizes of instance classes, small to large; a family may lack some."""


def only_database(answer: Any) -> dict[str, Any]:
    """The one instance of a DescribeDBInstances answer.

    ``standby`` is the zone of the standby; ``storage`` and ``most_storage`` are GiB, the second where storage
    autoscaling is on; ``pending`` is what waits to be modified; ``parameters`` are the states of its parameter groups,
    "pending-reboot" among them; ``source`` is what it replicates, ``replication`` the state of that; ``backups`` are
    days, 0 for none. Raises Unknown.
    """
    if not answer["DBInstances"]:
        raise Unknown("there is no such database instance")
    found = answer["DBInstances"][0]
    return {
        "arn": found["DBInstanceArn"],
        "status": found["DBInstanceStatus"],
        "engine": found["Engine"],
        "version": found.get("EngineVersion"),
        "class": found["DBInstanceClass"],
        "cluster": found.get("DBClusterIdentifier") or None,
        "zone": found.get("AvailabilityZone"),
        "standby": found.get("SecondaryAvailabilityZone") or None,
        "multi_az": bool(found.get("MultiAZ")),
        "storage": found.get("AllocatedStorage"),
        "most_storage": found.get("MaxAllocatedStorage"),
        "storage_type": found.get("StorageType"),
        "pending": plain(found.get("PendingModifiedValues") or {}),
        "parameters": sorted({str(each["ParameterApplyStatus"]) for each in found.get("DBParameterGroups", [])}),
        "source": found.get("ReadReplicaSourceDBInstanceIdentifier") or None,
        "replication": _replication(found),
        "replicas": sorted(found.get("ReadReplicaDBInstanceIdentifiers") or []),
        "backups": int(found.get("BackupRetentionPeriod") or 0),
        "tags": tags_of(found.get("TagList")),
    }


def is_available(seen: dict[str, Any]) -> bool:
    """Whether the database is available: nothing is under way, and it takes connections."""
    return bool(seen["status"] == "available")


def has_left(seen: dict[str, Any]) -> bool:
    """Whether it is in any other state: what was asked for has begun."""
    return not is_available(seen)


def maintenance_due(answer: Any, by: datetime) -> list[str]:
    """The maintenance actions that are under way or begin before ``by``, from DescribePendingMaintenanceActions.

    One that is merely on offer (no date, nobody opted in) is not among them.
    """
    return sorted(
        str(action["Action"])
        for each in answer["PendingMaintenanceActions"]
        for action in each.get("PendingMaintenanceActionDetails", [])
        if action.get("OptInStatus") == "immediate" or str(action.get("CurrentApplyDate") or "~") <= stamp(by)
    )


def storage_changes(answer: Any) -> list[str]:
    """When the storage was changed, of the time that a DescribeEvents answer covers: ``["2026-11-21T01:00:00.000Z"]``.

    The words are those that AWS says to look for (re:Post, "low free storage space").
    """
    return sorted(
        str(each["Date"]) for each in answer["Events"] if "modification to allocated storage" in each["Message"]
    )


def largest_storage(answer: Any, kind: str) -> int:
    """The largest size in GiB of a storage type, from DescribeValidDBInstanceModifications; 0 where it has none."""
    options = answer["ValidDBInstanceModificationsMessage"].get("Storage", [])
    return max(
        (int(size["To"]) for each in options if each["StorageType"] == kind for size in each.get("StorageSize", [])),
        default=0,
    )


def larger_class(name: str) -> str | None:
    """The next larger class of the same family: ``db.r6g.large`` → ``db.r6g.xlarge``; None where nobody knows it.

    Whether it can be had is for DescribeOrderableDBInstanceOptions to say.
    """
    family, _, size = name.rpartition(".")
    index = SIZES.index(size) + 1 if size in SIZES else len(SIZES)
    return f"{family}.{SIZES[index]}" if family and index < len(SIZES) else None


def zones_on_offer(answer: Any) -> list[str]:
    """The zones in which a class can be had, from a DescribeOrderableDBInstanceOptions answer about that class."""
    options = answer["OrderableDBInstanceOptions"]
    return sorted({str(zone["Name"]) for each in options for zone in each.get("AvailabilityZones", [])})


def settings_of(answer: Any, name: str) -> dict[str, Any]:
    """What a new instance of the same cluster takes over from ``name``, as parameters of CreateDBInstance.

    Its tags are among them, as a dict: ``Tags``. Not enhanced monitoring: who sets it must pass a role. Performance
    Insights, but not their key: a team's own would want grants of it. Raises Unknown.
    """
    found = next((each for each in answer["DBInstances"] if each["DBInstanceIdentifier"] == name), None)
    if found is None:
        raise Unknown(f"there is no instance {name}")
    taken = {key: found[key] for key in _TAKEN_OVER if found.get(key) is not None}
    for group in found.get("DBParameterGroups", [])[:1]:
        taken["DBParameterGroupName"] = group["DBParameterGroupName"]
    if found.get("PerformanceInsightsEnabled"):
        taken["EnablePerformanceInsights"] = True
        if found.get("PerformanceInsightsRetentionPeriod"):
            taken["PerformanceInsightsRetentionPeriod"] = found["PerformanceInsightsRetentionPeriod"]
    return {**taken, "Tags": tags_of(found.get("TagList"))}


_TAKEN_OVER = (
    "AutoMinorVersionUpgrade",
    "CACertificateIdentifier",
    "DBInstanceClass",
    "Engine",
    "PreferredMaintenanceWindow",
    "PubliclyAccessible",
)


def _replication(found: Any) -> str | None:
    infos = found.get("StatusInfos") or []
    return next((str(each["Status"]) for each in infos if each.get("StatusType") == "read replication"), None)
