"""AWS Backup: what its answers say, what a restore may be told, and as whom it may be made."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from nightcrew.aws import backup as probes
from nightcrew.aws.backup import BESIDE, Beside, RecoveryPointArn
from nightcrew.errors import BadParameter, Unknown

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
RESOURCE = "arn:aws:backup:eu-west-1:123456789012:recovery-point:1"


def point(**more: Any) -> dict[str, Any]:
    """What is made of a DescribeRecoveryPoint answer."""
    found = {"ResourceType": "RDS", "ResourceArn": "arn:aws:rds:eu-west-1:123456789012:db:till", "Status": "COMPLETED"}
    return probes.recovery_point({**found, **more})


def job(**more: Any) -> dict[str, Any]:
    """What is made of a DescribeRestoreJob answer."""
    return probes.job({"RestoreJobId": "1", "Status": "RUNNING", **more})


@pytest.mark.parametrize(
    ("members", "usable"),
    [
        ({}, True),
        ({"Status": "AVAILABLE"}, True),
        ({"StorageClass": "COLD"}, True),
        ({"Status": "PARTIAL"}, False),
        ({"Status": "EXPIRED"}, False),
        ({"StorageClass": "DELETED"}, False),
    ],
)
def test_only_a_whole_recovery_point_is_restored(members: dict[str, Any], usable: bool) -> None:
    assert point(**members)["usable"] is usable


def test_a_multi_az_cluster_is_no_instance_although_its_type_is_the_same() -> None:
    cluster = point(ResourceArn="arn:aws:rds:eu-west-1:123456789012:cluster:till")
    assert (point()["type"] in BESIDE, cluster["type"] in BESIDE) == (True, False)


def test_one_whose_time_is_over_is_not_kept() -> None:
    """One without a time is kept for ever."""
    assert probes.is_kept(point(), NOW)
    assert probes.is_kept(point(CalculatedLifecycle={"DeleteAt": "2026-11-22T03:00:01Z"}), NOW)
    assert not probes.is_kept(point(CalculatedLifecycle={"DeleteAt": "2026-11-22T03:00:00Z"}), NOW)


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:rds:eu-west-1:123456789012:db:till", "till"),
        ("arn:aws:dynamodb:eu-west-1:123456789012:table/Orders", "Orders"),
        ("arn:aws:s3:::a-bucket", "a-bucket"),
    ],
)
def test_a_name_is_the_last_part_of_an_arn(arn: str, name: str) -> None:
    assert probes.name_of(arn) == name


def test_a_job_that_will_never_be_completed_is_unknown() -> None:
    """So nobody waits for it for hours."""
    assert not probes.is_completed(job())
    assert probes.is_completed(job(Status="COMPLETED"))
    for status in ("FAILED", "ABORTED"):
        with pytest.raises(Unknown, match=f"{status}: no room"):
            probes.is_completed(job(Status=status, StatusMessage="no room"))


def test_a_job_says_what_it_made() -> None:
    arn = "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1"
    assert probes.made_name({"CreatedResourceArn": arn}) == {"arn": arn, "name": "vol-1"}
    assert (job()["made"], job(CreatedResourceArn="")["made"]) == (None, None)
    with pytest.raises(Unknown):
        probes.made_name({})


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"Port": "5432"}, None),
        ({"Port": 5432}, "must be text"),
        ({"Port": "1", "PORT": "2"}, "given twice"),
        ({"dbinstanceidentifier": "x"}, "own to set"),
    ],
)
def test_what_a_caller_may_not_set_is_said(overrides: dict[str, Any], words: str | None) -> None:
    said = probes.wrong_overrides(BESIDE["RDS"], overrides)
    assert said is None if words is None else words in str(said)


def test_nobody_makes_a_restore_write_into_what_stands() -> None:
    assert "own to set" in str(probes.wrong_overrides(BESIDE["EFS"], {"NewFileSystem": "false"}))
    assert probes.told(BESIDE["EFS"], "", "t", {"Encrypted": "true"}) == {
        "Encrypted": "true",
        "newFileSystem": "true",
        "CreationToken": "t",
    }
    assert probes.told(Beside("targetTableName", 255), "New", "t", {}) == {"targetTableName": "New"}


def test_what_is_told_takes_the_place_of_what_was_written_down_in_its_spelling() -> None:
    """AWS Backup does not say everywhere whether the case of a key counts."""
    found = probes.merged({"DBInstanceClass": "a", "Port": "1"}, {"dbInstanceClass": "b", "MultiAZ": "true"})
    assert found == {"DBInstanceClass": "b", "Port": "1", "MultiAZ": "true"}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole", True),
        ("arn:aws:iam::123456789012:role/nightcrew-restore-shop", True),
        ("arn:aws:iam::123456789012:role/AWSBackupDefaultServiceRole", False),
        ("arn:aws:iam::123456789012:role/admin", False),
        ("arn:aws:iam::999999999999:role/nightcrew-restore-shop", False),
    ],
)
def test_only_roles_for_restores_are_passed(role: str, may: bool) -> None:
    assert probes.role_may_be_passed(role, RESOURCE) is may


def test_the_lock_is_on_the_recovery_point_in_its_account() -> None:
    """A snapshot of EC2 has none in its ARN; one elsewhere cannot be held from here."""
    marker = get_args(RecoveryPointArn)[1]
    where = {"account": "123456789012", "region": "eu-west-1"}
    assert marker.arn(RESOURCE, **where) == RESOURCE
    snapshot = marker.arn("arn:aws:ec2:eu-west-1::snapshot/snap-1", **where)
    assert snapshot == "arn:aws:ec2:eu-west-1:123456789012:snapshot/snap-1"
    for elsewhere in ("arn:aws:ec2:us-east-1::snapshot/snap-1", RESOURCE.replace("123456789012", "999999999999")):
        with pytest.raises(BadParameter):
            marker.arn(elsewhere, **where)
