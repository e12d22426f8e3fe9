"""Put back the maximum capacity that an Aurora Serverless v2 cluster had before it was raised, when it is enough."""

from datetime import timedelta
from functools import partial

from nightcrew import Run, calls, runbook
from nightcrew.aws.cloudwatch import highest, lately
from nightcrew.aws.rds import ClusterId
from nightcrew.aws.rds_serverless import capacity, scale_to, settled_at

rds = calls("rds")

AGAIN = timedelta(hours=6)


@runbook(
    family="scale-out",
    risk="disruptive",
    by_hand=timedelta(minutes=10),
    deadline=timedelta(hours=1),
    permissions=["cloudwatch:GetMetricStatistics", "rds:DescribeDBClusters", "rds:ModifyDBCluster"],
)
def put_back_aurora_capacity(
    run: Run,
    cluster: ClusterId,
    capacity_before: float,
    raised: float,
    busy: int = 70,
    within: timedelta = timedelta(minutes=15),
) -> str:
    """Sets the cluster's maximum to `capacity_before` ACU again, if it is still `raised`, as a run left it.

    Nobody's connection is cut; what no longer fits into memory is read from disk. A maximum that somebody changed
    meanwhile is left alone, and so is a cluster with other changes pending. While an instance has more than `busy` % of
    the old maximum (the most of the last ten minutes), nothing is changed, and it is tried again in six hours. Where
    CloudWatch has no figure, that does not hold it up.
    """
    state = rds.describe_db_clusters(DBClusterIdentifier=cluster)
    load = lately("ServerlessDatabaseCapacity", {"DBClusterIdentifier": cluster}, run.now, namespace="AWS/RDS")

    before = run.read("find the cluster", state, pick=capacity)
    run.require(f"{capacity_before} is less than {raised}", 0 < capacity_before < raised)
    run.require(f"its maximum is still {raised}", before["max"] == raised)
    run.require(f"its minimum is {capacity_before} at most", before["min"] <= capacity_before)
    run.require("it is available", before["status"] == "available")
    run.require("no other change of it is pending", not before["pending"])
    most = run.read("look how much it has", load, pick=highest) or 0
    full = most * 100 > capacity_before * busy
    if full:
        given = {"cluster": cluster, "capacity_before": capacity_before, "raised": raised, "busy": busy}
        run.later("try again when the load is gone", "put-back-aurora-capacity", given, after=AGAIN)
    run.require(f"it has {busy} % of {capacity_before} ACU at most ({most:g})", not full)

    reached = partial(settled_at, capacity_before)
    run.change(
        f"put its maximum back to {capacity_before} ACU",
        scale_to(cluster, before, capacity_before),
        undo=scale_to(cluster, before, raised),
        took_effect=(state, lambda answer: capacity(answer)["max"] == capacity_before),
        pick=lambda answer: {"status": answer["DBCluster"]["Status"]},
    )
    run.prove(f"it is available with {capacity_before} ACU at most", state, reached, within=within, pick=capacity)
    return f"{cluster} may have {capacity_before} ACU again"
