"""Add replicas to an ElastiCache replication group whose readers are too busy."""

from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws.application_autoscaling import scalable_targets
from nightcrew.aws.elasticache import ReplicationGroupId, only_group

elasticache = calls("elasticache")
application_autoscaling = calls("application-autoscaling")

MOST = 5
"""Replicas of one shard (user guide, "Understanding replication": zero to five)."""


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=25),
    deadline=timedelta(hours=3),
    permissions=[
        "application-autoscaling:DescribeScalableTargets",
        "elasticache:DecreaseReplicaCount",
        "elasticache:DescribeReplicationGroups",
        "elasticache:IncreaseReplicaCount",
        "elasticache:ListTagsForResource",
    ],
)
def add_elasticache_replicas(
    run: Run,
    group: ReplicationGroupId,
    more: int = 1,
    at_most: int = MOST,
    keep: timedelta = timedelta(days=1),
    within: timedelta = timedelta(minutes=45),
) -> str:
    """Adds `more` replicas to the group, or with cluster mode on to each of its shards, never above `at_most` each.

    There is no outage. While a new replica is filled the primary has more to do, and needs memory for what is written
    meanwhile. Only reads profit, and only where clients use the reader endpoint. What scales by itself is left alone,
    as is a group that is being changed, and one whose shards have different numbers of replicas.

    After `keep` the new ones are taken away by `remove-elasticache-replicas`, if the others can bear the load. If they
    are not through in time, they are taken away at once: they, and none that was there before. It answers no alarm by
    itself: ElastiCache's metrics are a node's, and do not name the group. A team binds it.
    """
    state = elasticache.describe_replication_groups(ReplicationGroupId=group)
    scaled = application_autoscaling.describe_scalable_targets(
        ServiceNamespace="elasticache",
        ResourceIds=[f"replication-group/{group}"],
        ScalableDimension="elasticache:replication-group:Replicas",
    )

    before = run.read("find the group", state, pick=only_group)
    run.require("it is available, and nothing about it is being changed", before["settled"])
    run.require("each of its shards has as many replicas", len(set(before["replicas"])) == 1)
    old = before["replicas"][0]
    wanted = min(old + more, at_most, MOST)
    run.require("more is above 0", more > 0)
    run.require(f"it has fewer replicas than at_most ({min(at_most, MOST)})", old < wanted)
    run.require("they do not scale by themselves", not run.read("look how it scales", scaled, pick=scalable_targets))
    there = {each["id"] for each in before["members"]}

    def take_them_away() -> None:
        now = run.wait_until("it can be changed again", state, _settled, within=within, pick=only_group)
        new = sorted(each["id"] for each in now["members"] if each["id"] not in there)
        if new:
            away = elasticache.decrease_replica_count(
                ReplicationGroupId=group, ReplicasToRemove=new, ApplyImmediately=True
            )
            run.change("take the new replicas away", away, pick=_status)
            run.wait_until("they are gone", state, _has(old), within=within, pick=only_group)

    run.change(
        f"go from {old} replicas to {wanted}",
        elasticache.increase_replica_count(ReplicationGroupId=group, NewReplicaCount=wanted, ApplyImmediately=True),
        undo=take_them_away,
        # It was available before: what is being modified is this.
        took_effect=(state, lambda answer: not _settled(only_group(answer)) or _has(wanted)(only_group(answer))),
        pick=_status,
    )
    given = {"group": group, "kept": ",".join(sorted(there)), "raised": wanted}
    run.later("take the new ones away again", "remove-elasticache-replicas", given, after=keep)
    run.wait_until(f"it has {wanted} replicas", state, _has(wanted), within=within, pick=only_group)

    def serves(seen: Any) -> bool:
        roles = [each["role"] for each in seen["members"]]
        # With cluster mode on, AWS does not tell the roles.
        return bool(_has(wanted)(seen)) and (before["sharded"] or roles.count("replica") == wanted)

    run.prove(f"its {wanted} replicas are available", state, serves, within=timedelta(minutes=4), pick=only_group)
    return f"{group} has {wanted} replicas and had {old}; the new ones go in {keep / timedelta(hours=1):.0f} h"


def _status(answer: Any) -> dict[str, str]:
    return {"status": answer["ReplicationGroup"]["Status"]}


def _settled(seen: Any) -> bool:
    return bool(seen["settled"])


def _has(replicas: int) -> Any:
    return lambda seen: _settled(seen) and set(seen["replicas"]) == {replicas}
