"""Take away the replicas that were added to an ElastiCache replication group, when the others can bear the load."""

from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws.cloudwatch import highest, lately
from nightcrew.aws.elasticache import ReplicationGroupId, only_group

elasticache = calls("elasticache")

AGAIN = timedelta(hours=6)


@runbook(
    family="scale-out",
    risk="disruptive",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=3),
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "elasticache:DecreaseReplicaCount",
        "elasticache:DescribeReplicationGroups",
        "elasticache:IncreaseReplicaCount",
        "elasticache:ListTagsForResource",
    ],
)
def remove_elasticache_replicas(
    run: Run,
    group: ReplicationGroupId,
    kept: str,
    raised: int,
    busy: int = 70,
    within: timedelta = timedelta(minutes=45),
) -> str:
    """Deletes the nodes that are not in `kept` (the names of those that stay, with commas between them): who reads from
    one is cut off, and connects to another. No data goes with them.

    Only if each shard still has the `raised` replicas that a run left behind, and all of `kept` are there: what
    somebody changed meanwhile is left alone. So is a group in which an added node has become the primary: fail it over
    first.

    While one of those that go is so busy that the others would be busier than `busy` % with its load (their highest CPU
    of the last ten minutes, spread over fewer), nothing is changed, and it is tried again in six hours. Where
    CloudWatch has no figure, that does not hold it up. If they are not gone in time, as many are added again.
    """
    state = elasticache.describe_replication_groups(ReplicationGroupId=group)
    stay = {name for name in kept.split(",") if name}

    before = run.read("find the group", state, pick=only_group)
    there = {each["id"] for each in before["members"]}
    gone = sorted(there - stay)
    shards = max(len(before["replicas"]), 1)
    fewer = raised - len(gone) // shards
    run.require("it is available, and nothing about it is being changed", before["settled"])
    run.require(f"each of its shards still has {raised} replicas", set(before["replicas"]) == {raised})
    run.require("all nodes that are to stay are there", stay <= there)
    run.require("the others are as many in each shard", gone and len(gone) % shards == 0 and fewer >= 0)
    run.require("none of those that go is the primary", before["primary"] not in gone)
    load = max((run.read(f"look how busy {name} is", _cpu(run, name), pick=highest) or 0 for name in gone), default=0)
    spread = load * raised / max(fewer, 1)
    if spread > busy:
        given = {"group": group, "kept": kept, "raised": raised, "busy": busy}
        run.later("try again when the load is gone", "remove-elasticache-replicas", given, after=AGAIN)
    run.require(f"the others would be {busy} % busy at most, and not {spread:.0f} %", spread <= busy)

    def add_as_many() -> None:
        now = run.wait_until("it can be changed again", state, _settled, within=within, pick=only_group)
        if set(now["replicas"]) != {raised}:
            again = elasticache.increase_replica_count(
                ReplicationGroupId=group, NewReplicaCount=raised, ApplyImmediately=True
            )
            run.change(f"go back to {raised} replicas", again, pick=_status)
            run.wait_until(f"it has {raised} replicas again", state, _has(raised), within=within, pick=only_group)

    run.change(
        f"take {len(gone)} replicas away",
        elasticache.decrease_replica_count(ReplicationGroupId=group, ReplicasToRemove=gone, ApplyImmediately=True),
        undo=add_as_many,
        # It was available before: what is being modified is this.
        took_effect=(state, lambda answer: not _settled(only_group(answer)) or _has(fewer)(only_group(answer))),
        pick=_status,
    )
    run.wait_until("they are gone", state, _has(fewer), within=within, pick=only_group)

    def those_that_stay(seen: Any) -> bool:
        return bool(_has(fewer)(seen)) and {each["id"] for each in seen["members"]} == stay

    run.prove(
        "it is available with those that stay", state, those_that_stay, within=timedelta(minutes=4), pick=only_group
    )
    return f"{group} has {fewer} replicas again"


def _cpu(run: Run, name: str) -> Any:
    return lately("EngineCPUUtilization", {"CacheClusterId": name}, run.now, namespace="AWS/ElastiCache")


def _status(answer: Any) -> dict[str, str]:
    return {"status": answer["ReplicationGroup"]["Status"]}


def _settled(seen: Any) -> bool:
    return bool(seen["settled"])


def _has(replicas: int) -> Any:
    return lambda seen: _settled(seen) and set(seen["replicas"]) == {replicas}
