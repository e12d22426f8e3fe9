"""Make a reader of an Aurora cluster its writer, in another zone, when the writer is slow to commit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.cloudwatch import lately, latest
from nightcrew.aws.rds import ClusterId, available, best_reader, instances, only_cluster, writer_of

rds = calls("rds")


@runbook(
    family="failover",
    risk="disruptive",
    by_hand=timedelta(minutes=20),
    deadline=timedelta(hours=1),
    triggers=[
        Alarm("AWS/RDS", "CommitLatency", direction="high", where={"Role": "WRITER"}, cluster="DBClusterIdentifier")
    ],
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:FailoverDBCluster",
    ],
)
def fail_over_aurora_cluster(
    run: Run,
    cluster: ClusterId,
    lag: timedelta = timedelta(seconds=1),
    within: timedelta = timedelta(minutes=10),
) -> str:
    """Promotes the best reader: available, in another zone than the writer, by promotion tier. Connections are cut.

    Writes stop for about half a minute, and the old writer restarts as a reader. Nothing that was committed is lost,
    since all instances share their storage. Who connects to an instance's own endpoint instead of the cluster's must
    connect anew. A secondary of a global cluster is left alone, as is a reader whose lag CloudWatch saw above `lag`.

    Whether a write succeeds is not tried here: the alarm's own OK, on the latency of whichever instance writes, tells.
    """
    state = rds.describe_db_clusters(DBClusterIdentifier=cluster)
    members = rds.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [cluster]}])

    before = run.read("find the cluster", state, pick=only_cluster)
    run.require(
        "it is Aurora, and not Serverless v1", before["engine"].startswith("aurora") and before["mode"] != "serverless"
    )
    run.require("it replicates no other cluster: it is no secondary", before["source"] is None)
    run.require("it is available", before["status"] == "available")
    writer = before["writer"]
    run.require("it has a writer", writer is not None)

    found = run.read("look at its instances", members, pick=instances)
    reader = best_reader(found, writer)
    run.require("a reader in another zone than the writer's is available", reader)
    target = reader["id"]
    behind = run.read(
        f"the lag of {target}",
        lately("AuroraReplicaLag", {"DBInstanceIdentifier": target}, run.now, namespace="AWS/RDS"),
        pick=latest,
    )
    # No figure is no objection: the storage is shared, so lag costs time, not data.
    most = lag.total_seconds() * 1000
    run.require(f"{target} lags {most:.0f} ms at most, where CloudWatch knows", behind is None or behind <= most)

    def fail_back() -> None:
        settled = run.wait_until("the failover is over", state, _is_available, within=within, pick=only_cluster)
        if settled["writer"] != writer:
            run.wait_until(
                f"{writer} can be promoted",
                members,
                lambda seen: writer in available(seen),
                within=within,
                pick=instances,
            )
            run.change(
                f"fail back to {writer}",
                _promote(cluster, writer),
                took_effect=(state, _moves_to(writer)),
                pick=_status,
            )
            run.wait_until(f"{writer} writes again", state, _written_by(writer), within=within, pick=only_cluster)

    run.change(
        f"fail over from {writer} to {target}",
        _promote(cluster, target),
        undo=fail_back,
        took_effect=(state, _moves_to(target)),
        pick=_status,
    )
    # "available" can be what it was before: that another instance writes is what cannot be stale.
    run.wait_until(
        "the writer has moved", state, lambda seen: seen["writer"] == target, within=within, pick=only_cluster
    )
    run.prove(
        f"{target} writes and the cluster is available", state, _written_by(target), within=within, pick=only_cluster
    )
    were = available(found)
    run.prove(
        "each instance that was available is so again",
        members,
        lambda seen: were <= available(seen),
        within=within,
        pick=instances,
    )
    return f"{cluster} is written by {target} now, and was by {writer}"


def _promote(cluster: str, instance: str) -> Call:
    return rds.failover_db_cluster(DBClusterIdentifier=cluster, TargetDBInstanceIdentifier=instance)


def _status(answer: Any) -> dict[str, str]:
    return {"status": answer["DBCluster"]["Status"]}


def _is_available(seen: Any) -> bool:
    return bool(seen["status"] == "available")


def _written_by(instance: str) -> Callable[[Any], bool]:
    return lambda seen: _is_available(seen) and seen["writer"] == instance


def _moves_to(instance: str) -> Callable[[Any], bool]:
    return lambda answer: writer_of(answer) == instance or only_cluster(answer)["status"] == "failing-over"
