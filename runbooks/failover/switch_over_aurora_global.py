"""Let another Region of an Aurora global cluster write, without loss, while both Regions are well."""

from datetime import timedelta

from nightcrew import Run, calls, runbook
from nightcrew.aws.calls import Call
from nightcrew.aws.rds import ClusterId
from nightcrew.aws.rds_global import global_cluster, member, moves_to, region_of, settled, under_way, written_by

rds = calls("rds")


@runbook(
    family="failover",
    risk="disruptive",
    by_hand=timedelta(minutes=30),
    deadline=timedelta(hours=3),
    permissions=["rds:DescribeDBClusters", "rds:DescribeGlobalClusters", "rds:SwitchoverGlobalCluster"],
)
def switch_over_aurora_global(run: Run, cluster: ClusterId, to: str, within: timedelta = timedelta(minutes=30)) -> str:
    """Makes the member in the Region `to` the one that writes, and `cluster`, which writes now, a secondary of it.

    Start it in the Region that writes, where AWS wants this call to be made: a run acts in the Region of its own
    installation. Both clusters and the global cluster must carry the tag `nightcrew: managed`.

    Nothing is lost: Aurora first brings the other Region up to date, and nobody can write until it is. How long that
    takes, `AuroraGlobalDBReplicationLag` tells there; from here it cannot be seen, nor which version that member has:
    Aurora itself refuses where versions do not match. Who connects to this Region's endpoints must be sent there.

    If it does not come through, the run waits until nothing moves, and switches back where the other one writes. AWS
    wants that call in the Region that writes by then; should it refuse, a person is called. Is this Region lost, fail
    over in the other one instead.
    """
    here = rds.describe_db_clusters(DBClusterIdentifier=cluster)
    before = run.read("find the cluster", here, pick=member)
    run.require("it is in a global cluster", before["global"])
    run.require("it is available", before["status"] == "available")

    arn, name = before["arn"], before["global"]
    around = rds.describe_global_clusters(GlobalClusterIdentifier=name)
    whole = run.read("find its global cluster", around, pick=global_cluster)
    run.require(f"{name} is written by {cluster}", whole["writer"] == arn)
    run.require("nothing moves, and it is available", settled(whole))
    run.require("it is at the version of the global cluster", before["version"] == whole["version"])
    others = [each for each in whole["members"] if region_of(each) == to and each != arn]
    run.require(f"it has one member in {to}", len(others) == 1)
    (target,) = others
    run.require(f"that one is not out of step: {to} is connected", target not in whole["apart"])

    def switch_back() -> None:
        over = run.wait_until("nothing moves any more", around, settled, within=within, pick=global_cluster)
        if over["writer"] != arn:
            run.change(f"switch {name} back", _to(name, arn), took_effect=(around, moves_to(arn)), pick=under_way)
            run.wait_until(f"{cluster} writes again", around, written_by(arn), within=within, pick=global_cluster)

    run.change(
        f"switch {name} over from {region_of(arn)} to {to}",
        _to(name, target),
        undo=switch_back,
        took_effect=(around, moves_to(target)),
        pick=under_way,
    )
    run.wait_until(f"{to} writes", around, lambda seen: seen["writer"] == target, within=within, pick=global_cluster)
    run.prove(f"{name} is available, and nothing moves", around, written_by(target), within=within, pick=global_cluster)
    run.prove(
        f"{cluster} is an available secondary",
        here,
        lambda seen: seen["writer"] is None and seen["status"] == "available",
        within=within,
        pick=member,
    )
    return f"{name} is written in {to} now, and was in {region_of(arn)}"


def _to(name: str, arn: str) -> Call:
    return rds.switchover_global_cluster(GlobalClusterIdentifier=name, TargetDbClusterIdentifier=arn)
