"""What moto lacks about ElastiCache, answered as AWS would where nothing goes wrong.

moto 5.2.5 promotes nothing, adds and removes no replicas, reboots nothing, gives a group no more nodes than one unless
the replicas are counted for each shard, knows no node of a group by itself, and nothing of how replicas scale.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.responses import ActionResult, PaginatedResult
from moto.elasticache.exceptions import CacheClusterNotFound, InvalidParameterCombinationException
from moto.elasticache.responses import ElastiCacheResponse

LOOKS = 4
"""How many looks at a rebooting node see it reboot: a process that is killed looks again."""


@contextmanager
def whole_caches() -> Iterator[None]:
    """For as long as the block lasts, moto's groups promote, grow and shrink, and their nodes reboot."""
    kept = {
        name: getattr(ElastiCacheResponse, name) for name in ("modify_replication_group", "describe_cache_clusters")
    }

    of_others = ApplicationAutoScalingResponse.describe_scalable_targets

    def modify(self: ElastiCacheResponse) -> Any:
        group, wanted = _group(self), self._get_param("PrimaryClusterId")
        if wanted:
            # User guide, "Promoting a read replica to primary".
            if group.automatic_failover == "enabled":
                raise InvalidParameterCombinationException("Cannot promote while automatic failover is enabled.")
            for member in _members(group):
                member["current_role"] = "primary" if member["cache_cluster_id"] == wanted else "replica"
        return kept["modify_replication_group"](self)

    def describe(self: ElastiCacheResponse) -> Any:
        name = self._get_param("CacheClusterId")
        for group in self.elasticache_backend.replication_groups.values():
            if name in {each["cache_cluster_id"] for each in _members(group)}:
                return PaginatedResult({"CacheClusters": [_node(group, name)]})
        return kept["describe_cache_clusters"](self)

    def scalable(self: ApplicationAutoScalingResponse) -> str:
        if self._get_param("ServiceNamespace") == "elasticache":
            return json.dumps({"ScalableTargets": []})
        return of_others(self)

    more = {
        "modify_replication_group": modify,
        "describe_cache_clusters": describe,
        "increase_replica_count": _increase,
        "decrease_replica_count": _decrease,
        "reboot_cache_cluster": _reboot,
    }
    with ExitStack() as stack:
        for name, method in more.items():
            stack.enter_context(patch.object(ElastiCacheResponse, name, method, create=True))
        stack.enter_context(patch.object(ApplicationAutoScalingResponse, "describe_scalable_targets", scalable))
        yield


def _increase(self: ElastiCacheResponse) -> ActionResult:
    group, wanted = _group(self), self._get_int_param("NewReplicaCount")
    for shard in group.node_groups:
        members = shard["node_group_members"]
        while len(members) <= wanted:
            last = members[-1]["cache_cluster_id"]
            name = f"{last[:-3]}{int(last[-3:]) + 1:0>3}"
            members.append({**members[-1], "cache_cluster_id": name, "current_role": "replica"})
            group.member_clusters.append(name)
    return ActionResult({"ReplicationGroup": group})


def _decrease(self: ElastiCacheResponse) -> ActionResult:
    group, gone = _group(self), set(self._get_param("ReplicasToRemove", []))
    for shard in group.node_groups:
        shard["node_group_members"] = [m for m in shard["node_group_members"] if m["cache_cluster_id"] not in gone]
    group.member_clusters = [name for name in group.member_clusters if name not in gone]
    return ActionResult({"ReplicationGroup": group})


def _reboot(self: ElastiCacheResponse) -> ActionResult:
    name = self._get_param("CacheClusterId")
    for group in self.elasticache_backend.replication_groups.values():
        if name in {each["cache_cluster_id"] for each in _members(group)}:
            vars(group).setdefault("nightcrew_looks", {})[name] = LOOKS
            return ActionResult({"CacheCluster": _node(group, name)})
    raise CacheClusterNotFound(name)


def _group(self: ElastiCacheResponse) -> Any:
    return self.elasticache_backend.describe_replication_groups(self._get_param("ReplicationGroupId"))[0]


def _members(group: Any) -> list[dict[str, Any]]:
    return [member for shard in group.node_groups for member in shard["node_group_members"]]


def _node(group: Any, name: str) -> dict[str, Any]:
    looks = vars(group).setdefault("nightcrew_looks", {})
    left = looks.pop(name, 0)
    if left > 1:
        looks[name] = left - 1
    return {
        "CacheClusterId": name,
        "CacheClusterStatus": "rebooting cluster nodes" if left else "available",
        "Engine": group.engine,
        "ReplicationGroupId": group.replication_group_id,
        "NumCacheNodes": 1,
        "CacheNodes": [{"CacheNodeId": "0001", "CacheNodeStatus": "rebooting" if left else "available"}],
    }
