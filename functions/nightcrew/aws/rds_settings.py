"""What a database instance has beside its data: what a restore must be told of it, and how far another is like it.

A restore gives a new instance with the default security group, the default parameter group, in one zone (API
reference, RestoreDBInstanceToPointInTime and RestoreDBInstanceFromDBSnapshot), so each setting is named to it. What
the restore takes no word of (maintenance window, monitoring, Performance Insights, the limit of its storage) is set
by a ModifyDBInstance afterwards.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from nightcrew.aws.rds_beside import BY_IAM, belongings, by_name, first_is_made_by, followers, its_stack
from nightcrew.aws.tags import tags_of
from nightcrew.clock import moment
from nightcrew.errors import Unknown

AT_RESTORE = (
    "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DBInstanceClass",
    "DBParameterGroupName",
    "DBSubnetGroupName",
    "EnableCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication",
    "EngineLifecycleSupport",
    "Iops",
    "LicenseModel",
    "MultiAZ",
    "NetworkType",
    "OptionGroupName",
    "Port",
    "PreferredBackupWindow",
    "ProcessorFeatures",
    "PubliclyAccessible",
    "StorageThroughput",
    "StorageType",
    "VpcSecurityGroupIds",
)
"""What both restores take, by the name of their parameter."""

AFTERWARDS = (
    "DatabaseInsightsMode",
    "EnablePerformanceInsights",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "PreferredMaintenanceWindow",
)
"""What only ModifyDBInstance takes, by the name of its parameter."""

_AS_THEY_ARE = (
    "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DBInstanceClass",
    "DatabaseInsightsMode",
    "DeletionProtection",
    "EngineLifecycleSupport",
    "KmsKeyId",
    "LicenseModel",
    "MaxAllocatedStorage",
    "MultiAZ",
    "NetworkType",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "ProcessorFeatures",
    "PubliclyAccessible",
    "StorageType",
)
"""Members of an instance that have the same name as the parameter."""

_BUSY = ("backing-up", "configuring-", "maintenance", "moving-to-", "resetting-")

_BASELINE = {"Iops": 3000, "StorageThroughput": 125}
"""What gp3 has by itself; below 400 GiB (Oracle: 200) naming it is refused (RDS user guide, "gp3 storage")."""


def only_db_instance(answer: Any) -> dict[str, Any]:
    """The one instance of a DescribeDBInstances answer, cut down to what a restore must know.

    ``{"id", "arn", "status", "address", "engine", "version", "storage", "latest", "cluster", "source", "domains",
    "roles", "replicas", "managed", "streams", "in_sync", "pending", "tags", "settings"}``: ``source`` is what it
    replicates; ``in_sync`` whether its parameters hold; ``pending`` names what is not applied yet; ``managed`` whether
    Secrets Manager keeps its password; ``settings`` maps a parameter of the restore to its value. Raises Unknown
    where there is none.
    """
    if not answer["DBInstances"]:
        raise Unknown("there is no such database instance")
    found = answer["DBInstances"][0]
    endpoint = found.get("Endpoint") or {}
    return {
        "id": found["DBInstanceIdentifier"],
        "arn": found.get("DBInstanceArn"),
        "status": found["DBInstanceStatus"],
        "address": endpoint.get("Address"),
        "engine": found["Engine"],
        "version": found.get("EngineVersion"),
        "storage": found.get("AllocatedStorage"),
        "latest": found.get("LatestRestorableTime"),
        "cluster": found.get("DBClusterIdentifier"),
        "source": found.get("ReadReplicaSourceDBInstanceIdentifier"),
        "domains": [each.get("Domain") or each.get("FQDN") for each in found.get("DomainMemberships") or []],
        "roles": sorted(each["RoleArn"] for each in found.get("AssociatedRoles") or []),
        "replicas": sorted(found.get("ReadReplicaDBInstanceIdentifiers") or []),
        "managed": bool(found.get("MasterUserSecret")),
        "streams": found.get("ActivityStreamStatus", "stopped") != "stopped",
        "in_sync": all(each.get("ParameterApplyStatus") == "in-sync" for each in found.get("DBParameterGroups") or []),
        "pending": sorted(name for name, value in (found.get("PendingModifiedValues") or {}).items() if value),
        "tags": tags_of(found.get("TagList")),
        "settings": _settings(found),
    }


def can_be_restored_to(instance: Mapping[str, Any], to: datetime | None) -> bool:
    """Whether ``to`` lies within the days for which backups are kept, and before the last time; None is that one."""
    return to is None or _first(instance) <= to <= moment(instance["latest"])


def restorable_words(instance: Mapping[str, Any], to: datetime | None) -> str:
    """What ``can_be_restored_to`` asks, in words."""
    asked = f"{to.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if to else "the latest time"
    window = f"{_first(instance):%Y-%m-%dT%H:%M:%SZ} and {instance['latest']}"
    return f"{asked} lies between {window}, its first and last restorable time"


def _first(instance: Mapping[str, Any]) -> datetime:
    return moment(instance["latest"]) - timedelta(days=instance["settings"]["BackupRetentionPeriod"])


def to_restore(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a restore that keep these settings; groups of AWS's own come by themselves."""
    said = {name: settings[name] for name in AT_RESTORE if name in settings}
    for name in ("DBParameterGroupName", "OptionGroupName"):
        if str(said.get(name, "")).startswith("default"):
            del said[name]
    if said.get("StorageType") not in {"gp3", "io1", "io2"}:
        said.pop("Iops", None)
    if said.get("StorageType") != "gp3":
        said.pop("StorageThroughput", None)
    return {name: value for name, value in said.items() if not _is_baseline(said, name)}


