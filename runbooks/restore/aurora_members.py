"""The instances of a restored Aurora cluster: it comes without any, so they are made, and renamed before it is.

An instance has no data: the cluster's instances share their storage.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls
from nightcrew.aws import aurora_settings as probes
from nightcrew.aws.calls import Call
from nightcrew.aws.rds import instances
from nightcrew.aws.rds_settings import can_be_deleted_as_made_by, is_made_by, names_seen
from nightcrew.aws.tags import listed, tags_with_run
from runbooks.restore.cut_over import RENAMING, Renaming, cut_over

rds = calls("rds")

MAKING = timedelta(hours=1)
"""An instance takes some ten minutes; a large one of a busy night, longer."""


@dataclass(frozen=True)
class Member:
    """An instance of the old cluster, what the one made for it is called, and what the old one will be."""

    old: dict[str, Any]
    new: str
    kept: str


def members_for(old: list[dict[str, Any]], new: str, kept: str) -> list[Member]:
    """The instances in order, the writer first, named after their clusters and numbered."""
    return [Member(each, f"{new}-{number}", f"{kept}-{number}") for number, each in enumerate(old, start=1)]


def add_members(run: Run, cluster: str, engine: str, members: list[Member], within: timedelta) -> None:
    """Make an instance for each. The first one writes, so the others wait until it is there."""
    look = members_of_cluster(cluster)
    writer, *readers = members
    _add(run, cluster, engine, writer)
    there = partial(_are_available, [writer.new])
    run.wait_until(f"{writer.new} is available", look, there, within=within, pick=instances)
    for reader in readers:
        _add(run, cluster, engine, reader)
    if readers:
        there = partial(_are_available, [each.new for each in members])
        run.wait_until("its readers are available", look, there, within=within, pick=instances)


def rename_members(run: Run, members: list[Member], within: timedelta) -> None:
    """Each new one takes its old one's name. Should one fail, all get their names back."""
    for each in members:
        name = str(each.old["id"])
        look = _named([name, each.new, each.kept])
        kind = Renaming(look, partial(names_seen, run.id), _rename, min(RENAMING, within))
        cut_over(run, kind, name=name, new=each.new, kept=each.kept, address=each.old["address"])


def names_taken(run: Run, members: list[Member]) -> list[str]:
    """Which of the names are somebody's by now."""
    look = _named([name for each in members for name in (each.new, each.kept)])
    found = run.read("look whether its instances' names are free", look, pick=instances)
    return [str(each["id"]) for each in found]


def members_of_cluster(cluster: str) -> Call:
    """The read of its instances."""
    return rds.describe_db_instances(Filters=[{"Name": "db-cluster-id", "Values": [cluster]}])


def _add(run: Run, cluster: str, engine: str, member: Member) -> None:
    one, look = rds.describe_db_instances(DBInstanceIdentifier=member.new), _named([member.new])

    def take_it_away() -> None:
        can_be = partial(can_be_deleted_as_made_by, run.id)
        run.wait_until(f"{member.new} can be deleted", one, can_be, within=MAKING)
        run.change(
            f"delete {member.new}",
            rds.delete_db_instance(DBInstanceIdentifier=member.new),
            took_effect=(look, lambda answer: all(each["status"] == "deleting" for each in instances(answer))),
            pick=_status,
        )

    create = rds.create_db_instance(
        **probes.to_create(member.old["settings"]),
        DBClusterIdentifier=cluster,
        DBInstanceIdentifier=member.new,
        Engine=engine,
        Tags=listed(tags_with_run(member.old["tags"], run.id)),
    )
    run.change(
        f"add {member.new}",
        create,
        undo=take_it_away,
        took_effect=(one, partial(is_made_by, run.id)),
        pick=_status,
    )


def _named(names: list[str]) -> Call:
    return rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": names}])


def _are_available(names: list[str], seen: list[dict[str, Any]]) -> bool:
    return {each["id"] for each in seen if each["status"] == "available"} >= set(names)


def _rename(name: str, other: str) -> Call:
    return rds.modify_db_instance(DBInstanceIdentifier=name, NewDBInstanceIdentifier=other, ApplyImmediately=True)


def _status(answer: Any) -> dict[str, str]:
    return {"status": answer["DBInstance"]["DBInstanceStatus"]}
