"""restore-recovery-point: what it promises at night. When it fails: test_restore_recovery_point_failing.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.clock import stamp
from tests.house import House
from tests.runbooks.recovery_points import (
    A_WHILE,
    DRILLER,
    NAME,
    ROLE,
    another_kind,
    job_looks,
    ledger,
    of_a_database,
    of_a_table,
    of_a_volume,
    point_is,
    restored,
    sent,
)

Stage = Callable[[House], tuple[str, dict[str, str]]]


def tour(house: House) -> None:
    """The runs that together send every call that it declares: of each known type one that comes too late."""
    assert restored(house, of_a_database(house)[1])[1]["outcome"] == "succeeded"
    for stage in (of_a_database, of_a_table, of_a_volume):
        _, given = stage(house)
        job_looks(house, A_WHILE, Status="RUNNING", PercentDone="12.00%")
        assert restored(house, given)[1]["outcome"] == "failed"


def test_a_database_is_restored_beside_with_what_was_written_down(house: House) -> None:
    """And with what the caller gave in its place; the old one is not touched."""
    name, given = of_a_database(house)
    run, ended = restored(house, given, target=f"{name}-again", metadata='{"dbInstanceClass": "db.m6g.xlarge"}')
    assert ended["outcome"] == "succeeded", ended["words"]
    (told,) = sent(house, "StartRestoreJob")
    assert len(told.pop("IdempotencyToken")) == 32
    assert told == {
        "RecoveryPointArn": given["point"],
        "Metadata": {"Engine": "postgres", "DBInstanceClass": "db.m6g.xlarge", "DBInstanceIdentifier": f"{name}-again"},
        "IamRoleArn": ROLE,
        "ResourceType": "RDS",
    }
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "the job is completed, and says what it made",
        "the new one can be used",
    ]
    assert house.scripted.changes() == ["backup:StartRestoreJob"]
    assert f":db:{name}-again was made of {name}" in ended["words"]


@pytest.mark.parametrize("stage", [of_a_table, of_a_volume])
def test_tables_and_volumes_are_looked_at_too(house: House, stage: Stage) -> None:
    name, given = stage(house)
    run, ended = restored(house, given)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert "the new one can be used" in [fact["proved"] for fact in house.facts(run) if "proved" in fact]
    assert f"was made of {name}" in ended["words"]


def test_what_was_written_down_is_told_to_aws_and_to_nobody_else(house: House) -> None:
    """AWS calls it sensitive: of an instance it holds the user data. A plan does not even ask for it."""
    _, given = of_a_database(house)
    house.scripted.after(
        "backup",
        "GetRecoveryPointRestoreMetadata",
        lambda _, answer: answer["RestoreMetadata"].update(UserData="h1dden"),
    )
    assert "h1dden" not in str(house.plan(NAME, **given).to_dict())
    assert not sent(house, "GetRecoveryPointRestoreMetadata")
    run, ended = restored(house, given)
    assert ended["outcome"] == "succeeded", ended["words"]
    (told,) = sent(house, "StartRestoreJob")
    assert told["Metadata"]["UserData"] == "h1dden"
    assert "h1dden" not in ledger(house, run)
    assert "db.m6g.large" not in ledger(house, run)


def test_a_file_system_is_always_a_new_one(house: House) -> None:
    """Without a probe of ours the job's own word is the proof."""
    made = "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-2"
    resource = "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1"
    given = another_kind(house, "EFS", resource, CreatedResourceArn=made)
    run, ended = restored(house, given, copy_tags=True)
    assert ended["outcome"] == "succeeded", ended["words"]
    (told,) = sent(house, "StartRestoreJob")
    assert told["Metadata"].pop("CreationToken") == told["IdempotencyToken"]
    assert told["Metadata"] == {"file-system-id": "fs-1", "newFileSystem": "true", "Encrypted": "true"}
    assert told["CopySourceTagsToRestoredResource"] is True
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "the job is completed, and says what it made"
    ]
    assert made in ended["words"]


def test_without_a_name_it_is_called_by_the_time_of_the_run(house: House) -> None:
    """The deployed role may delete only what is called so."""
    name, given = of_a_database(house)
    _, ended = restored(house, given)
    assert f":db:{name}-restored-20" in ended["words"]


