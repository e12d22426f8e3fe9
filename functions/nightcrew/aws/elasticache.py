"""ElastiCache replication groups and nodes: how they are named, and what their answers say.

Sources: ElastiCache API reference (ReplicationGroup, NodeGroup, NodeGroupMember, CacheCluster) and user guide.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls
from nightcrew.aws.tags import tags_of
from nightcrew.errors import Unknown

_elasticache = calls("elasticache")


def only_group(answer: Any) -> dict[str, Any]:
    """The one group of a DescribeReplicationGroups answer: ``{"settled", "sharded", "failover", "multi_az",
    "secondary", "primary", "members", "replicas"}``.

    ``settled`` is whether it and its shards are available and nothing is being turned on or off; ``failover`` and
    ``multi_az`` whether they are on; ``primary`` the id of the node that writes, where cluster mode is off;
    ``members`` are nodes as ``{"id", "role", "zone"}``; ``replicas`` how many each shard has. Raises Unknown where
    there is no such group.
    """
    groups = answer["ReplicationGroups"]
    if not groups:
        raise Unknown("there is no such replication group")
    found = groups[0]
    shards = found.get("NodeGroups", [])
    members = [_member(each) for shard in shards for each in shard.get("NodeGroupMembers", [])]
    states = {found["Status"], *(shard.get("Status", "available") for shard in shards)}
    failover = found.get("AutomaticFailover", "disabled")
    return {
        "settled": states == {"available"} and failover in {"enabled", "disabled"},
        "sharded": bool(found.get("ClusterEnabled")),
        "failover": failover.startswith("enabl"),
        "multi_az": found.get("MultiAZ") == "enabled",
        "secondary": (found.get("GlobalReplicationGroupInfo") or {}).get("GlobalReplicationGroupMemberRole")
        == "SECONDARY",
        "primary": next((each["id"] for each in members if each["role"] == "primary"), None),
        "members": sorted(members, key=lambda each: str(each["id"])),
        "replicas": [len(shard.get("NodeGroupMembers", [])) - 1 for shard in shards],
    }


def best_replica(group: Mapping[str, Any]) -> str | None:
    """Which node should take over: one in another zone than the primary's, then the first by its id; None where
    there is no replica.
    """
    zones = {each["id"]: each["zone"] for each in group["members"]}
    replicas = [each["id"] for each in group["members"] if each["role"] == "replica"]
    return min(replicas, key=lambda each: (zones[each] == zones.get(group["primary"]), each), default=None)


def only_node(answer: Any) -> dict[str, Any]:
    """The one cluster of a DescribeCacheClusters answer with its nodes: ``{"status", "engine", "group", "nodes"}``.

    ``status`` is like "available" or "rebooting cluster nodes"; ``group`` its replication group, or None; ``nodes``
    maps ids to their statuses. Raises Unknown where there is none.
    """
    clusters = answer["CacheClusters"]
    if not clusters:
        raise Unknown("there is no such cache cluster")
    found = clusters[0]
    return {
        "status": found["CacheClusterStatus"],
        "engine": found.get("Engine", "redis"),
        "group": found.get("ReplicationGroupId") or None,
        "nodes": {
            str(each["CacheNodeId"]): each.get("CacheNodeStatus", "available") for each in found.get("CacheNodes", [])
        },
    }


def _member(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": found["CacheClusterId"],
        "role": found.get("CurrentRole"),
        "zone": found.get("PreferredAvailabilityZone"),
    }


def _surroundings_of_node(answer: Any) -> Surroundings:
    clusters = answer["CacheClusters"]
    name = clusters[0].get("ReplicationGroupId") if clusters else None
    return Surroundings((f"elasticache:replicationgroup:{name}",) if name else ())


# ElastiCache keeps it in lower case: two spellings would be two locks on one resource.
_NAME = r"[a-z](?:-?[a-z0-9]){0,49}"

ReplicationGroupId = Annotated[
    str,
    ResourceName(
        "elasticache",
        "replicationgroup:{}",
        pattern=_NAME,
        example="sessions",
        lookup=Lookup(
            "elasticache:ListTagsForResource",
            lambda arn: _elasticache.list_tags_for_resource(ResourceName=arn),
            lambda answer: Surroundings(tags=tags_of(answer.get("TagList"))),
            by_arn=True,
        ),
    ),
]
"""The id of a replication group, in lower case."""

CacheClusterId = Annotated[
    str,
    ResourceName(
        "elasticache",
        "cluster:{}",
        pattern=_NAME,
        example="sessions-002",
        lookup=Lookup(
            "elasticache:DescribeCacheClusters",
            # With its nodes, since the runbooks' own read is the same.
            lambda name: _elasticache.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True),
            _surroundings_of_node,
        ),
    ),
]
"""The id of a cache cluster: in a replication group, that of one node. In lower case."""
