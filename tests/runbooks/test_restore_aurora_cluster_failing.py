"""restore-aurora-cluster: what it promises when AWS refuses, is slow, loses a reply, or when a person says no."""

from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.clusters_to_restore import (
    NAME,
    a_cluster,
    a_furnished_cluster,
    beside,
    changed,
    described,
    edited,
    edited_instance,
    looks,
    members,
    names,
    restored,
    tags,
)


def undone(house: House, run: str) -> list[str]:
    """What was taken back; nothing may be left over."""
    closing = house.closing(run)
    assert "not_undone" not in closing, closing["not_undone"]
    return list(closing.get("undone", []))


def as_before(house: House, cluster: str, instances: str = "a") -> None:
    """The old one has its name and its instances theirs, and the new ones are gone."""
    assert members(house, cluster) == [f"{cluster}-{letter}" for letter in instances]
    assert "nightcrew:run" not in tags(house, cluster)
    for name in (f"{cluster}-again", f"{cluster}-aside"):
        assert (described(house, name), members(house, name)) == ({}, [])


def test_a_restore_that_aws_refuses_fails_with_nothing_to_undo(house: House) -> None:
    cluster = a_cluster(house)
    house.scripted.answer("rds", "RestoreDBClusterToPointInTime", Refusal("DBClusterQuotaExceededFault"))
    run, ended = beside(house, cluster)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "DBClusterQuotaExceededFault"
    assert house.scripted.changes() == ["rds:RestoreDBClusterToPointInTime"]
    as_before(house, cluster)


def test_a_reader_for_which_a_zone_has_no_room_deletes_the_writer_and_then_the_cluster(house: House) -> None:
    """AWS deletes no cluster that has instances."""
    cluster = a_cluster(house, {}, {})
    house.scripted.answer("rds", "CreateDBInstance", None, Refusal("InsufficientDBInstanceCapacity"))
    run, ended = beside(house, cluster)
    assert ended["outcome"] == "failed"
    assert undone(house, run) == [f"add {cluster}-again-1", "restore it beside the old one"]
    assert house.scripted.changes()[-2:] == ["rds:DeleteDBInstance", "rds:DeleteDBCluster"]
    as_before(house, cluster, "ab")


