"""restore-rds-instance: what it promises at night. When it fails: test_restore_rds_instance_failing.py."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.clock import stamp
from tests.house import House
from tests.runbooks.clusters import a_cluster
from tests.runbooks.databases_to_restore import (
    NAME,
    ROLE,
    a_database,
    a_furnished_database,
    changed,
    described,
    edited,
    names,
    restored,
    tags,
)


def a_snapshot(house: House, database: str) -> str:
    """A snapshot that somebody made of it."""
    name = f"{database}-snapshot"
    house.crew.client("rds").create_db_snapshot(DBInstanceIdentifier=database, DBSnapshotIdentifier=name)
    return name


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that takes over, one from a snapshot, declined."""
    assert restored(house, a_database(house))[1]["outcome"] == "succeeded"
    database = a_database(house)
    _, ended = restored(house, database, snapshot=a_snapshot(house, database), approve=False)
    assert ended["outcome"] == "declined"


def sent(house: House, operation: str) -> list[dict[str, Any]]:
    """The parameters of each request of that operation."""
    return [dict(each.parameters) for each in house.scripted.sent if each.operation == operation]


def test_it_restores_beside_and_takes_over_when_that_is_approved(house: House) -> None:
    """The new one has the old one's name and address; the old one is kept under another."""
    database = a_database(house)
    before = described(house, database)
    run, ended = restored(house, database)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert changed(house, run) == [
        "restore it beside the old one",
        "set what a restore loses",
        f"rename {database} to {database}-aside",
        f"rename {database}-again to {database}",
    ]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "it has the same settings, and its parameters hold",
        f"{database} is the new one, at the same address",
    ]
    assert tags(house, database)["nightcrew:run"] == run
    assert described(house, database)["Endpoint"] == before["Endpoint"]
    assert "nightcrew:run" not in tags(house, f"{database}-aside")
    assert not described(house, f"{database}-again")


def test_nobody_deletes_the_old_one_and_people_are_told_until_when_it_is_kept(house: House) -> None:
    database = a_database(house)
    due = house.crew.installation.clock.now() + timedelta(days=30)
    run, ended = restored(house, database, keep="30d")
    assert f"the old one is {database}-aside" in ended["words"]
    assert f"delete it after {due:%Y-%m}" in ended["words"]
    assert "rds:DeleteDBInstance" not in house.scripted.changes()
    assert house.closing(run)["outcome"] == "succeeded"


def test_the_restore_is_told_every_setting_that_it_would_lose(house: House) -> None:
    """All security groups above all: the open catalogs give the first one only."""
    database = a_furnished_database(house)
    run, ended = restored(house, database)
    assert ended["outcome"] == "succeeded", ended["words"]
    (told,) = sent(house, "RestoreDBInstanceToPointInTime")
    groups = [each["VpcSecurityGroupId"] for each in described(house, f"{database}-aside")["VpcSecurityGroups"]]
    assert told.pop("VpcSecurityGroupIds") == sorted(groups)
    assert len(groups) == 2
    assert told.pop("DBParameterGroupName").startswith("till-")
    assert told.pop("Tags") == [{"Key": "nightcrew:run", "Value": run}, {"Key": "team", "Value": "till"}]
    assert (
        told.items()
        >= {
            "SourceDBInstanceIdentifier": database,
            "TargetDBInstanceIdentifier": f"{database}-again",
            "UseLatestRestorableTime": True,
            "MultiAZ": True,
            "PubliclyAccessible": False,
            "DBInstanceClass": "db.m6g.large",
            "CopyTagsToSnapshot": True,
            "EnableIAMDatabaseAuthentication": True,
            "BackupRetentionPeriod": 7,
            "PreferredBackupWindow": "01:00-01:30",
            "DeletionProtection": False,
        }.items()
    )
    assert told["EnableCloudwatchLogsExports"] == ["postgresql"]


def test_what_a_restore_cannot_be_told_is_set_afterwards_and_its_protection_last(house: House) -> None:
    """Read back from the cloud itself, too."""
    database = a_furnished_database(house)
    run, _ = restored(house, database)
    first, protection, *_ = sent(house, "ModifyDBInstance")
    assert first == {
        "DBInstanceIdentifier": f"{database}-again",
        "ApplyImmediately": True,
        "MaxAllocatedStorage": 200,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": ROLE,
        "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
    }
    assert protection["DeletionProtection"] is True
    assert described(house, database)["MaxAllocatedStorage"] == 200
    assert described(house, database)["DeletionProtection"] is True
    assert "protect it from deletion" in changed(house, run)


def test_a_snapshot_is_restored_with_the_settings_of_today(house: House) -> None:
    database = a_furnished_database(house)
    snapshot = a_snapshot(house, database)
    _, ended = restored(house, database, snapshot=snapshot)
    assert ended["outcome"] == "succeeded", ended["words"]
    (told,) = sent(house, "RestoreDBInstanceFromDBSnapshot")
    assert (told["DBSnapshotIdentifier"], told["DBInstanceIdentifier"]) == (snapshot, f"{database}-again")
    assert len(told["VpcSecurityGroupIds"]) == 2
    assert told["DBParameterGroupName"].startswith("till-")


def test_the_time_that_was_asked_for_is_restored(house: House) -> None:
    database = a_database(house)
    to = house.crew.installation.clock.now() - timedelta(days=2)
    _, ended = restored(house, database, to=to.isoformat())
    assert ended["outcome"] == "succeeded", ended["words"]
    (told,) = sent(house, "RestoreDBInstanceToPointInTime")
    assert told["RestoreTime"] == to
    assert "UseLatestRestorableTime" not in told