def test_a_large_one_is_waited_for_and_how_far_it_is_stands_in_the_ledger(house: House) -> None:
    _, given = of_a_database(house)
    job_looks(house, 3, Status="RUNNING", PercentDone="40.00%", CreatedResourceArn="")
    run, ended = restored(house, given)
    assert ended["outcome"] == "succeeded", ended["words"]
    waited = next(fact for fact in house.facts(run) if fact.get("waited") == "the restore is through")
    assert (waited["tries"], waited["value"]["percent"]) == (4, "100.00%")


def test_a_plan_changes_nothing_and_says_how_it_would_be_taken_back(house: House) -> None:
    name, given = of_a_database(house)
    planned = house.plan(NAME, **given, target=f"{name}-again")
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert house.scripted.changes() == []
    (line,) = planned.changes
    assert line["parameters"]["Metadata"] == "redacted"
    assert line["unknown"] == "repeated"
    assert line["undo"][0]["title"] == "the job has ended"


def refused_to_start(house: House, given: dict[str, str], words: str, **more: Any) -> None:
    """It is not applicable, in these words among others, and changes nothing."""
    _, ended = restored(house, given, **more)
    assert (ended["outcome"], words in ended["words"]) == ("not_applicable", True), ended["words"]
    assert house.scripted.changes() == []


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"Status": "EXPIRED"}, "it is EXPIRED"),
        ({"Status": "CREATING"}, "it is CREATING"),
        ({"StorageClass": "DELETED"}, "is complete"),
        ({"CalculatedLifecycle": {"DeleteAt": "2026-11-01T00:00:00Z"}}, "its time is not over"),
        ({"ResourceType": "CloudFormation"}, "CloudFormation can be restored beside"),
    ],
)
def test_what_cannot_be_restored_beside_is_left_alone(house: House, members: dict[str, Any], words: str) -> None:
    _, given = of_a_database(house)
    point_is(house, **members)
    refused_to_start(house, given, words)


def test_a_point_that_is_kept_a_while_longer_and_one_of_a_continuous_backup_are_restored(house: House) -> None:
    _, given = of_a_database(house)
    later = stamp(house.crew.installation.clock.now() + timedelta(days=400))
    point_is(house, Status="AVAILABLE", CalculatedLifecycle={"DeleteAt": later})
    assert restored(house, given)[1]["outcome"] == "succeeded"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"metadata": '{"dbInstanceIdentifier": "x"}'}, "is the run's own to set"),
        ({"metadata": '{"MultiAZ": true}'}, "must be text"),
        ({"metadata": '{"Port": "1", "port": "2"}'}, "is given twice"),
        ({"within": "13h"}, "12 h at most"),
        ({"target": "v" * 64}, "not too long"),
        ({"role": "arn:aws:iam::123456789012:role/admin"}, "begins with nightcrew-restore-"),
        ({"role": "arn:aws:iam::999999999999:role/nightcrew-restore-x"}, "in this account"),
        ({"role": "arn:aws:iam::123456789012:role/teams/nightcrew-restore-x"}, "begins with nightcrew-restore-"),
        ({"role": DRILLER}, "not one of drills: what it restores is deleted"),
    ],
)
def test_what_cannot_be_meant_is_not_applicable(house: House, more: dict[str, Any], words: str) -> None:
    refused_to_start(house, of_a_database(house)[1], words, **more)


def test_a_name_that_is_taken_or_useless_is_not_applicable(house: House) -> None:
    name, given = of_a_database(house)
    refused_to_start(house, given, "the new name is another", target=name)
    refused_to_start(house, given, "there is no", target=of_a_database(house)[0])
    refused_to_start(house, of_a_volume(house)[1], "a name is given only where", target="orders")


def test_a_point_that_does_not_exist_is_not_applicable(house: House) -> None:
    _, given = of_a_database(house)
    refused_to_start(house, {**given, "point": given["point"] + "x"}, "find the recovery point")


def test_a_team_may_have_a_role_of_its_own(house: House) -> None:
    own = "arn:aws:iam::123456789012:role/nightcrew-restore-shop"
    assert restored(house, of_a_database(house)[1], role=own)[1]["outcome"] == "succeeded"
    assert sent(house, "StartRestoreJob")[0]["IamRoleArn"] == own
