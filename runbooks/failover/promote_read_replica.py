"""Promote an RDS read replica to a database of its own, when its primary is lost. Nobody can undo it."""

from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws.cloudwatch import lately, latest
from nightcrew.aws.rds import DbInstanceId
from nightcrew.aws.rds_instance import has_left, is_available, only_database

rds = calls("rds")

NONE = "there is none"
GONE = ("deleting", "failed", "stopped", NONE)
"""Statuses in which it takes no writes, and takes none again by itself (RDS user guide, "Viewing Amazon RDS DB
instance status").
"""


@runbook(
    family="failover",
    risk="data-loss",
    by_hand=timedelta(minutes=45),
    deadline=timedelta(hours=2),
    permissions=["cloudwatch:GetMetricStatistics", "rds:DescribeDBInstances", "rds:PromoteReadReplica"],
)
def promote_read_replica(
    run: Run,
    replica: DbInstanceId,
    lag: timedelta = timedelta(0),
    lag_unknown: bool = False,
    fenced: bool = False,
    backups: int = 7,
    within: timedelta = timedelta(hours=1),
) -> str:
    """Ends the replication for ever and makes the replica writable; it reboots, and is down for some minutes.

    What the primary committed and the replica has not got is lost: two people agree to the plan, and one of them or
    another to the promotion itself. The lag that CloudWatch saw last is in the ledger: that much is at stake. Above
    `lag` the replica is left alone; where nobody knows it, or replication has stopped (a dead primary, mostly), going
    on takes `lag_unknown`.

    First fence the old primary: close its security group or stop it, or both will take writes and nobody can merge
    them. While it is up, or lies in another Region, from where nobody here can see it, it takes `fenced` to go on:
    somebody's word that nothing writes to it.

    Afterwards point the clients to this instance's endpoint: nothing here does that. Other replicas go on following the
    old primary. Backups are kept for `backups` days from then on, 1 at least: without any nobody could restore it.

    Replicas that Aurora keeps, and those of a cluster, are not for this runbook.
    """
    state = rds.describe_db_instances(DBInstanceIdentifier=replica)

    before = run.read("find the replica", state, pick=only_database)
    source = before["source"]
    run.require("it stands alone: no cluster contains it", before["cluster"] is None)
    run.require("it is a replica: it follows a database instance", source)
    run.require("it is available: not in a backup either, during which AWS promotes nothing", is_available(before))
    run.require("no change of it is pending", not before["pending"])
    run.require("backups is 1 to 35 days", 1 <= backups <= 35)
    primary = _status_of_primary(run, source)
    run.require(f"its primary is gone ({primary}), or fenced was given", primary in GONE or fenced)
    behind = run.read(
        "see how far it is behind",
        lately("ReplicaLag", {"DBInstanceIdentifier": replica}, run.now, namespace="AWS/RDS"),
        pick=latest,
    )
    # -1: replication is not active (RDS user guide, "Monitoring replication lag").
    known = behind is not None and behind >= 0
    run.require(f"its lag is known, or lag_unknown was given ({behind})", known or lag_unknown)
    most = lag.total_seconds()
    run.require(f"it is {most:.0f} s behind at most, as far as is known ({behind})", not known or behind <= most)

    def promotes(answer: Any) -> bool:
        seen = only_database(answer)
        return seen["source"] is None or has_left(seen)

    run.change(
        f"promote it: it follows {_name(source)} no more",
        rds.promote_read_replica(DBInstanceIdentifier=replica, BackupRetentionPeriod=max(backups, before["backups"])),
        irreversible=True,
        took_effect=(state, promotes),
        pick=lambda answer: {"status": answer["DBInstance"]["DBInstanceStatus"]},
    )
    # "available" can be what it was before: that it follows nobody is what cannot be stale.
    run.wait_until("it follows nobody", state, lambda seen: seen["source"] is None, within=within, pick=only_database)
    run.prove(
        "it is available on its own, with backups",
        state,
        lambda seen: is_available(seen) and seen["source"] is None and seen["backups"] > 0,
        within=within,
        pick=only_database,
    )
    return f"{replica} is a database of its own; it followed {_name(source)}, {_behind(behind)}"


def _status_of_primary(run: Run, source: str) -> str:
    """One in another Region is named by its ARN, and is out of sight."""
    if source.startswith("arn:"):
        return "out of sight"
    state = rds.describe_db_instances(DBInstanceIdentifier=source)
    return str(
        run.read("look at its primary", state, pick=lambda answer: only_database(answer)["status"], missing=NONE)
    )


def _name(source: str) -> str:
    """A source in another Region is named by its ARN."""
    return source.rsplit(":", 1)[-1]


def _behind(seconds: float | None) -> str:
    return "nobody knows how far behind" if seconds is None or seconds < 0 else f"{seconds:.0f} s behind"
