"""Let the instances of an Aurora Serverless v2 cluster grow larger, when they are as large as they may be."""

from datetime import timedelta
from functools import partial

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws.cloudwatch import highest, lately
from nightcrew.aws.rds import ClusterId, instances
from nightcrew.aws.rds_serverless import CLASS, LARGEST, capacity, half_steps, scale_to, settled_at

rds = calls("rds")

COUNTED = timedelta(minutes=3)
"""CloudWatch has a minute's figures some time after it."""


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=1),
    triggers=[
        Alarm("AWS/RDS", metric, direction="high", cluster="DBClusterIdentifier")
        for metric in ("ACUUtilization", "ServerlessDatabaseCapacity")
    ],
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:ModifyDBCluster",
    ],
)
def raise_aurora_capacity(
    run: Run,
    cluster: ClusterId,
    percent: int = 50,
    at_most: float = 64,
    busy: int = 80,
    keep: timedelta = timedelta(hours=12),
    within: timedelta = timedelta(minutes=15),
) -> str:
    """Raises the maximum capacity by `percent`, rounded down to halves of an ACU and one half at least, never above
    `at_most`. Nobody's connection is cut: Aurora gives what is needed while it is needed, and that is paid for.

    How many connections there may be, and other parameters that follow from the maximum, change only when an instance
    is rebooted. Left alone: a cluster that is not at `busy` % of its maximum by CloudWatch's figures of the last ten
    minutes, one that is not available, and one with other changes pending, since these would be made at once as well.

    After `keep` a run of its own puts the old maximum back. If the new one does not show in time, the old one is put
    back at once. If the cluster is as busy with the new one, that stays until `keep` is over.
    """
    state = rds.describe_db_clusters(DBClusterIdentifier=cluster)
    members = rds.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [cluster]}])
    use = partial(lately, "ACUUtilization", {"DBClusterIdentifier": cluster}, namespace="AWS/RDS")

    before = run.read("find the cluster", state, pick=capacity)
    old = before["max"]
    run.require("it is Serverless v2: it has a maximum capacity", old is not None)
    found = run.read("look at its instances", members, pick=instances)
    run.require(f"an instance of it is {CLASS}", any(each["class"] == CLASS for each in found))
    run.require("it is available", before["status"] == "available")
    run.require("no other change of it is pending", not before["pending"])
    load = run.read("look how much of it is in use", use(run.now), pick=highest)
    run.require(f"it is at {busy} % of its maximum, where CloudWatch knows ({load})", load is None or load >= busy)
    run.require("percent is above 0", percent > 0)
    most = min(half_steps(at_most), LARGEST)
    run.require(f"its maximum ({old}) is below at_most ({most})", old < most)
    wanted = min(max(half_steps(old * (100 + percent) / 100), old + 0.5), most)

    run.change(
        f"raise its maximum from {old} to {wanted} ACU",
        scale_to(cluster, before, wanted),
        undo=scale_to(cluster, before, old),
        took_effect=(state, lambda answer: capacity(answer)["max"] == wanted),
        pick=lambda answer: {"status": answer["DBCluster"]["Status"]},
    )
    given = {"cluster": cluster, "capacity_before": old, "raised": wanted}
    run.later("put the old maximum back", "put-back-aurora-capacity", given, after=keep)

    reached = partial(settled_at, wanted)
    run.wait_until(f"it may have {wanted} ACU", state, reached, within=within, pick=capacity)
    run.wait("let it grow, and CloudWatch count", COUNTED)
    run.prove(f"it is available with {wanted} ACU at most", state, reached, within=within, pick=capacity)
    run.prove(
        f"less than {busy} % are in use, where CloudWatch knows",
        use(run.now, over=timedelta(minutes=2)),
        lambda seen: seen is None or seen < busy,
        within=within,
        pick=highest,
    )
    return (
        f"{cluster} may have {wanted} ACU, and might have {old}; that is put back in {keep / timedelta(hours=1):.0f} h"
    )
