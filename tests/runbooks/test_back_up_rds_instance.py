"""back-up-rds-instance: what it promises at night.

Statuses of a snapshot: RDS API reference, DBSnapshot; which can be deleted: DeleteDBSnapshot.
"""

from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.clusters import a_cluster
from tests.runbooks.databases import not_applicable, one_without_snapshots, seems, snapshots_seem

NAME = "back-up-rds-instance"
TAKE = "rds:CreateDBSnapshot"
DELETE = "rds:DeleteDBSnapshot"


def start(house: House, name: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A run on it, waited for one minute."""
    return house.start(NAME, instance=name, **{"within": "1m", **more})


def snapshots_of(house: House, name: str) -> dict[str, dict[str, str]]:
    """The snapshots of it in the cloud, each with its tags."""
    found = house.crew.client("rds").describe_db_snapshots(DBInstanceIdentifier=name)["DBSnapshots"]
    return {
        each["DBSnapshotIdentifier"]: {tag["Key"]: tag["Value"] for tag in each.get("TagList", [])} for each in found
    }


def taken(house: House, name: str) -> str:
    """A snapshot that somebody took of it just now."""
    made = f"{name}-by-hand"
    house.crew.client("rds").create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=made)
    return made


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that ends well, one whose snapshot fails."""
    assert start(house, one_without_snapshots(house))[1]["outcome"] == "succeeded"
    snapshots_seem(house, "failed")
    assert start(house, one_without_snapshots(house))[1]["outcome"] == "failed"


def test_it_takes_a_snapshot_and_proves_that_it_is_whole(house: House) -> None:
    """Named after the run, and tagged with it."""
    name = one_without_snapshots(house)
    snapshots_seem(house, "creating", 1)
    run, ended = start(house, name)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert snapshots_of(house, name) == {f"{name}-nightcrew-{run}": {"nightcrew:run": run}}
    assert house.scripted.changes() == [TAKE]
    facts = house.facts(run)
    assert [fact["tries"] for fact in facts if fact.get("waited") == "it is whole, or has failed"] == [2]
    assert [fact["proved"] for fact in facts if "proved" in fact] == ["it can be restored"]
    assert f"{name}-nightcrew-{run}" in ended["words"]


def test_with_a_recent_one_it_takes_none_and_says_which_it_is(house: House) -> None:
    name = one_without_snapshots(house)
    last = taken(house, name)
    run, ended = start(house, name)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert f"{name} has {last} of " in ended["words"]
    assert house.scripted.changes() == []
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["its recent snapshot can be restored"]


@pytest.mark.parametrize(
    ("otherwise", "given"),
    [
        ({"SnapshotCreateTime": "2020-01-01T00:00:00Z"}, {}),
        ({"Status": "creating"}, {}),
        ({}, {"recent": "0s"}),
    ],
    ids=["too old", "not whole", "asked for one in any case"],
)
def test_without_a_recent_whole_one_it_takes_its_own(
    house: House, otherwise: dict[str, Any], given: dict[str, Any]
) -> None:
    name = one_without_snapshots(house)
    last = taken(house, name)

    def edit(asked: Any, answer: dict[str, Any]) -> None:
        if "DBInstanceIdentifier" in asked:
            answer["DBSnapshots"][0].update(otherwise)

    house.scripted.after("rds", "DescribeDBSnapshots", edit)
    run, ended = start(house, name, **given)
    assert ended["outcome"] == "succeeded"
    assert set(snapshots_of(house, name)) == {last, f"{name}-nightcrew-{run}"}


def test_a_recent_one_on_the_second_page_is_found(house: House) -> None:
    """Pages come in no order that AWS tells."""
    name = one_without_snapshots(house)
    last = taken(house, name)

    def paged(asked: Any) -> Any:
        return {"DBSnapshots": [], "Marker": "page-2"} if not {"Marker", "Filters"} & set(asked) else None

    house.scripted.script("rds", "DescribeDBSnapshots", paged)
    _, ended = start(house, name)
    assert last in ended["words"]
    assert house.scripted.changes() == []


def test_a_plan_changes_nothing(house: House) -> None:
    name = one_without_snapshots(house)
    planned = house.plan(NAME, instance=name)
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert [line["call"] for line in planned.changes] == [TAKE]
    assert planned.changes[0]["unknown"] == "looked at"
    assert house.scripted.changes() == []


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, NAME, "find the database", instance="nobody-made-this")


def test_an_instance_of_aurora_is_left_alone(house: House) -> None:
    not_applicable(house, NAME, "no cluster contains it", instance=f"{a_cluster(house)}-a")


def test_one_that_cannot_be_backed_up_now_is_left_alone(house: House) -> None:
    """CreateDBSnapshot takes none of an instance whose storage is full."""
    name = one_without_snapshots(house)
    seems(house, name, DBInstanceStatus="storage-full")
    not_applicable(house, NAME, "it is available", instance=name)


def test_a_refused_snapshot_leaves_nothing_to_undo(house: House) -> None:
    name = one_without_snapshots(house)
    house.scripted.answer("rds", "CreateDBSnapshot", Refusal("SnapshotQuotaExceeded"))
    run, ended = start(house, name)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "SnapshotQuotaExceeded"
    assert "undone" not in house.closing(run)


def test_a_snapshot_that_failed_is_deleted(house: House) -> None:
    name = one_without_snapshots(house)
    snapshots_seem(house, "failed")
    run, ended = start(house, name)
    assert (ended["outcome"], "it has not failed" in ended["words"]) == ("failed", True)
    assert house.closing(run)["undone"] == ["take a snapshot"]
    assert house.scripted.changes() == [TAKE, DELETE]
    assert snapshots_of(house, name) == {}


def test_one_that_takes_too_long_stays_and_becomes_whole(house: House) -> None:
    """AWS deletes none that is still being made; and what becomes a backup after all may be wanted."""
    name = one_without_snapshots(house)
    snapshots_seem(house, "creating", 8)
    run, ended = start(house, name)
    assert (ended["outcome"], "not within 1 min" in ended["words"]) == ("failed", True)
    assert house.scripted.changes() == [TAKE]
    assert len(snapshots_of(house, name)) == 1
    assert "not_undone" not in house.closing(run)


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    """A second one would be refused: the name is taken."""
    name = one_without_snapshots(house)
    house.scripted.lose_reply("rds", "CreateDBSnapshot")
    run, ended = start(house, name)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [TAKE]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]
