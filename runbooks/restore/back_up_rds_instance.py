"""Take a snapshot of an RDS instance, unless there is a recent one, and prove that it can be restored."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import rds_snapshots as probes
from nightcrew.aws.rds import DbInstanceId
from nightcrew.aws.rds_instance import only_database
from nightcrew.aws.tags import RUN_TAG, listed

rds = calls("rds")

USABLE = ("available", "storage-optimization")
"""Others cannot be backed up (RDS API reference, CreateDBSnapshot)."""

SOON = timedelta(minutes=1)
UNDOING = timedelta(minutes=10)


@runbook(
    family="restore",
    risk="low",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=3),
    permissions=[
        "rds:CreateDBSnapshot",
        "rds:DeleteDBSnapshot",
        "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshots",
    ],
)
def back_up_rds_instance(
    run: Run,
    instance: DbInstanceId,
    recent: timedelta = timedelta(hours=1),
    within: timedelta = timedelta(hours=2),
) -> str:
    """Takes a snapshot, by itself or as a part of a change that one may want to go back behind.

    If there is one that is not older than `recent`, a person's or an automated one, it proves that this one can be
    restored, says which it is, and takes none; `recent=0s` takes one in any case. Its name is the database's with
    `-nightcrew-` and the run's id behind, and its tag `nightcrew:run` has that too. restore-rds-instance restores it.

    The database stays in use. In a single zone its reads and writes stop for a moment, from seconds to minutes, when
    the snapshot begins; with Multi-AZ they do not, except for SQL Server. The first snapshot of a large database can
    take hours; later ones hold only what has changed.

    A whole snapshot stays, whatever happens afterwards: a change that went wrong is when somebody wants it. It costs,
    and nobody deletes it but a person. Only one that failed is deleted; AWS deletes none that is still being made, so
    that one that takes longer than `within` becomes whole later, unwatched, and stays as well.

    Left alone are instances of a cluster (Aurora has snapshots of another kind), and those in a state in which AWS
    takes none.
    """
    name = f"{instance}-nightcrew-{run.id}"
    # By a filter: what does not exist is an empty answer then, and no error.
    made = rds.describe_db_snapshots(Filters=[{"Name": "db-snapshot-id", "Values": [name]}])

    before = run.read("find the database", rds.describe_db_instances(DBInstanceIdentifier=instance), pick=only_database)
    run.require("it stands alone: no cluster contains it", before["cluster"] is None)
    last = _newest(run, instance, run.now - recent)
    if last is not None:
        run.prove(
            "its recent snapshot can be restored",
            rds.describe_db_snapshots(Filters=[{"Name": "db-snapshot-id", "Values": [last["name"]]}]),
            _is_whole,
            within=SOON,
            pick=probes.only_snapshot,
        )
        return f"{instance} has {last['name']} of {last['at']} ({last['kind']}), and needs no other"
    run.require("it is available, or its storage is being optimized", before["status"] in USABLE)

    def delete_it_if_it_failed() -> None:
        seen = run.wait_until(
            "it is whole, or has failed",
            made,
            _is_over,
            within=UNDOING,
            missed={"sound": True},
            pick=probes.only_snapshot,
        )
        if not seen["sound"]:
            delete = rds.delete_db_snapshot(DBSnapshotIdentifier=name)
            run.change("delete the failed snapshot", delete, took_effect=(made, _is_gone), pick=_answered)

    run.change(
        "take a snapshot",
        rds.create_db_snapshot(
            DBInstanceIdentifier=instance, DBSnapshotIdentifier=name, Tags=listed({RUN_TAG: run.id})
        ),
        undo=delete_it_if_it_failed,
        took_effect=(made, lambda answer: bool(answer["DBSnapshots"])),
        pick=_answered,
    )
    seen = run.wait_until("it is whole, or has failed", made, _is_over, within=within, pick=probes.only_snapshot)
    run.require("it has not failed", seen["sound"])
    run.prove("it can be restored", made, _is_whole, within=SOON, pick=probes.only_snapshot)
    return f"{instance} has {name} now; it costs: delete it when nobody will want it any more"


def _newest(run: Run, instance: str, since: datetime) -> dict[str, Any] | None:
    """Its newest whole snapshot since then, manual or automated; pages come in no order that AWS tells."""
    pick = partial(probes.newest, since)
    first = rds.describe_db_snapshots(DBInstanceIdentifier=instance)
    page = run.read("look for a recent snapshot", first, pick=pick)
    found = [page["newest"]]
    while page["more"]:
        more = rds.describe_db_snapshots(DBInstanceIdentifier=instance, Marker=page["more"])
        page = run.read("look further for a recent snapshot", more, pick=pick)
        found.append(page["newest"])
    whole: list[dict[str, Any]] = [each for each in found if each is not None]
    return max(whole, key=lambda each: str(each["at"]), default=None)


def _is_whole(seen: dict[str, Any]) -> bool:
    return bool(seen["whole"])


def _is_over(seen: dict[str, Any]) -> bool:
    return bool(seen["whole"] or not seen["sound"])


def _is_gone(answer: Any) -> bool:
    return not answer["DBSnapshots"]


def _answered(answer: Any) -> str:
    return str(answer["DBSnapshot"]["Status"])
