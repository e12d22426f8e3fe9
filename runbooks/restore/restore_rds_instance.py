"""Restore an RDS database beside the old one, with its settings, and have it take the old one's name when approved."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import rds_settings as probes
from nightcrew.aws.calls import Call
from nightcrew.aws.rds import DbInstanceId, DbSnapshotId
from nightcrew.aws.tags import RUN_TAG, listed, tags_with_run
from runbooks.restore.cut_over import RENAMING, Renaming, cut_over, name_beside
from runbooks.restore.protection import protect

rds = calls("rds")

DEADLINE = timedelta(hours=24)
LONGEST = timedelta(hours=10)
SETTLING = timedelta(hours=1)
LONGEST_NAME = 63


@runbook(
    family="restore",
    risk="disruptive",
    by_hand=timedelta(hours=2),
    deadline=DEADLINE,
    permissions=[
        "rds:DeleteDBInstance",
        "rds:DescribeDBInstances",
        "rds:DescribeDBSnapshots",
        "rds:ModifyDBInstance",
        "rds:RestoreDBInstanceFromDBSnapshot",
        "rds:RestoreDBInstanceToPointInTime",
    ],
)
def restore_rds_instance(
    run: Run,
    instance: DbInstanceId,
    to: datetime | None = None,
    snapshot: DbSnapshotId | None = None,
    target: DbInstanceId | None = None,
    aside: DbInstanceId | None = None,
    take_over: bool = True,
    decide: timedelta = timedelta(hours=8),
    keep: timedelta = timedelta(days=7),
    within: timedelta = timedelta(hours=6),
) -> str:
    """Makes a new instance with the data that `instance` had at the time `to` (without it: as late as can be, some
    minutes ago), or that `snapshot` holds; and, when a person has looked at it and approved, gives it the old name.

    Until then nothing is taken from the old one. The new one is called `target`, or like the old one with `-restored-`
    and the time of the run behind: what the deployed role may make and delete has that in its name. It costs what the
    old one costs, from the first minute on.

    A restore alone gives the default security group, the default parameters, one zone, and no monitoring. Here it is
    told all security groups, subnet, parameter and option group, Multi-AZ, class, storage, logs, IAM login, backup
    window and tags of the old one; maintenance window, monitoring, Performance Insights and the limit of its storage
    are set afterwards, its protection from deletion last. Proved is that every setting is the same. Whether the *data*
    is right no API can show: that is what the person looks at, at the new one's own endpoint, before approving.

    The cut-over renames both: each restarts, and connections are cut for ten to twenty minutes. **Stop whoever writes
    before approving: what is written after the time of the restore stays in the old one.** If a rename fails, both get
    their names back. The old one stays, called `aside`, or like now with `-before-` and the time behind, for
    `keep`: nobody deletes it but a person. With `take_over=false` it ends with the new one beside the old.

    If the restore is not through `within` the time given (10 h at most), if a setting is refused, or if the person
    declines or is silent for `decide`, the new one is deleted. If a proof is missing, it stays for a person to look at.
    What is not brought along is named in the question: replicas, roles, a password that Secrets Manager keeps, policies
    for login by IAM, the stack that made the old one.

    Left alone are instances of a cluster (Aurora), read replicas, RDS Custom, and what is joined to a directory.
    """
    new = target or name_beside(instance, "restored", run.now, LONGEST_NAME)
    kept = aside or name_beside(instance, "before", run.now, LONGEST_NAME)
    beside = rds.describe_db_instances(DBInstanceIdentifier=new)
    everywhere = rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": [instance, new, kept]}])

    old = run.read("find it", rds.describe_db_instances(DBInstanceIdentifier=instance), pick=probes.only_db_instance)
    run.require("it stands alone: no cluster owns it", old["cluster"] is None)
    run.require("it is no read replica", old["source"] is None)
    run.require("it is not RDS Custom", not old["engine"].startswith("custom-"))
    run.require("it is joined to no directory", not old["domains"])
    run.require("it is available", old["status"] == "available")
    run.require("nothing waits for its maintenance window", not old["pending"])
    run.require("its tags leave room for one more", RUN_TAG in tags_with_run(old["tags"], run.id))
    run.require("its name and the new one differ", new != instance)
    run.require("it is waited for 10 h at most, so that there is time to decide and to undo", within <= LONGEST)
    run.require("people have 8 h at most to decide", decide <= timedelta(hours=8))
    restore = _from_snapshot(run, old, snapshot, to, new) if snapshot else _to_point_in_time(run, old, to, new)
    taken = run.read("look whether the new names are free", everywhere, pick=partial(probes.names_seen, run.id))
    run.require(f"there is no {new} and no {kept} yet", not {new, kept} & set(taken))

    def delete_the_new_one() -> None:
        can_be = partial(probes.can_be_deleted_as_made_by, run.id)
        run.wait_until("the new one can be deleted", beside, can_be, within=DEADLINE)
        delete = rds.delete_db_instance(DBInstanceIdentifier=new, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
        run.change("delete the new one", delete, took_effect=(beside, lambda answer: _status(answer) == "deleting"))

    run.change(
        "restore it beside the old one",
        restore,
        undo=delete_the_new_one,
        took_effect=(beside, partial(probes.is_made_by, run.id)),
        pick=lambda answer: answer["DBInstance"]["DBInstanceStatus"],
    )
    run.wait_until("the restore is through", beside, lambda seen: seen == "available", within=within, pick=_status)
    settling = min(SETTLING, within)
    _set_the_rest(run, old["settings"], new, settling)
    seen = run.prove(
        "it has the same settings, and its parameters hold",
        beside,
        lambda found: not found["differences"] and found["in_sync"] and not found["pending"],
        within=settling,
        pick=partial(_compared, old),
    )
    if not take_over:
        return f"{new} stands beside {instance}, with its settings; not brought along: {seen['left_behind']}"

    run.approve(
        f"let {new} take the name {instance}: look at its data at {seen['address']}, and stop who writes; "
        f"not brought along: {seen['left_behind']}",
        within=decide,
    )
    kind = Renaming(everywhere, partial(probes.names_seen, run.id), _rename, min(RENAMING, within))
    cut_over(run, kind, name=instance, new=new, kept=kept, address=old["address"])
    return (
        f"{instance} is the restored one now; the old one is {kept}, and costs: "
        f"delete it after {run.now + keep:%Y-%m-%d}, if nobody misses it"
    )


def _to_point_in_time(run: Run, old: dict[str, Any], to: datetime | None, new: str) -> Call:
    run.require("it keeps automated backups", old["settings"].get("BackupRetentionPeriod") and old["latest"])
    run.require(probes.restorable_words(old, to), probes.can_be_restored_to(old, to))
    return rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=old["id"],
        TargetDBInstanceIdentifier=new,
        **({"RestoreTime": to} if to else {"UseLatestRestorableTime": True}),
        **_as_it_was(run, old),
    )


def _from_snapshot(run: Run, old: dict[str, Any], snapshot: str, to: datetime | None, new: str) -> Call:
    run.require("a time or a snapshot is given, not both", to is None)
    look = rds.describe_db_snapshots(DBSnapshotIdentifier=snapshot)
    found = run.read("find the snapshot", look, pick=probes.only_snapshot)
    run.require(f"it is one of {old['id']}, which is {old['engine']}", _is_of(old, found))
    run.require("it is available", found["status"] == "available")
    run.require("it has the same key", found["key"] == old["settings"].get("KmsKeyId"))
    return rds.restore_db_instance_from_db_snapshot(
        DBSnapshotIdentifier=snapshot, DBInstanceIdentifier=new, **_as_it_was(run, old)
    )


def _is_of(old: dict[str, Any], snapshot: dict[str, Any]) -> bool:
    return bool(snapshot["of"] == old["id"] and snapshot["engine"] == old["engine"])


def _as_it_was(run: Run, old: dict[str, Any]) -> dict[str, Any]:
    """What both restores are told. It is not protected yet: an undo must be able to delete it."""
    tags = listed(dict(sorted(tags_with_run(old["tags"], run.id).items())))
    return {**probes.to_restore(old["settings"]), "DeletionProtection": False, "Tags": tags}


def _set_the_rest(run: Run, settings: dict[str, Any], new: str, settling: timedelta) -> None:
    """What a restore cannot be told, in one change; and the protection, which its undo takes off again."""
    beside = rds.describe_db_instances(DBInstanceIdentifier=new)
    wanted = probes.to_modify(settings)

    def is_set(answer: Any) -> bool:
        found = probes.only_db_instance(answer)["settings"]
        return all(found.get(name) == value for name, value in wanted.items())

    modify = rds.modify_db_instance(DBInstanceIdentifier=new, ApplyImmediately=True, **wanted)
    run.change("set what a restore loses", modify, took_effect=(beside, is_set), pick=lambda answer: sorted(wanted))
    run.wait_until("it is set", beside, is_set, within=settling)
    if settings.get("DeletionProtection"):
        protect(run, beside, partial(_protection, new), is_idle=_is_idle, is_protected=_is_protected, within=settling)


def _protection(name: str, on: bool) -> Call:
    return rds.modify_db_instance(DBInstanceIdentifier=name, ApplyImmediately=True, DeletionProtection=on)


def _compared(old: dict[str, Any], answer: Any) -> dict[str, Any]:
    """What the ledger keeps of the comparison: where the new one is unlike the old one, and what it lacks."""
    new = probes.only_db_instance(answer)
    return {
        "differences": probes.differences(old["settings"], new["settings"]),
        "in_sync": new["in_sync"],
        "pending": new["pending"] or new["status"] != "available",
        "address": new["address"],
        "left_behind": "; ".join([*probes.left_behind(old), *probes.drift(old, new)]),
    }


def _status(answer: Any) -> str:
    return str(probes.only_db_instance(answer)["status"])


def _is_idle(answer: Any) -> bool:
    return not probes.is_busy(_status(answer))


def _is_protected(answer: Any) -> bool:
    return bool(probes.only_db_instance(answer)["settings"].get("DeletionProtection"))


def _rename(name: str, other: str) -> Call:
    return rds.modify_db_instance(DBInstanceIdentifier=name, NewDBInstanceIdentifier=other, ApplyImmediately=True)