def test_the_undo_waits_until_the_instances_are_gone(house: House) -> None:
    cluster = a_cluster(house)
    house.scripted.answer("rds", "ModifyDBCluster", Refusal("InvalidParameterCombination"))
    left = [2]

    def lingers(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["DBClusters"]:
            if each["DBClusterIdentifier"] == f"{cluster}-again" and "rds:DeleteDBInstance" in house.scripted.changes():
                left[0] -= 1
                if left[0] >= 0:
                    each["DBClusterMembers"] = [{"DBInstanceIdentifier": "x", "IsClusterWriter": True}]

    house.scripted.after("rds", "DescribeDBClusters", lingers)
    run, ended = beside(house, cluster)
    assert ended["outcome"] == "failed"
    assert undone(house, run) == [f"add {cluster}-again-1", "restore it beside the old one"]
    assert left[0] < 0
    as_before(house, cluster)


def test_who_declines_gets_all_deleted_and_the_protection_taken_off_before(house: House) -> None:
    cluster = a_furnished_cluster(house)
    run, ended = restored(house, cluster, approve=False)
    assert ended["outcome"] == "declined"
    again = f"{cluster}-again"
    assert changed(house, run)[-4:] == [
        "take its protection off",
        f"delete {again}-2",
        f"delete {again}-1",
        "delete the new one",
    ]
    assert len(undone(house, run)) == 4
    assert (described(house, again), members(house, again)) == ({}, [])
    assert members(house, cluster) == [f"{cluster}-a", f"{cluster}-b"]


def test_nobody_who_answers_is_a_no(house: House) -> None:
    cluster = a_cluster(house)
    _, ended = house.start(NAME, cluster=cluster, within="1m", decide="20m", **names(cluster))
    assert ended["outcome"] == "declined"
    assert "nobody approved it within 20 min" in ended["words"]
    as_before(house, cluster)


def test_a_rename_that_is_refused_gives_all_their_names_back(house: House) -> None:
    """The clusters' turn comes last: by then each instance has another name, and the old cluster, too."""
    cluster = a_cluster(house)

    def refuse(asked: Any) -> Refusal | None:
        taken = asked.get("NewDBClusterIdentifier") == cluster and asked["DBClusterIdentifier"].endswith("-again")
        return Refusal("InvalidDBClusterStateFault") if taken else None

    house.scripted.script("rds", "ModifyDBCluster", refuse)
    run, ended = restored(house, cluster)
    assert ended["outcome"] == "failed"
    again, aside = f"{cluster}-again", f"{cluster}-aside"
    assert undone(house, run) == [
        f"rename {cluster} to {aside}",
        f"rename {again}-1 to {cluster}-a",
        f"rename {cluster}-a to {aside}-1",
        f"add {again}-1",
        "restore it beside the old one",
    ]
    as_before(house, cluster)


def test_a_restore_that_takes_its_time_is_waited_for(house: House) -> None:
    """No instance is made while it is created."""
    cluster = a_cluster(house)
    looks(house, f"{cluster}-again", "creating", 2)
    run, ended = beside(house, cluster)
    assert ended["outcome"] == "succeeded", ended["words"]
    waited = next(fact for fact in house.facts(run) if fact.get("waited") == "the restore is through")
    assert (waited["tries"], waited["value"]) == (3, "available")


def test_a_restore_that_is_not_through_in_time_is_deleted_when_that_is_possible(house: House) -> None:
    cluster = a_cluster(house)
    looks(house, f"{cluster}-again", "creating", 10)
    run, ended = beside(house, cluster)
    assert ended["outcome"] == "failed"
    assert "the restore is through: not within 1 min" in ended["words"]
    assert house.scripted.changes() == ["rds:RestoreDBClusterToPointInTime", "rds:DeleteDBCluster"]
    assert undone(house, run) == ["restore it beside the old one"]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ({"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}]}, "VpcSecurityGroupIds"),
        ({"PendingModifiedValues": {"EngineVersion": "3"}}, "'settled': False"),
    ],
)
def test_a_setting_that_did_not_take_is_ineffective_and_nobody_is_asked(
    house: House, seen: dict[str, Any], words: str
) -> None:
    """The ledger says which one; the new one stays for a person to look at."""
    cluster = a_cluster(house)
    edited(house, f"{cluster}-again", after="rds:ModifyDBCluster", **seen)
    run, ended = restored(house, cluster)
    assert ended["outcome"] == "ineffective"
    missed = [fact for fact in house.facts(run) if "proved" in fact][-1]
    assert words in missed["seen"]
    assert not [fact for fact in house.facts(run) if "asked" in fact]
    assert described(house, f"{cluster}-again")


def test_a_cluster_in_which_nobody_writes_is_no_proof(house: House) -> None:
    cluster = a_cluster(house)
    reading = [{"DBInstanceIdentifier": f"{cluster}-again-1", "IsClusterWriter": False}]
    edited(house, f"{cluster}-again", after="rds:ModifyDBCluster", DBClusterMembers=reading)
    assert beside(house, cluster)[1]["outcome"] == "ineffective"


def test_an_instance_unlike_the_old_one_is_no_proof(house: House) -> None:
    cluster = a_cluster(house)
    edited_instance(house, f"{cluster}-again-1", AvailabilityZone="eu-west-1c")
    run, ended = beside(house, cluster)
    assert ended["outcome"] == "ineffective"
    (missed,) = [fact for fact in house.facts(run) if "proved" in fact]
    assert "AvailabilityZone was eu-west-1a, is eu-west-1c" in missed["seen"]


def test_another_address_is_no_proof(house: House) -> None:
    """Who connects by the old name would not find it."""
    cluster = a_cluster(house)
    edited(house, cluster, after="rds:RestoreDBClusterToPointInTime", Endpoint="elsewhere")
    _, ended = restored(house, cluster)
    assert ended["outcome"] == "ineffective"
    assert f"{cluster} is the new one, at the same address" in ended["words"]


def test_the_undo_deletes_nothing_but_what_the_run_made(house: House) -> None:
    """Somebody else's cluster has the name by now: the undo gives up, and a person is called."""
    cluster = a_cluster(house)
    house.scripted.answer("rds", "CreateDBInstance", Refusal("InsufficientDBInstanceCapacity"))
    edited(house, f"{cluster}-again", after="rds:CreateDBInstance", TagList=[])
    run, _ = beside(house, cluster)
    assert "rds:DeleteDBCluster" not in house.scripted.changes()
    (left,) = house.closing(run)["not_undone"]
    assert "was not made by" in left["words"]


@pytest.mark.parametrize(
    ("operation", "before", "title"),
    [
        ("RestoreDBClusterToPointInTime", 0, "restore it beside the old one"),
        ("CreateDBInstance", 0, "add {0}-again-1"),
        ("ModifyDBCluster", 0, "set what a restore loses"),
        ("ModifyDBInstance", 1, "rename {0}-again-1 to {0}-a"),
        ("ModifyDBCluster", 2, "rename {0}-again to {0}"),
    ],
)
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, operation: str, before: int, title: str) -> None:
    """A second rename would find nothing by that name, or rename what it should not."""
    cluster, seen = a_cluster(house), [0]

    def count(_: Any) -> None:
        if seen[0] == before:
            house.scripted.lose_reply("rds", operation)
        seen[0] += 1

    house.scripted.script("rds", operation, count)
    run, ended = restored(house, cluster)
    assert ended["outcome"] == "succeeded", ended["words"]
    found = {fact["changed"]: fact["how"] for fact in house.facts(run) if "changed" in fact}
    assert found.pop(title.format(cluster)) == "looked: it had taken effect"
    assert set(found.values()) == {"once"}
    assert len(house.scripted.changes()) == 7