def test_without_taking_over_nobody_is_asked_and_the_old_one_is_left_as_it_is(house: House) -> None:
    database = a_database(house)
    before = described(house, database)
    run, ended = house.start(NAME, instance=database, take_over=False, within="1m", **names(database))
    assert ended["outcome"] == "succeeded"
    assert ended["words"].startswith(f"{database}-again stands beside {database}")
    assert changed(house, run) == ["restore it beside the old one", "set what a restore loses"]
    after = described(house, database)
    assert {**after, "LatestRestorableTime": None} == {**before, "LatestRestorableTime": None}


def test_who_is_asked_reads_where_to_look_and_what_is_not_brought_along(house: House) -> None:
    """The new one's own endpoint, and a replica that will follow the old one."""
    database = a_database(house)
    edited(house, database, ReadReplicaDBInstanceIdentifiers=["till-reader"])
    run, ended = restored(house, database)
    assert ended["outcome"] == "succeeded", ended["words"]
    (asked,) = [fact["asked"] for fact in house.facts(run) if "asked" in fact]
    assert f"look at its data at {database}-again." in asked
    assert "its replicas till-reader, which follow the old one" in asked


def test_a_plan_changes_nothing_and_shows_the_cut_over(house: House) -> None:
    database = a_furnished_database(house)
    planned = house.plan(NAME, instance=database, **names(database))
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert house.scripted.changes() == []
    assert [line["title"] for line in planned.changes] == [
        "restore it beside the old one",
        "set what a restore loses",
        "protect it from deletion",
        f"rename {database} to {database}-aside",
        f"rename {database}-again to {database}",
    ]
    assert {line["unknown"] for line in planned.changes} == {"looked at"}
    assert [line["verb"] for line in planned.lines if line["verb"] == "approve"] == ["approve"]


def test_without_names_they_are_called_by_the_time_of_the_run(house: House) -> None:
    database = a_database(house)
    planned = house.plan(NAME, instance=database)
    first, *_, last = planned.changes
    assert first["parameters"]["TargetDBInstanceIdentifier"].startswith(f"{database}-restored-20")
    assert planned.changes[-2]["parameters"]["NewDBInstanceIdentifier"].startswith(f"{database}-before-20")
    assert last["parameters"]["NewDBInstanceIdentifier"] == database


def refused_to_start(house: House, database: str, words: str, **parameters: Any) -> None:
    """It is not applicable, in these words among others, and changes nothing."""
    _, ended = house.start(NAME, instance=database, **{**names(database), "within": "1m", **parameters})
    assert (ended["outcome"], words in ended["words"]) == ("not_applicable", True), ended["words"]
    assert house.scripted.changes() == []


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"ReadReplicaSourceDBInstanceIdentifier": "till"}, "no read replica"),
        ({"Engine": "custom-oracle-ee"}, "not RDS Custom"),
        ({"DomainMemberships": [{"Domain": "d-1"}]}, "joined to no directory"),
        ({"DBInstanceStatus": "modifying"}, "it is available"),
        ({"PendingModifiedValues": {"DBInstanceClass": "db.m6g.xlarge"}}, "nothing waits"),
        ({"BackupRetentionPeriod": 0}, "it keeps automated backups"),
        ({"TagList": [{"Key": f"tag-{each}", "Value": "x"} for each in range(50)]}, "room for one more"),
    ],
)
def test_what_a_restore_does_not_suit_is_left_alone(house: House, members: dict[str, Any], words: str) -> None:
    database = a_database(house)
    edited(house, database, **members)
    refused_to_start(house, database, words)


def test_an_instance_of_a_cluster_is_left_alone(house: House) -> None:
    """Its data is the cluster's."""
    refused_to_start(house, f"{a_cluster(house)}-a", "no cluster owns it")


@pytest.mark.parametrize("days", [-8, 1])
def test_a_time_out_of_the_window_is_not_applicable(house: House, days: int) -> None:
    """Older than its backups are kept, or still to come; the words name the window."""
    now = house.crew.installation.clock.now()
    refused_to_start(house, a_database(house), "its first and last restorable", to=stamp(now + timedelta(days=days)))


def test_a_name_that_is_taken_is_not_applicable(house: House) -> None:
    database, other = a_database(house), a_database(house)
    refused_to_start(house, database, f"there is no {other} and", target=other)
    refused_to_start(house, database, f"no {other} yet", aside=other)


def test_a_database_that_does_not_exist_is_not_applicable(house: House) -> None:
    refused_to_start(house, "till-never-made", "find it")


def test_another_databases_snapshot_is_not_applicable(house: House) -> None:
    database = a_database(house)
    refused_to_start(house, database, f"it is one of {database}", snapshot=a_snapshot(house, a_database(house)))


def test_a_snapshot_under_another_key_is_not_applicable(house: House) -> None:
    """Restored, it would be encrypted otherwise, or not at all."""
    database = a_database(house)
    snapshot = a_snapshot(house, database)
    edited(house, database, KmsKeyId="arn:aws:kms:eu-west-1:123456789012:key/1")
    refused_to_start(house, database, "it has the same key", snapshot=snapshot)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"within": "11h"}, "10 h at most"),
        ({"decide": "9h"}, "8 h at most"),
        ({"snapshot": "till-1", "to": "2026-11-21T03:00:00Z"}, "not both"),
    ],
)
def test_what_cannot_be_meant_is_not_applicable(house: House, given: dict[str, Any], words: str) -> None:
    refused_to_start(house, a_database(house), words, **given)