def to_modify(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of the ModifyDBInstance that sets what a restore cannot be told."""
    return {name: settings[name] for name in AFTERWARDS if name in settings}


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Where the settings of the new instance are unlike the old one's, in words."""
    names = sorted({*old, *new})
    return [f"{name}: {old.get(name)}, now {new.get(name)}" for name in names if old.get(name) != new.get(name)]


def drift(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Where it differs as the backup was: it is as large, and of the version, as it was at that time."""
    pairs = [("version", "version"), ("storage", "GiB")]
    return [f"{words}: {old[key]}, now {new[key]}" for key, words in pairs if old[key] != new[key]]


def left_behind(old: Mapping[str, Any]) -> list[str]:
    """What neither the restore nor this runbook brings along: for a person, before the cut-over."""
    return [BY_IAM, *followers(old), *belongings(old), *its_stack(old)]


def names_seen(run: str, answer: Any) -> dict[str, dict[str, Any]]:
    """Of several instances, by name (``rds_beside``)."""
    return by_name(run, answer["DBInstances"], "DBInstanceIdentifier", "DBInstanceStatus", _address)


def _address(instance: Any) -> str | None:
    found: str | None = (instance.get("Endpoint") or {}).get("Address")
    return found


def is_made_by(run: str, answer: Any) -> bool:
    """Whether the instance is there and carries the run's tag."""
    return first_is_made_by(run, answer["DBInstances"])


def can_be_deleted_as_made_by(run: str, answer: Any) -> bool:
    """Whether AWS would delete it by now: not while it is being created, backed up or changed.

    Raises Unknown where the instance of that name is another one, which the run may not delete.
    """
    if not is_made_by(run, answer):
        raise Unknown(f"the instance of that name was not made by {run}")
    return not is_busy(answer["DBInstances"][0]["DBInstanceStatus"])


def is_busy(status: str) -> bool:
    """Whether RDS works on it, so that it takes no request (RDS user guide, "Viewing DB instance status")."""
    return status.endswith("ing") or status.startswith(_BUSY)


def only_snapshot(answer: Any) -> dict[str, Any]:
    """The one snapshot of a DescribeDBSnapshots answer: ``{"id", "of", "status", "engine", "key", "at"}``.

    ``of`` is the instance of which it was made, ``key`` its KMS key or None, ``at`` the time that it holds.
    """
    if not answer["DBSnapshots"]:
        raise Unknown("there is no such snapshot")
    found = answer["DBSnapshots"][0]
    return {
        "id": found["DBSnapshotIdentifier"],
        "of": found["DBInstanceIdentifier"],
        "status": found["Status"],
        "engine": found["Engine"],
        "key": found.get("KmsKeyId"),
        "at": found.get("SnapshotDatabaseTime") or found.get("SnapshotCreateTime"),
    }


def _settings(found: Mapping[str, Any]) -> dict[str, Any]:
    parameters, options = found.get("DBParameterGroups") or [{}], found.get("OptionGroupMemberships") or [{}]
    said = {name: found.get(name) for name in _AS_THEY_ARE}
    said |= {
        "DBParameterGroupName": parameters[0].get("DBParameterGroupName"),
        "DBSubnetGroupName": (found.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
        "EnableCloudwatchLogsExports": sorted(found.get("EnabledCloudwatchLogsExports") or []) or None,
        "EnableIAMDatabaseAuthentication": found.get("IAMDatabaseAuthenticationEnabled"),
        "EnablePerformanceInsights": found.get("PerformanceInsightsEnabled") or None,
        "Iops": found.get("Iops"),
        "MonitoringInterval": found.get("MonitoringInterval") or None,
        "MonitoringRoleArn": found.get("MonitoringRoleArn") if found.get("MonitoringInterval") else None,
        "OptionGroupName": options[0].get("OptionGroupName"),
        "Port": (found.get("Endpoint") or {}).get("Port") or found.get("DbInstancePort"),
        "StorageThroughput": found.get("StorageThroughput"),
        "VpcSecurityGroupIds": sorted(each["VpcSecurityGroupId"] for each in found.get("VpcSecurityGroups") or []),
    }
    return {name: value for name, value in said.items() if value is not None and value != []}


def _is_baseline(said: Mapping[str, Any], name: str) -> bool:
    return said.get("StorageType") == "gp3" and name in _BASELINE and said[name] <= _BASELINE[name]
