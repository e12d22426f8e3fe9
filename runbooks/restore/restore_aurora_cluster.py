"""Restore an Aurora cluster beside the old one, with its instances, and have it take the old name when approved."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import aurora_settings as probes
from nightcrew.aws.calls import Call
from nightcrew.aws.rds import ClusterId, ClusterSnapshotId
from nightcrew.aws.rds_settings import differences
from nightcrew.aws.tags import RUN_TAG, listed, tags_with_run
from runbooks.restore.aurora_members import (
    MAKING,
    add_members,
    members_for,
    members_of_cluster,
    names_taken,
    rename_members,
)
from runbooks.restore.cut_over import RENAMING, Renaming, cut_over, name_beside
from runbooks.restore.protection import protect

rds = calls("rds")

DEADLINE = timedelta(hours=24)
LONGEST = timedelta(hours=10)
LONGEST_NAME = 60
"""Of 63: a number is put behind it for each instance."""
MOST_RENAMED = 8
"""Each takes some fifty operations of the 3,000 that an execution has, and as many to take it back."""


@runbook(
    family="restore",
    risk="disruptive",
    by_hand=timedelta(hours=3),
    deadline=DEADLINE,
    permissions=[
        "rds:CreateDBInstance",
        "rds:DeleteDBCluster",
        "rds:DeleteDBInstance",
        "rds:DescribeDBClusterSnapshots",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
        "rds:ModifyDBCluster",
        "rds:ModifyDBInstance",
        "rds:RestoreDBClusterFromSnapshot",
        "rds:RestoreDBClusterToPointInTime",
    ],
)
def restore_aurora_cluster(
    run: Run,
    cluster: ClusterId,
    to: datetime | None = None,
    snapshot: ClusterSnapshotId | None = None,
    target: ClusterId | None = None,
    aside: ClusterId | None = None,
    take_over: bool = True,
    decide: timedelta = timedelta(hours=8),
    keep: timedelta = timedelta(days=7),
    within: timedelta = timedelta(hours=6),
) -> str:
    """Makes a new cluster with the data that `cluster` had at the time `to` (without it: as late as can be, some
    minutes ago), or that `snapshot` holds, and in it an instance for each that the old one has; and, when a person has
    looked at it and approved, gives them the old names.

    Until then nothing is taken from the old one. The new one is called `target`, or like the old one with `-restored-`
    and the time of the run behind: what the deployed role may make and delete has that in its name. Its instances are
    called like it, with a number behind. It costs what the old one costs, from the first minute on.

    A restore alone gives no instance at all, the default security group and the default parameters. Here it is told all
    security groups, parameter and subnet group, IAM login, logs, backtracking, Serverless v2 scaling, port, backups and
    tags of the old one. Then its writer is made, and as many readers as the old one has, each with the class, zone,
    promotion tier, parameter group, monitoring, Performance Insights, maintenance window and tags of the one that it
    stands for. The cluster's maintenance window and Database Insights are set afterwards, its protection from deletion
    last. Proved is that one writes and every setting is the same. Whether the *data* is right no API can show: that is
    what the person looks at, at the new one's own endpoint, before approving.

    The cut-over renames the instances, one after another, and the two clusters last. An instance restarts when it is
    renamed, and takes about ten minutes for it; old and new one in turn. At the cluster's endpoint the old one answers
    until the clusters' own turn. **Stop whoever writes before approving: what is written after the time of the restore
    stays in the old one.** If a rename fails, all get their names back. The old one stays, called `aside`, or like now
    with `-before-` and the time behind, for `keep`: nobody deletes it but a person. With `take_over=false` it ends with
    the new one beside the old.

    If the restore is not through `within` the time given (10 h at most), if an instance or a setting is refused (as
    where a zone has no room), or if the person declines or is silent for `decide`, the new instances are deleted, then
    the new cluster, without a last snapshot. If a proof is missing, they stay for a person to look at. What is not
    brought along is named in the question: replicas in other Regions, custom endpoints, roles, a password that Secrets
    Manager keeps, the Data API, auto scaling of readers, policies for login by IAM, the stack that made the old one.

    Left alone are Serverless v1, Limitless, and Multi-AZ clusters that are not Aurora, what replicates another cluster
    or is joined to a directory. A member of a global cluster is only restored beside (`take_over=false`), since the new
    one is in none; so is a cluster of more than eight instances.
    """
    new = target or name_beside(cluster, "restored", run.now, LONGEST_NAME)
    kept = aside or name_beside(cluster, "before", run.now, LONGEST_NAME)
    beside = rds.describe_db_clusters(DBClusterIdentifier=new)
    everywhere = rds.describe_db_clusters(Filters=[{"Name": "db-cluster-id", "Values": [cluster, new, kept]}])

    look = rds.describe_db_clusters(DBClusterIdentifier=cluster)
    old = run.read("find it", look, pick=probes.only_whole_cluster)
    _require_that_it_suits(run, old, take_over)
    run.require("its name, the new one and the old one's differ", len({cluster, new, kept}) == 3)
    run.require("the names leave room for a number", max(len(new), len(kept)) <= LONGEST_NAME)
    run.require("it is waited for 10 h at most, so that there is time to decide and to undo", within <= LONGEST)
    run.require("people have 8 h at most to decide", decide <= timedelta(hours=8))
    found = run.read(
        "look at its instances", members_of_cluster(cluster), pick=partial(probes.members_of, old["writer"])
    )
    few = len(found) <= MOST_RENAMED
    run.require(f"there are {MOST_RENAMED} at most, or it is only restored beside", few or not take_over)
    run.require("each of them is available", found and all(each["status"] == "available" for each in found))
    tagged = [old["tags"], *(each["tags"] for each in found)]
    run.require(
        "its tags, and theirs, leave room for one more", all(RUN_TAG in tags_with_run(each, run.id) for each in tagged)
    )
    restore = _from_snapshot(run, old, snapshot, to, new) if snapshot else _to_point_in_time(run, old, to, new)
    members = members_for(found, new, kept)
    pick = partial(probes.cluster_names_seen, run.id)
    taken = [*run.read("look whether the new names are free", everywhere, pick=pick), *names_taken(run, members)]
    run.require(f"there is no {new} and no {kept} yet, nor instances so called", taken == [cluster])

    def delete_the_new_one() -> None:
        can_be = partial(probes.cluster_can_be_deleted_as_made_by, run.id)
        run.wait_until("the new one can be deleted: its instances are gone", beside, can_be, within=DEADLINE)
        delete = rds.delete_db_cluster(DBClusterIdentifier=new, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
        gone = (everywhere, lambda answer: pick(answer).get(new, {}).get("status") in {"deleting", None})
        run.change("delete the new one", delete, took_effect=gone, pick=lambda answer: answer["DBCluster"]["Status"])

    run.change(
        "restore it beside the old one",
        restore,
        undo=delete_the_new_one,
        took_effect=(beside, partial(probes.is_cluster_made_by, run.id)),
        pick=lambda answer: answer["DBCluster"]["Status"],
    )
    run.wait_until("the restore is through", beside, lambda seen: seen == "available", within=within, pick=_status)
    settling = min(MAKING, within)
    add_members(run, new, old["engine"], members, settling)
    _set_the_rest(run, old["settings"], new, settling)
    run.prove(
        "its instances are available, with the same settings",
        members_of_cluster(new),
        lambda unlike: not unlike,
        within=settling,
        pick=lambda answer: probes.unlike([(each.old, each.new) for each in members], probes.members_of(None, answer)),
    )
    names = sorted(each.new for each in members)
    seen = run.prove(
        "one of them writes, and the cluster has the same settings, and its parameters hold",
        beside,
        lambda found: not found["differences"] and found["settled"] and found["writer"] and found["members"] == names,
        within=settling,
        pick=partial(_compared, old),
    )
    if not take_over:
        return f"{new} stands beside {cluster}, with its settings; not brought along: {seen['left_behind']}"

    run.approve(
        f"let {new} take the name {cluster}: look at its data at {seen['address']}, and stop who writes; "
        f"not brought along: {seen['left_behind']}",
        within=decide,
    )
    # The clusters last: whoever comes by the cluster's endpoint must not write into what may yet be undone.
    rename_members(run, members, within)
    kind = Renaming(everywhere, pick, _rename, min(RENAMING, within))
    cut_over(run, kind, name=cluster, new=new, kept=kept, address=old["address"])
    return (
        f"{cluster} is the restored one now; the old one is {kept}, and costs: "
        f"delete it after {run.now + keep:%Y-%m-%d}, if nobody misses it"
    )


def _require_that_it_suits(run: Run, old: dict[str, Any], take_over: bool) -> None:
    provisioned = old["engine"].startswith("aurora") and old["mode"] == "provisioned"
    run.require("it is Aurora, with instances of its own: not Serverless v1", provisioned)
    run.require("it is not Limitless, and in a VPC", not old["special"])
    run.require("it replicates no other cluster", old["source"] is None)
    run.require("it is in no global cluster, or is only restored beside", old["global"] is None or not take_over)
    run.require("it is joined to no directory", not old["domains"])
    run.require("it is available", old["status"] == "available")
    run.require("an instance of it writes", old["writer"])
    run.require("nothing waits for its maintenance window", not old["pending"])


def _to_point_in_time(run: Run, old: dict[str, Any], to: datetime | None, new: str) -> Call:
    run.require("it has restorable times", old["first"] and old["latest"])
    run.require(probes.restorable_words(old, to), probes.can_be_restored_to(old, to))
    return rds.restore_db_cluster_to_point_in_time(
        SourceDBClusterIdentifier=old["id"],
        DBClusterIdentifier=new,
        **({"RestoreToTime": to} if to else {"UseLatestRestorableTime": True}),
        **_as_it_was(run, old),
    )


def _from_snapshot(run: Run, old: dict[str, Any], snapshot: str, to: datetime | None, new: str) -> Call:
    run.require("a time or a snapshot is given, not both", to is None)
    look = rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=snapshot)
    found = run.read("find the snapshot", look, pick=probes.only_cluster_snapshot)
    of = (found["of"], found["engine"])
    run.require(f"it is one of {old['id']}, which is {old['engine']}", of == (old["id"], old["engine"]))
    run.require("it is available", found["status"] == "available")
    run.require("it has the same key", found["key"] == old["settings"].get("KmsKeyId"))
    # Without its version it would get the Region's default one.
    return rds.restore_db_cluster_from_snapshot(
        SnapshotIdentifier=snapshot,
        DBClusterIdentifier=new,
        Engine=found["engine"],
        EngineVersion=found["version"],
        **_as_it_was(run, old),
    )


def _as_it_was(run: Run, old: dict[str, Any]) -> dict[str, Any]:
    """What both restores are told. It is not protected yet: an undo must be able to delete it."""
    tags = listed(dict(sorted(tags_with_run(old["tags"], run.id).items())))
    return {**probes.to_restore(old["settings"]), "DeletionProtection": False, "Tags": tags}


def _set_the_rest(run: Run, settings: dict[str, Any], new: str, settling: timedelta) -> None:
    """What a restore cannot be told, in one change; and the protection, which its undo takes off again."""
    beside = rds.describe_db_clusters(DBClusterIdentifier=new)
    wanted = probes.to_modify(settings)

    def is_set(answer: Any) -> bool:
        found = probes.only_whole_cluster(answer)["settings"]
        return all(found.get(name) == value for name, value in wanted.items())

    modify = rds.modify_db_cluster(DBClusterIdentifier=new, ApplyImmediately=True, **wanted)
    run.wait_until("the new one can be changed", beside, _is_idle, within=settling)
    run.change("set what a restore loses", modify, took_effect=(beside, is_set), pick=lambda answer: sorted(wanted))
    run.wait_until("it is set", beside, is_set, within=settling)
    if settings.get("DeletionProtection"):
        protect(run, beside, partial(_protection, new), is_idle=_is_idle, is_protected=_is_protected, within=settling)


def _protection(name: str, on: bool) -> Call:
    return rds.modify_db_cluster(DBClusterIdentifier=name, ApplyImmediately=True, DeletionProtection=on)


def _compared(old: dict[str, Any], answer: Any) -> dict[str, Any]:
    """What the ledger keeps of the comparison: where the new one is unlike the old one, and what it lacks."""
    new = probes.only_whole_cluster(answer)
    return {
        "differences": differences(old["settings"], new["settings"]),
        "settled": new["in_sync"] and not new["pending"] and new["status"] == "available",
        "address": new["address"],
        "writer": new["writer"],
        "members": new["members"],
        "left_behind": "; ".join(probes.left_behind(old, new)),
    }


def _status(answer: Any) -> str:
    return str(probes.only_whole_cluster(answer)["status"])


def _is_idle(answer: Any) -> bool:
    return not probes.is_cluster_busy(_status(answer))


def _is_protected(answer: Any) -> bool:
    return bool(probes.only_whole_cluster(answer)["settings"].get("DeletionProtection"))


def _rename(name: str, other: str) -> Call:
    return rds.modify_db_cluster(DBClusterIdentifier=name, NewDBClusterIdentifier=other, ApplyImmediately=True)
