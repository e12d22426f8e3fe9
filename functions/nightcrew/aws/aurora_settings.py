"""What an Aurora cluster and its instances have beside their data: what a restore must be told, and how far another
cluster is like it.

A restore gives a cluster without instances, with the default security group, the default parameter group, no tags and
no backtracking (Aurora user guide, "Restoring a DB cluster to a specified time"), so each setting is named to it. What
it takes no word of is set by a ModifyDBCluster afterwards. An instance has little of its own: the rest is its
cluster's (API reference, CreateDBInstance: "doesn't apply to Amazon Aurora DB instances").
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from nightcrew.aws.rds import DEFAULT_TIER, readers_of, writer_of
from nightcrew.aws.rds_beside import BY_IAM, belongings, by_name, first_is_made_by, followers, its_stack
from nightcrew.aws.rds_settings import is_busy, only_db_instance
from nightcrew.aws.tags import tags_of
from nightcrew.clock import moment, stamp
from nightcrew.errors import Unknown

AT_RESTORE = (
    "BacktrackWindow",
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DBClusterParameterGroupName",
    "DBSubnetGroupName",
    "EnableCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication",
    "EngineLifecycleSupport",
    "NetworkType",
    "Port",
    "PreferredBackupWindow",
    "ServerlessV2ScalingConfiguration",
    "StorageType",
    "VpcSecurityGroupIds",
)
"""What both restores take, by the name of their parameter."""

AFTERWARDS = (
    "DatabaseInsightsMode",
    "EnableLocalWriteForwarding",
    "EnablePerformanceInsights",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "PreferredMaintenanceWindow",
)
"""What only ModifyDBCluster takes, by the name of its parameter."""

OF_AN_INSTANCE = (
    "AutoMinorVersionUpgrade",
    "AvailabilityZone",
    "CACertificateIdentifier",
    "DBInstanceClass",
    "DBParameterGroupName",
    "EnablePerformanceInsights",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "PreferredMaintenanceWindow",
    "PromotionTier",
    "PubliclyAccessible",
)
"""What CreateDBInstance takes for an instance of a cluster, by the name of its parameter."""

_AS_THEY_ARE = (
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "DeletionProtection",
    "EngineLifecycleSupport",
    "KmsKeyId",
    "NetworkType",
    "Port",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
)
"""Members of a cluster that have the same name as the parameter."""

_ADVANCED = ("DatabaseInsightsMode", "PerformanceInsightsKMSKeyId", "PerformanceInsightsRetentionPeriod")
"""With Database Insights in its advanced mode, these are the cluster's; else Performance Insights are an instance's."""


def only_whole_cluster(answer: Any) -> dict[str, Any]:
    """The one cluster of a DescribeDBClusters answer, cut down to what a restore must know.

    ``{"id", "status", "address", "engine", "version", "mode", "first", "latest", "global", "source", "replicas",
    "domains", "roles", "managed", "streams", "data_api", "endpoints", "special", "writer", "members", "in_sync",
    "pending", "tags", "settings"}``: ``first`` and ``latest`` are its restorable times; ``source`` is what it
    replicates; ``endpoints`` are custom ones; ``special`` is whether it is Limitless, or in no VPC; ``in_sync`` whether
    its parameters hold in each instance; ``settings`` maps a parameter of the restore to its value. Raises Unknown
    where there is none.
    """
    if not answer["DBClusters"]:
        raise Unknown("there is no such cluster")
    found = answer["DBClusters"][0]
    members = found.get("DBClusterMembers") or []
    return {
        "id": found["DBClusterIdentifier"],
        "status": found["Status"],
        "address": found.get("Endpoint"),
        "engine": found["Engine"],
        "version": found.get("EngineVersion"),
        "mode": found.get("EngineMode", "provisioned"),
        "first": found.get("EarliestRestorableTime"),
        "latest": found.get("LatestRestorableTime"),
        "global": found.get("GlobalClusterIdentifier") or None,
        "source": found.get("ReplicationSourceIdentifier") or None,
        "replicas": sorted(found.get("ReadReplicaIdentifiers") or []),
        "domains": [each.get("Domain") or each.get("FQDN") for each in found.get("DomainMemberships") or []],
        "roles": sorted(each["RoleArn"] for each in found.get("AssociatedRoles") or []),
        "managed": bool(found.get("MasterUserSecret")),
        "streams": found.get("ActivityStreamStatus", "stopped") != "stopped",
        "data_api": bool(found.get("HttpEndpointEnabled")),
        "endpoints": sorted(found.get("CustomEndpoints") or []),
        "special": found.get("ClusterScalabilityType") == "limitless" or found.get("VPCNetworkingEnabled") is False,
        "writer": writer_of(answer),
        "members": sorted([*readers_of(answer), *filter(None, [writer_of(answer)])]),
        "in_sync": all(each.get("DBClusterParameterGroupStatus") == "in-sync" for each in members),
        "pending": sorted(name for name, value in (found.get("PendingModifiedValues") or {}).items() if value),
        "tags": tags_of(found.get("TagList")),
        "settings": _settings(found),
    }


def members_of(writer: str | None, answer: Any) -> list[dict[str, Any]]:
    """The instances of a DescribeDBInstances answer, the writer first, then by tier and id: ``[{"id", "status",
    "address", "pending", "tags", "settings"}]``, the settings as parameters of CreateDBInstance.
    """
    found = []
    for each in answer["DBInstances"]:
        one = only_db_instance({"DBInstances": [each]})
        settings = {**one["settings"], "AvailabilityZone": each.get("AvailabilityZone")}
        settings["PromotionTier"] = each.get("PromotionTier", DEFAULT_TIER)
        kept = {name: settings[name] for name in OF_AN_INSTANCE if settings.get(name) is not None}
        found.append({**{key: one[key] for key in ("id", "status", "address", "pending", "tags")}, "settings": kept})
    return sorted(found, key=lambda each: (each["id"] != writer, each["settings"]["PromotionTier"], each["id"]))


def to_create(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a CreateDBInstance that keep these settings; a group of AWS's own comes by itself."""
    default = str(settings.get("DBParameterGroupName", "")).startswith("default")
    return {name: value for name, value in settings.items() if not (default and name == "DBParameterGroupName")}


