"""Promote the Aurora cluster of this Region when the Region that writes is lost; what it had not sent yet is lost."""

from datetime import timedelta

from nightcrew import Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.cloudwatch import lately, latest
from nightcrew.aws.rds import ClusterId
from nightcrew.aws.rds_global import global_cluster, member, moves_to, region_of, under_way, written_by

rds = calls("rds")
_STEPS = {1e3: "1 s", 1e4: "10 s", 6e4: "1 min", 6e5: "10 min", 3.6e6: "1 h", 8.64e7: "1 day"}


@runbook(
    family="failover",
    risk="data-loss",
    by_hand=timedelta(minutes=45),
    deadline=timedelta(hours=4),
    permissions=[
        "cloudwatch:GetMetricStatistics",
        "rds:DescribeDBClusters",
        "rds:DescribeGlobalClusters",
        "rds:FailoverGlobalCluster",
    ],
)
def fail_over_aurora_global(run: Run, cluster: ClusterId, within: timedelta = timedelta(minutes=30)) -> str:
    """Makes `cluster`, a secondary of a global cluster, the one that writes. What was not replicated yet is **lost**.

    Start it in the Region that shall write, where AWS wants this call to be made: a run acts in the Region of its own
    installation. Both this cluster and the global cluster must carry the tag `nightcrew: managed`.

    How far this Region was behind, as CloudWatch last saw it, is what will be lost: two people are asked about it, as a
    round figure, and asked again if it has grown beyond that; the exact one stands in the ledger. There is no undo.
    Aurora tries to stop the old writer, keeps a snapshot of it, and takes it back as a secondary once its Region is
    there: switch over to it then.

    Who connects to the old Region's endpoints must be sent here. While the Region that writes is well, switch over
    instead: that loses nothing.
    """
    here = rds.describe_db_clusters(DBClusterIdentifier=cluster)
    before = run.read("find the cluster", here, pick=member)
    run.require("it is in a global cluster", before["global"])
    run.require("it is available", before["status"] == "available")
    run.require("it has an instance to promote", before["instances"])

    arn, name = before["arn"], before["global"]
    around = rds.describe_global_clusters(GlobalClusterIdentifier=name)
    whole = run.read("find its global cluster", around, pick=global_cluster)
    run.require(f"{name} is written in another Region", whole["writer"] not in {None, arn})
    run.require("no switchover or failover is under way", whole["moving"] is None)
    old, new = region_of(whole["writer"]), region_of(arn)

    behind = run.read("the RPO: how far it is behind, in ms", _lag(run, cluster), pick=latest)
    # No irreversible=True: with this risk two people approve the plan, whose title has what they agree to lose; it
    # would ask a third time. As a round figure, or each second would be another plan.
    run.change(
        f"fail {name} over from {old} to {new}, and lose {_round(behind)} of writes",
        rds.failover_global_cluster(GlobalClusterIdentifier=name, TargetDbClusterIdentifier=arn, AllowDataLoss=True),
        took_effect=(around, moves_to(arn)),
        pick=under_way,
    )
    run.wait_until(f"{new} writes", around, lambda seen: seen["writer"] == arn, within=within, pick=global_cluster)
    run.prove(
        f"an instance of {cluster} writes, and it is available",
        here,
        lambda seen: seen["writer"] is not None and seen["status"] == "available",
        within=within,
        pick=member,
    )
    run.prove(f"{name} is available, and nothing moves", around, written_by(arn), within=within, pick=global_cluster)
    known = "how much was lost nobody knows" if behind is None else f"about {behind:.0f} ms of writes are lost"
    return f"{name} is written in {new} now, and was in {old}; {known}"


def _round(milliseconds: float | None) -> str:
    """Up to how much that is, in words."""
    if milliseconds is None:
        return "nobody knows how much"
    return next((f"up to {words}" for step, words in _STEPS.items() if milliseconds <= step), "more than a day")


def _lag(run: Run, cluster: str) -> Call:
    return lately("AuroraGlobalDBReplicationLag", {"DBClusterIdentifier": cluster}, run.now, namespace="AWS/RDS")
