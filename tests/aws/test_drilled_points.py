"""What AWS Backup restored in a drill: where nobody reaches it, whose it is, and what there is of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.aws.backup import BESIDE
from nightcrew.aws.drill_isolation import isolated_metadata, needs, wrong_of_isolation
from nightcrew.aws.drill_jobs import are_over, earliest, is_for_drills, jobs_of
from nightcrew.aws.drilled_points import (
    BY_JOB,
    NAMED,
    bucket_state,
    disks_state,
    efs_state,
    fsx_state,
    instance_state,
    own_volume_ids,
    to_delete,
    versions,
    volume_ids,
    volume_state,
    without_last_backup,
)
from nightcrew.aws.drills import BUSY, DELETING, FOREIGN, GONE, USABLE
from nightcrew.errors import Unreachable

PLACE = {"subnet_group": "drills", "subnet": "subnet-0abc1234", "security_group": "sg-0abc1234"}
ROLE = "arn:aws:iam::123456789012:role/nightcrew-restore-drills"
SNAPSHOT = "arn:aws:ec2:eu-west-1::snapshot/snap-0abc"
RUN, AT = "20261121-030004-k3f9qa", "2026-11-21T03:00:05.000Z"


def test_whatever_can_be_restored_beside_can_be_drilled() -> None:
    assert sorted((*NAMED, *BY_JOB)) == sorted(BESIDE)


@pytest.mark.parametrize("kind", ["Aurora", "DocumentDB", "Neptune", "RDS"])
def test_what_aws_backup_restores_in_isolation_can_be_deleted(kind: str) -> None:
    """A recovery point remembers that its database was protected from it: what a drill makes must not be."""
    told = isolated_metadata(kind, PLACE)
    assert told["DeletionProtection"] == "false"
    assert ("PubliclyAccessible" in told) is (kind == "RDS")


@pytest.mark.parametrize("kind", BESIDE)
def test_whatever_can_be_reached_is_put_behind_the_security_group(kind: str) -> None:
    """And nothing else asks for one."""
    told = isolated_metadata(kind, PLACE)
    assert any('"sg-0abc1234"' in value for value in told.values()) is bool(needs(kind))
    assert ("security_group" in needs(kind)) is bool(needs(kind))


def a_job(**more: Any) -> dict[str, Any]:
    volume = "arn:aws:ec2:eu-west-1:123456789012:volume/vol-0abc"
    job = {"RecoveryPointArn": SNAPSHOT, "IamRoleArn": ROLE, "Status": "COMPLETED", "CreatedResourceArn": volume}
    return {**job, **more}


def test_a_drills_job_is_one_of_its_recovery_point_as_its_role() -> None:
    others = [a_job(IamRoleArn=f"{ROLE}-2"), a_job(RecoveryPointArn=f"{SNAPSHOT}1"), {"Status": "RUNNING"}]
    (found,) = jobs_of(SNAPSHOT, ROLE, {"RestoreJobs": [a_job(), *others]})
    assert (found["name"], found["over"]) == ("vol-0abc", True)
    assert jobs_of(SNAPSHOT, ROLE, {"RestoreJobs": others}) == []
    assert len(jobs_of(SNAPSHOT, None, {"RestoreJobs": [a_job(), *others]})) == 2


def test_a_job_that_does_not_say_what_it_made_is_not_taken_for_nothing() -> None:
    """Nobody would look for it any more."""
    with pytest.raises(Unreachable, match="a person must look"):
        are_over(jobs_of(SNAPSHOT, ROLE, {"RestoreJobs": [a_job(CreatedResourceArn="")]}))
    assert are_over(jobs_of(SNAPSHOT, ROLE, {"RestoreJobs": [a_job(Status="FAILED", CreatedResourceArn="")]}))
    assert not are_over(jobs_of(SNAPSHOT, ROLE, {"RestoreJobs": [a_job(), a_job(Status="RUNNING")]}))


def test_jobs_of_which_there_are_more_than_an_answer_holds_are_not_taken_for_all() -> None:
    with pytest.raises(Unreachable, match="more restore jobs"):
        jobs_of(SNAPSHOT, ROLE, {"RestoreJobs": [], "NextToken": "x"})


@pytest.mark.parametrize(
    ("role", "drills"),
    [
        (ROLE, True),
        ("arn:aws:iam::123456789012:role/teams/nightcrew-restore-drill", False),
        ("arn:aws:iam::123456789012:role/nightcrew-restore-drill/shop", False),
        ("arn:aws:iam::123456789012:role/nightcrew-restore-shop", False),
    ],
)
def test_a_role_is_for_drills_by_its_name(role: str, drills: bool) -> None:
    """Without a path: so IAM is told which roles may be passed."""
    assert is_for_drills(role) is drills


def an_instance(state: str, instance: str = "ok", system: str = "ok") -> dict[str, Any]:
    status = {"InstanceState": {"Name": state}, "InstanceStatus": {"Status": instance}}
    return {"InstanceStatuses": [{**status, "SystemStatus": {"Status": system}}]}


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (an_instance("running"), USABLE),
        (an_instance("running", "initializing"), BUSY),
        (an_instance("running", "ok", "impaired"), "impaired"),
        (an_instance("pending"), BUSY),
        (an_instance("stopped"), "stopped"),
        (an_instance("shutting-down"), DELETING),
        (an_instance("terminated"), GONE),
        ({"InstanceStatuses": []}, GONE),
    ],
)
def test_an_instance_can_be_used_once_both_checks_passed(answer: dict[str, Any], state: str) -> None:
    assert instance_state(answer) == state


@pytest.mark.parametrize(
    ("said", "state"),
    [("available", USABLE), ("creating", BUSY), ("deleting", DELETING), ("deleted", GONE), ("error", "error")],
)
def test_volumes_and_file_systems_have_the_same_states(said: str, state: str) -> None:
    assert volume_state({"Volumes": [{"State": said}]}) == state
    one = {"LifeCycleState": said, "CreationTime": AT}
    assert efs_state(RUN, {"FileSystems": [one]}) == state
    assert fsx_state({"FileSystems": [{"Lifecycle": said.upper()}]}) == state
    assert (
        volume_state({"Volumes": []}) == efs_state(RUN, {"FileSystems": []}) == fsx_state({"FileSystems": []}) == GONE
    )
    assert bucket_state({}) == USABLE


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ([], GONE),
        (["deleted"], GONE),
        (["available", "in-use"], BUSY),
        (["available", "deleting"], USABLE),
        (["deleting"], DELETING),
    ],
)
def test_disks_can_be_deleted_once_the_instance_lets_go_of_all(states: list[str], state: str) -> None:
    answer = {"Volumes": [{"VolumeId": f"vol-{n}", "State": each, "CreateTime": AT} for n, each in enumerate(states)]}
    assert disks_state(answer) == state
    assert len(volume_ids(answer)) == sum(each in {"available", "in-use"} for each in states)
    assert own_volume_ids(RUN, answer) == volume_ids(answer)
    assert own_volume_ids("20261121-050004-k3f9qa", answer) == []


def test_a_file_system_that_was_there_before_is_anothers() -> None:
    """AWS Backup can also restore into one that stands."""
    one = {"LifeCycleState": "available", "CreationTime": AT}
    assert efs_state("20261121-050004-k3f9qa", {"FileSystems": [one]}) == FOREIGN
    assert earliest(RUN) == datetime(2026, 11, 21, 2, 0, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "told", "words"),
    [
        ("EC2", {"NetworkInterfaces": "[]"}, "networkinterfaces is not told"),
        ("EC2", {"IamInstanceProfileName": "UseBackedUpValue"}, "iaminstanceprofilename is not told"),
        ("EC2", {"UserData": "x"}, "userdata is not told"),
        ("EC2", {"InstanceType": "m7g.large"}, None),
        ("FSx", {}, "it must say one of"),
        ("FSx", {"WindowsConfiguration": '{"ThroughputCapacity": 8}'}, "ActiveDirectoryId of drills"),
        ("FSx", {"windowsConfiguration": '{"ActiveDirectoryId": "d-0abc123456"}'}, None),
        ("FSx", {"LustreConfiguration": "{}"}, None),
        ("FSx", {"LustreConfiguration": "{}", "OpenZFSConfiguration": "{}"}, "it must say one of"),
        ("EFS", {"Encrypted": "true"}, None),
    ],
)
def test_what_would_lead_out_of_isolation_is_told(kind: str, told: dict[str, str], words: str | None) -> None:
    wrong = wrong_of_isolation(kind, told)
    assert (words in str(wrong)) if words else wrong is None


def test_of_a_bucket_every_version_and_delete_marker_is_deleted() -> None:
    """An object is gone only with all of them."""
    versioned = [{"Key": "a", "VersionId": "1", "Size": 3}, {"Key": "a", "VersionId": "null"}]
    answer = {"Versions": versioned, "DeleteMarkers": [{"Key": "b", "VersionId": "2", "IsLatest": True}]}
    assert versions(answer) == 3
    assert [(each["Key"], each["VersionId"]) for each in to_delete(answer)["Objects"]] == [
        ("a", "1"),
        ("a", "null"),
        ("b", "2"),
    ]
    assert versions({}) == 0


def test_a_file_system_of_openzfs_goes_with_all_that_is_in_it() -> None:
    told = without_last_backup("OPENZFS")["OpenZFSConfiguration"]
    assert told == {"SkipFinalBackup": True, "Options": ["DELETE_CHILD_VOLUMES_AND_SNAPSHOTS"]}