def to_restore(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a restore that keep these settings; a group of AWS's own comes by itself."""
    default = str(settings.get("DBClusterParameterGroupName", "")).startswith("default")
    left_out = {"DBClusterParameterGroupName"} if default else set()
    return {name: settings[name] for name in AT_RESTORE if name in settings and name not in left_out}


def to_modify(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of the ModifyDBCluster that sets what a restore cannot be told."""
    return {name: settings[name] for name in AFTERWARDS if name in settings}


def can_be_restored_to(cluster: Mapping[str, Any], to: datetime | None) -> bool:
    """Whether ``to`` lies between its restorable times; None is the latest one."""
    return to is None or moment(cluster["first"]) <= to <= moment(cluster["latest"])


def restorable_words(cluster: Mapping[str, Any], to: datetime | None) -> str:
    """What ``can_be_restored_to`` asks, in words."""
    asked = stamp(to.astimezone(UTC)) if to else "the latest time"
    return f"{asked} lies between {cluster['first']} and {cluster['latest']}, its first and last restorable time"


def left_behind(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What neither the restore nor its runbook brings along: for a person, before the cut-over."""
    found = [BY_IAM]
    if old["version"] != new["version"]:
        found.append(f"its version {old['version']}: it has {new['version']}")
    found += followers(old)
    if old["endpoints"]:
        found.append(f"its custom endpoints {', '.join(old['endpoints'])}")
    found += belongings(old)
    if old["data_api"]:
        found.append("its Data API, which is off")
    return [*found, "the auto scaling of its readers, where it has any", *its_stack(old)]


def cluster_names_seen(run: str, answer: Any) -> dict[str, dict[str, Any]]:
    """Of several clusters, by name (``rds_beside``)."""
    return by_name(run, answer["DBClusters"], "DBClusterIdentifier", "Status", lambda each: each.get("Endpoint"))


def is_cluster_made_by(run: str, answer: Any) -> bool:
    """Whether the cluster is there and carries the run's tag."""
    return first_is_made_by(run, answer["DBClusters"])


def cluster_can_be_deleted_as_made_by(run: str, answer: Any) -> bool:
    """Whether AWS would delete it by now: without instances, and not while it is being created or changed.

    Raises Unknown where the cluster of that name is another one, which the run may not delete.
    """
    if not is_cluster_made_by(run, answer):
        raise Unknown(f"the cluster of that name was not made by {run}")
    found = answer["DBClusters"][0]
    return not is_cluster_busy(found["Status"]) and not found.get("DBClusterMembers")


def is_cluster_busy(status: str) -> bool:
    """Whether it takes no request (Aurora user guide, "Viewing DB cluster status")."""
    return is_busy(status) or status == "update-iam-db-auth"


def only_cluster_snapshot(answer: Any) -> dict[str, Any]:
    """The one snapshot of a DescribeDBClusterSnapshots answer: ``{"id", "of", "status", "engine", "version", "key"}``.

    ``of`` is the cluster of which it was made, ``key`` its KMS key or None.
    """
    if not answer["DBClusterSnapshots"]:
        raise Unknown("there is no such snapshot")
    found = answer["DBClusterSnapshots"][0]
    return {
        "id": found["DBClusterSnapshotIdentifier"],
        "of": found["DBClusterIdentifier"],
        "status": found["Status"],
        "engine": found["Engine"],
        "version": found["EngineVersion"],
        "key": found.get("KmsKeyId"),
    }


def unlike(pairs: Sequence[tuple[Mapping[str, Any], str]], found: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the new instances lack, in words: ``pairs`` are an old instance and the name of the new one for it."""
    by_name = {each["id"]: each for each in found}
    words = []
    for old, name in pairs:
        if name not in by_name:
            words.append(f"{name} is not there")
            continue
        new = by_name[name]
        if new["status"] != "available" or new["pending"]:
            words.append(f"{name} is {new['status']}, and waits for {', '.join(new['pending']) or 'nothing'}")
        words += [
            f"{name}: {key} was {old['settings'].get(key)}, is {new['settings'].get(key)}"
            for key in OF_AN_INSTANCE
            if old["settings"].get(key) != new["settings"].get(key)
        ]
    return words


def _settings(found: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: found.get(name) for name in _AS_THEY_ARE}
    if found.get("DatabaseInsightsMode") == "advanced":
        said |= {name: found.get(name) for name in _ADVANCED}
        said["EnablePerformanceInsights"] = True
    said |= {
        "BacktrackWindow": found.get("BacktrackWindow") or None,
        "DBClusterParameterGroupName": found.get("DBClusterParameterGroup"),
        "DBSubnetGroupName": found.get("DBSubnetGroup"),
        "EnableCloudwatchLogsExports": sorted(found.get("EnabledCloudwatchLogsExports") or []) or None,
        "EnableIAMDatabaseAuthentication": found.get("IAMDatabaseAuthenticationEnabled"),
        "EnableLocalWriteForwarding": found.get("LocalWriteForwardingStatus") == "enabled" or None,
        "ServerlessV2ScalingConfiguration": found.get("ServerlessV2ScalingConfiguration"),
        # The ordinary type is not named in an answer (API reference, CreateDBCluster, StorageType).
        "StorageType": "aurora-iopt1" if found.get("StorageType") == "aurora-iopt1" else None,
        "VpcSecurityGroupIds": sorted(each["VpcSecurityGroupId"] for each in found.get("VpcSecurityGroups") or []),
    }
    return {name: value for name, value in said.items() if value is not None and value not in ([], {})}
