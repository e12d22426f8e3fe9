"""restore-recovery-point: what it promises when AWS refuses, is slow, or loses a reply."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.recovery_points import (
    A_WHILE,
    another_kind,
    job_looks,
    of_a_database,
    of_a_table,
    of_a_volume,
    restored,
    sent,
    undone,
)

Stage = Callable[[House], tuple[str, dict[str, str]]]


def test_a_job_that_aws_refuses_fails_with_nothing_to_undo(house: House) -> None:
    _, given = of_a_database(house)
    house.scripted.answer("backup", "StartRestoreJob", Refusal("InvalidParameterValueException"))
    run, ended = restored(house, given)
    assert ended["outcome"] == "failed"
    assert undone(house, run) == []
    assert house.scripted.changes() == ["backup:StartRestoreJob"]


def test_metadata_that_cannot_be_read_fail_it_before_anything_is_sent(house: House) -> None:
    _, given = of_a_database(house)
    house.scripted.answer("backup", "GetRecoveryPointRestoreMetadata", Refusal("AccessDeniedException"))
    run, ended = restored(house, given)
    assert ended["outcome"] == "failed"
    assert "GetRecoveryPointRestoreMetadata" in house.closing(run)["error"]["message"]
    assert house.scripted.changes() == []


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_a_job_that_fails_is_not_waited_for_and_what_it_made_is_deleted(house: House, status: str) -> None:
    """Its own words are told."""
    _, given = of_a_database(house)
    job_looks(house, A_WHILE, Status=status, StatusMessage="the subnet has no room")
    run, ended = restored(house, given)
    assert ended["outcome"] == "failed"
    assert f"the job ended {status}: the subnet has no room" in ended["words"]
    assert undone(house, run) == ["restore it beside"]
    assert house.scripted.changes() == ["backup:StartRestoreJob", "rds:DeleteDBInstance"]


def test_a_job_that_fails_and_made_nothing_leaves_nothing(house: House) -> None:
    resource = "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1"
    run, ended = restored(house, another_kind(house, "EFS", resource, Status="FAILED"))
    assert ended["outcome"] == "failed"
    assert undone(house, run) == ["restore it beside"]


@pytest.mark.parametrize(
    ("stage", "changes"),
    [
        (of_a_database, ["rds:DeleteDBInstance"]),
        (of_a_table, ["dynamodb:DeleteTable"]),
        (of_a_volume, ["ec2:CreateTags", "ec2:DeleteVolume"]),
    ],
)
def test_a_job_that_is_not_through_in_time_is_waited_out_and_what_it_made_is_deleted(
    house: House, stage: Stage, changes: list[str]
) -> None:
    """AWS has no way to stop it."""
    _, given = stage(house)
    job_looks(house, A_WHILE, Status="RUNNING", PercentDone="12.00%", CreatedResourceArn="")
    run, ended = restored(house, given)
    assert ended["outcome"] == "failed"
    assert "the restore is through: not within 1 min" in ended["words"]
    assert undone(house, run) == ["restore it beside"]
    assert house.scripted.changes() == ["backup:StartRestoreJob", *changes]


def test_of_another_type_a_person_is_told_what_is_left(house: House) -> None:
    resource = "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1"
    made = "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-2"
    given = another_kind(house, "EFS", resource, Status="FAILED", CreatedResourceArn=made)
    run, _ = restored(house, given)
    (left,) = house.closing(run)["not_undone"]
    assert f"a person must delete {made}" in left["words"]


def test_a_new_one_that_cannot_be_used_is_ineffective_and_stays(house: House) -> None:
    name, given = of_a_database(house)

    def broken(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["DBInstances"]:
            each["DBInstanceStatus"] = "incompatible-network"

    house.scripted.after("rds", "DescribeDBInstances", broken)
    _, ended = restored(house, given, target=f"{name}-again")
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["backup:StartRestoreJob"]


def test_a_lost_reply_is_repeated_with_the_same_token_and_makes_one_only(house: House) -> None:
    """AWS Backup knows the token, and answers with the same job."""
    _, given = of_a_database(house)
    house.scripted.lose_reply("backup", "StartRestoreJob")
    run, ended = restored(house, given)
    assert ended["outcome"] == "succeeded", ended["words"]
    first, second = sent(house, "StartRestoreJob")
    assert json.dumps(first) == json.dumps(second)
    (changed,) = [fact for fact in house.facts(run) if "changed" in fact]
    assert changed["how"] == "repeated"
    assert ended["words"].startswith("arn:aws:rds:")
    assert "the new one can be used" in [fact["proved"] for fact in house.facts(run) if "proved" in fact]
