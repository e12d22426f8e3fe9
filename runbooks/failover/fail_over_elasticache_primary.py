"""Make a replica of an ElastiCache replication group its primary, in another zone where there is one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.cloudwatch import lately, latest
from nightcrew.aws.elasticache import ReplicationGroupId, best_replica, only_group

elasticache = calls("elasticache")


@runbook(
    family="failover",
    risk="disruptive",
    by_hand=timedelta(minutes=30),
    deadline=timedelta(hours=2),
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "elasticache:DescribeReplicationGroups",
        "elasticache:ListTagsForResource",
        "elasticache:ModifyReplicationGroup",
    ],
)
def fail_over_elasticache_primary(
    run: Run,
    group: ReplicationGroupId,
    lag: timedelta = timedelta(seconds=1),
    within: timedelta = timedelta(minutes=15),
) -> str:
    """Promotes a replica. Writes stop for about a minute, and what was written last and is not replicated yet is lost.

    A replica whose lag CloudWatch saw above `lag`, or does not know, is not promoted. Who connects to the primary
    endpoint finds the new primary there; who connects to a node's own endpoint must change it. A group with cluster
    mode on is left alone, as is the secondary of a global datastore.

    AWS promotes nothing while the group fails over by itself. So that, and Multi-AZ, are turned off first and on again
    afterwards, as they were; in between nobody takes over should the primary die. If the promotion is not through in
    time, the old primary is promoted again, and both are turned on again.

    It answers no alarm by itself: ElastiCache's metrics are a node's, and do not name the group. A team binds it.
    """
    state = elasticache.describe_replication_groups(ReplicationGroupId=group)

    before = run.read("find the group", state, pick=only_group)
    old, by_itself = before["primary"], before["failover"]
    run.require("cluster mode is off", not before["sharded"])
    run.require("it is no secondary of a global datastore", not before["secondary"])
    run.require("it is available, and nothing about it is being changed", before["settled"])
    run.require("it has a primary", old is not None)
    target = best_replica(before)
    run.require("it has a replica", target is not None)
    seen = run.read(
        f"the lag of {target}",
        lately("ReplicationLag", {"CacheClusterId": str(target)}, run.now, namespace="AWS/ElastiCache"),
        pick=latest,
    )
    known = f"{seen:.1f} s" if seen is not None else "not known"
    near = seen is not None and seen <= lag.total_seconds()
    run.require(f"{target} lags {lag.total_seconds():.0f} s at most: {known}", near)

    def turn_on_again() -> None:
        run.wait_until("it can be changed again", state, _settled, within=within, pick=only_group)
        _turn(run, group, before, "let it fail over by itself again", on=True)

    def turn_off_again() -> None:
        run.wait_until("it can be changed again", state, _settled, within=within, pick=only_group)
        _turn(run, group, before, "stop it from failing over by itself once more", on=False)
        run.wait_until("that is off", state, _off, within=within, pick=only_group)

    def promote_the_old_one() -> None:
        now = run.wait_until("the promotion is over", state, _settled, within=within, pick=only_group)
        if now["primary"] != old:
            run.change(f"promote {old} again", _promote(group, str(old)), took_effect=(state, _moves_to(str(old))))
            run.wait_until(f"{old} is the primary again", state, _led_by(str(old)), within=within, pick=only_group)

    if by_itself:
        _turn(run, group, before, "stop it from failing over by itself", on=False, undo=turn_on_again)
        run.wait_until("it does not fail over by itself", state, _off, within=within, pick=only_group)
    run.change(
        f"promote {target}",
        _promote(group, str(target)),
        undo=promote_the_old_one,
        took_effect=(state, _moves_to(str(target))),
        pick=_status,
    )
    run.wait_until(f"{target} is the primary", state, _led_by(str(target)), within=within, pick=only_group)
    if by_itself:
        _turn(run, group, before, "let it fail over by itself again", on=True, undo=turn_off_again)

    def as_before(now: Any) -> bool:
        kept = all(now[each] == before[each] for each in ("failover", "multi_az"))
        return _led_by(str(target))(now) and kept and len(now["members"]) == len(before["members"])

    run.prove(f"{target} leads, and all else is as before", state, as_before, within=within, pick=only_group)
    return f"{group} is led by {target} now, and was by {old}"


def _turn(
    run: Run, group: str, before: dict[str, Any], title: str, *, on: bool, undo: Callable[[], None] | None = None
) -> None:
    """Turn both on or off: Multi-AZ wants automatic failover."""
    state = elasticache.describe_replication_groups(ReplicationGroupId=group)
    call = elasticache.modify_replication_group(
        ReplicationGroupId=group,
        AutomaticFailoverEnabled=on,
        MultiAZEnabled=on and before["multi_az"],
        ApplyImmediately=True,
    )
    run.change(
        title,
        call,
        undo=undo,
        took_effect=(state, lambda answer: only_group(answer)["failover"] == on),
        pick=_status,
    )


def _promote(group: str, node: str) -> Call:
    return elasticache.modify_replication_group(ReplicationGroupId=group, PrimaryClusterId=node, ApplyImmediately=True)


def _status(answer: Any) -> dict[str, str]:
    return {"status": answer["ReplicationGroup"]["Status"]}


def _settled(seen: Any) -> bool:
    return bool(seen["settled"])


def _off(seen: Any) -> bool:
    return _settled(seen) and not seen["failover"]


def _led_by(node: str) -> Callable[[Any], bool]:
    return lambda seen: _settled(seen) and seen["primary"] == node


def _moves_to(node: str) -> Callable[[Any], bool]:
    # It was available before: what is being modified is this.
    return lambda answer: not only_group(answer)["settled"] or only_group(answer)["primary"] == node
