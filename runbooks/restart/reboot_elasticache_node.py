"""Reboot a replica of an ElastiCache replication group that has fallen behind; it is filled again from the primary."""

from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.elasticache import CacheClusterId, only_group, only_node

elasticache = calls("elasticache")


@runbook(
    family="restart",
    risk="disruptive",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=1),
    triggers=[Alarm("AWS/ElastiCache", "ReplicationLag", direction="high", node="CacheClusterId")],
    permissions=[
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeReplicationGroups",
        "elasticache:RebootCacheCluster",
    ],
)
def reboot_elasticache_node(run: Run, node: CacheClusterId, within: timedelta = timedelta(minutes=15)) -> str:
    """Reboots one replica. What it holds is lost and comes again from its primary; it serves nothing for some minutes.

    Only a replica, in a group whose primary is there: the contents of a primary, of a node that stands alone and of
    Memcached would be lost for good, so these are left alone. To reboot a primary, fail it over first
    (`fail-over-elasticache-primary`). With cluster mode on AWS reboots no single node, so such a group is left alone.
    Parameters that wait for a reboot take effect. There is no way back from a reboot: if the run ends early, it waits
    until the node is available.
    """
    state = elasticache.describe_cache_clusters(CacheClusterId=node, ShowCacheNodeInfo=True)

    before = run.read("find the node", state, pick=only_node)
    run.require("it belongs to a replication group", before["group"] is not None)
    owner = elasticache.describe_replication_groups(ReplicationGroupId=str(before["group"]))
    group = run.read("find its group", owner, pick=only_group)
    run.require("cluster mode is off", not group["sharded"])
    run.require("it is a replica", node in _replicas(group))
    run.require("the group is available, its primary among it", group["settled"] and group["primary"] is not None)
    run.require("the node is available", before["status"] == "available")

    def let_it_come_back() -> None:
        run.wait_until("it is available again", state, _is_available, within=within, pick=only_node)

    run.change(
        "reboot it",
        elasticache.reboot_cache_cluster(CacheClusterId=node, CacheNodeIdsToReboot=sorted(before["nodes"])),
        undo=let_it_come_back,
        took_effect=(state, lambda answer: not _is_available(only_node(answer))),
        pick=lambda answer: answer["CacheCluster"]["CacheClusterStatus"],
    )
    # "available" can be what it was before: that it has left is what cannot be stale.
    run.wait_until(
        "it has left", state, lambda seen: not _is_available(seen), within=timedelta(minutes=4), pick=only_node
    )
    run.prove("it is available again", state, _is_available, within=within, pick=only_node)
    run.prove(
        "it is a replica still, and its group is available",
        owner,
        lambda seen: seen["settled"] and node in _replicas(seen),
        within=within,
        pick=only_group,
    )
    return f"{node} was rebooted, and is filled from {group['primary']}"


def _is_available(seen: Any) -> bool:
    return bool(seen["status"] == "available" and set(seen["nodes"].values()) <= {"available"})


def _replicas(group: Any) -> list[str]:
    return [each["id"] for each in group["members"] if each["role"] == "replica"]
