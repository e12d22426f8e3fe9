"""drill-recovery-point of what has no name (EBS, EC2, EFS, FSx), and of buckets: restored alone, measured, deleted."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.admission.follow_ups import listed
from nightcrew.aws.drill_jobs import DRILL_ROLES
from nightcrew.demo.scripted import Refusal
from nightcrew.errors import BadParameter
from tests.house import House
from tests.runbooks.drilling import PROBE, WINDOWS, alone, drilled_name, measured, probe_says, there
from tests.runbooks.recovery_points import (
    DRILLER,
    ROLE,
    of_a_bucket,
    of_a_volume,
    of_an_efs,
    of_an_fsx,
    of_an_instance,
    of_point,
    sent,
)
from tests.runbooks.test_drill_recovery_point import drill

NAMELESS: list[tuple[str, Callable[[House], tuple[str, dict[str, str]]]]] = [
    ("EBS", of_a_volume),
    ("EC2", of_an_instance),
    ("EFS", of_an_efs),
    ("FSx", of_an_fsx),
]


def place(house: House, kind: str) -> dict[str, str]:
    """Where it is restored to, and as which role."""
    more = {**(alone(house) if kind in {"EC2", "FSx"} else {}), **(WINDOWS if kind == "FSx" else {})}
    return {"role": DRILLER, **more}


def drilled(house: House, kind: str, point: dict[str, str], **more: Any) -> tuple[str, dict[str, Any]]:
    return drill(house, point, **{**place(house, kind), **more})


@pytest.mark.parametrize(("kind", "of"), NAMELESS)
def test_it_is_restored_measured_and_deleted(
    house: House, kind: str, of: Callable[[House], tuple[str, dict[str, str]]]
) -> None:
    """Marked with the run before it is deleted, since a deployed Nightcrew may delete nothing else."""
    name, point = of(house)
    before = there(house)
    run, ended = drilled(house, kind, point)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert f"{name}: restored in " in ended["words"]
    assert measured(house, run)["rto"] >= 0
    assert there(house) == before
    started, marked, *deleted = house.scripted.changes()
    assert started == "backup:StartRestoreJob"
    assert marked.split(":")[1] in {"CreateTags", "TagResource"}
    assert deleted


@pytest.mark.parametrize(("kind", "of"), NAMELESS)
def test_it_is_restored_only_as_a_role_that_only_drills_use(
    house: House, kind: str, of: Callable[[House], tuple[str, dict[str, str]]]
) -> None:
    """By that role it is known whose it is, should the drill die."""
    _, point = of(house)
    for role in (ROLE, "arn:aws:iam::123456789012:role/nightcrew-restore-shop"):
        _, ended = drilled(house, kind, point, role=role)
        assert (ended["outcome"], DRILL_ROLES in ended["words"]) == ("not_applicable", True)
    assert house.scripted.changes() == []


@pytest.mark.parametrize(("kind", "of"), NAMELESS)
def test_it_is_seen_to_that_nothing_is_left_by_the_jobs_of_what_was_backed_up(
    house: House, kind: str, of: Callable[[House], tuple[str, dict[str, str]]]
) -> None:
    """It has no name that anybody could look for."""
    name, point = of(house)
    run, _ = drilled(house, kind, point)
    (due,) = [each for each in listed(house.crew.store) if each.what["run"] == run]
    told = due.what["parameters"]
    assert (told["kind"], told["role"], told["by"]) == (kind, DRILLER, run)
    assert told["made"].endswith(f"/{name}")


def test_an_instance_stands_alone_and_has_no_rights(house: House) -> None:
    """Its type is all that is kept: above all not the instance profile that the recovery point names."""
    _, point = of_an_instance(house)
    where = alone(house)
    drill(house, point, role=DRILLER, **where)
    (told,) = sent(house, "StartRestoreJob")
    assert told["Metadata"] == {
        "InstanceType": "m7g.large",
        "SubnetId": where["subnet"],
        "SecurityGroupIds": json.dumps([where["security_group"]]),
        "DisableApiTermination": "false",
    }


def test_the_disks_that_an_instance_leaves_are_deleted_after_it(house: House) -> None:
    """One that is not deleted with its instance: its team said so once, and the recovery point knows."""
    kept: dict[str, Any] = {"DeleteOnTermination": False, "VolumeSize": 8}
    _, point = of_an_instance(house)
    before = there(house)
    ec2 = house.crew.client("ec2")

    def keep_the_disk(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        made = answer["RestoreJobId"]
        job = house.crew.client("backup").describe_restore_job(RestoreJobId=made)
        instance = job["CreatedResourceArn"].split("/")[-1]
        disk = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=kept["VolumeSize"])["VolumeId"]
        ec2.attach_volume(VolumeId=disk, InstanceId=instance, Device="/dev/sdf")

    house.scripted.after("backup", "StartRestoreJob", keep_the_disk)
    run, ended = drilled(house, "EC2", point)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert there(house) == before
    (marked,) = sent(house, "CreateTags")
    assert len(marked["Resources"]) >= 2
    assert marked["Tags"][0] == {"Key": "nightcrew:run", "Value": run}
    assert "ec2:DeleteVolume" in house.scripted.changes()


def test_a_disk_that_was_there_before_is_not_the_instances_own(house: House) -> None:
    """Somebody attached it to look at something, and means to have it back."""
    _, point = of_an_instance(house)
    ec2 = house.crew.client("ec2")
    theirs = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=8)["VolumeId"]

    def older(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        mine = [each for each in answer["Volumes"] if each["VolumeId"] != theirs]
        attached = {"VolumeId": theirs, "State": "in-use", "CreateTime": datetime(2026, 1, 1, tzinfo=UTC)}
        answer["Volumes"] = [*mine, attached] if mine else []

    house.scripted.after("ec2", "DescribeVolumes", older)
    drilled(house, "EC2", point)
    (marked,) = sent(house, "CreateTags")
    assert theirs not in marked["Resources"]
    assert theirs in there(house)


def test_an_instance_that_stands_elsewhere_than_it_was_told_is_no_proof(house: House) -> None:
    """Nor is one with rights: AWS is asked where it put it."""
    _, point = of_an_instance(house)
    before = there(house)
    profile = {"IamInstanceProfile": {"Arn": "arn:aws:iam::123456789012:instance-profile/shop", "Id": "AIPA"}}

    def with_rights(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        for each in answer["Reservations"][0]["Instances"]:
            each.update(profile)

    house.scripted.after("ec2", "DescribeInstances", with_rights)
    _, ended = drilled(house, "EC2", point)
    assert (ended["outcome"], "stands there alone" in ended["words"]) == ("ineffective", True)
    assert there(house) == before


def test_what_the_job_made_and_nobody_sees_yet_is_not_taken_for_gone(house: House) -> None:
    """It is eventually consistent. Taken for gone it would stay, and the run would say that it is undone."""
    _, point = of_a_volume(house)
    before = there(house)
    left = [4]

    def not_yet(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        if left[0]:
            left[0] -= 1
            answer["Volumes"] = []

    house.scripted.after("ec2", "DescribeVolumes", not_yet)
    failed = iter(["RUNNING"] * 8)
    house.scripted.after(
        "backup", "DescribeRestoreJob", lambda _, answer: answer.update(Status=next(failed, "COMPLETED"))
    )
    _, ended = drilled(house, "EBS", point)
    assert (ended["outcome"], "not within" in ended["words"]) == ("failed", True)
    assert there(house) == before


def test_a_job_that_does_not_say_what_it_made_is_told_of(house: House) -> None:
    """A person must look for it; the run does not say that all is undone."""
    _, point = of_a_volume(house)
    house.scripted.after("backup", "DescribeRestoreJob", lambda _, answer: answer.update({"CreatedResourceArn": ""}))
    run, ended = drilled(house, "EBS", point)
    assert ended["outcome"] == "failed"
    assert "a person must look for it" in str(house.closing(run)["not_undone"])


def test_a_group_that_lets_out_to_another_group_is_isolation_for_file_systems_only(house: House) -> None:
    """Windows needs its directory; an instance would find production's databases that way."""
    ec2 = house.crew.client("ec2")
    for kind, of, outcome in (("EC2", of_an_instance, "not_applicable"), ("FSx", of_an_fsx, "succeeded")):
        _, point = of(house)
        where = place(house, kind)
        other = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": alone(house)["security_group"]}]}]
        ec2.authorize_security_group_egress(GroupId=where["security_group"], IpPermissions=other)
        _, ended = drill(house, point, **where)
        assert ended["outcome"] == outcome, ended["words"]


def test_a_password_inside_of_what_is_told_is_refused_and_not_said(house: House) -> None:
    """What is told stands in the ledger."""
    inner = json.dumps({"SelfManagedActiveDirectoryConfiguration": {"UserName": "u", "Password": "hunter2-hunter2"}})
    with pytest.raises(BadParameter, match="metadata") as refused:
        house.crew.person(
            "drill-recovery-point",
            of="arn:aws:fsx:eu-west-1:123456789012:file-system/fs-0abc",
            metadata=json.dumps({"WindowsConfiguration": inner}),
        )
    assert "hunter2" not in str(refused.value)


def test_an_instance_whose_checks_fail_is_no_restore(house: House) -> None:
    _, point = of_an_instance(house)
    before = there(house)

    def impaired(asked: Any, answer: dict[str, Any]) -> None:
        del asked
        for each in answer["InstanceStatuses"]:
            each["InstanceStatus"] = {"Status": "impaired", "Details": []}

    house.scripted.after("ec2", "DescribeInstanceStatus", impaired)
    _, ended = drilled(house, "EC2", point)
    assert ended["outcome"] == "ineffective", ended["words"]
    assert there(house) == before


@pytest.mark.parametrize(
    ("kind", "config"),
    [("WINDOWS", "WindowsConfiguration"), ("LUSTRE", "LustreConfiguration")],
)
def test_a_file_system_of_fsx_leaves_no_last_backup(house: House, kind: str, config: str) -> None:
    """It would be made by itself, and cost for ever."""
    _, point = of_an_fsx(house, kind)
    more = {} if kind == "WINDOWS" else {"metadata": '{"LustreConfiguration": "{}"}'}
    _, ended = drilled(house, "FSx", point, **more)
    assert ended["outcome"] == "succeeded", ended["words"]
    (told,) = sent(house, "DeleteFileSystem")
    assert told[config]["SkipFinalBackup"] is True


def test_a_volume_of_ontap_would_be_restored_among_others_and_is_left_alone(house: House) -> None:
    _, point = of_an_fsx(house)
    of = "arn:aws:fsx:eu-west-1:123456789012:volume/fs-0abc/fsvol-0abc"
    found = house.crew.client("backup").list_recovery_points_by_resource(ResourceArn=of_point(house, point))
    house.scripted.script("backup", "ListRecoveryPointsByResource", lambda _: found)
    house.scripted.after("backup", "DescribeRecoveryPoint", lambda _, answer: answer.update({"ResourceArn": of}))
    _, ended = drilled(house, "FSx", point, of=of)
    assert ended["outcome"] == "not_applicable"
    assert "it is restored into nothing that stands" in ended["words"]
    assert house.scripted.changes() == []


@pytest.mark.parametrize("kind", ["EC2", "FSx"])
@pytest.mark.parametrize("missing", ["subnet", "security_group"])
def test_without_a_place_where_nobody_reaches_it_nothing_is_restored(house: House, kind: str, missing: str) -> None:
    _, point = of_an_instance(house) if kind == "EC2" else of_an_fsx(house)
    where = place(house, kind)
    del where[missing]
    _, ended = drill(house, point, **where)
    assert (ended["outcome"], missing in ended["words"]) == ("not_applicable", True)
    assert house.scripted.changes() == []


def test_a_security_group_that_lets_an_address_out_is_no_isolation(house: House) -> None:
    _, point = of_an_instance(house)
    where, ec2 = alone(house), house.crew.client("ec2")
    anywhere = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.authorize_security_group_egress(GroupId=where["security_group"], IpPermissions=anywhere)
    _, ended = drill(house, point, role=DRILLER, **where)
    assert (ended["outcome"], "lets no address in, and nobody out" in ended["words"]) == ("not_applicable", True)


@pytest.mark.parametrize("metadata", ['{"subnetid": "subnet-0abc1234"}', '{"SecurityGroupIds": "[]"}'])
def test_metadata_do_not_lead_out_of_isolation(house: House, metadata: str) -> None:
    """Whatever the case of their keys."""
    _, point = of_an_instance(house)
    _, ended = drilled(house, "EC2", point, metadata=metadata)
    assert (ended["outcome"], "is the run's own to set" in ended["words"]) == ("not_applicable", True)


def test_a_bucket_is_emptied_page_by_page_and_its_keys_are_written_down_nowhere(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its objects are called may be as secret as what they hold."""
    monkeypatch.setattr("runbooks.restore.drilled_points.AT_ONCE", 2)
    bucket, point = of_a_bucket(house, "patient-1", "patient-2", "patient-3")
    before = there(house)
    run, ended = drill(house, point)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert there(house) == before
    started = sent(house, "StartRestoreJob")[0]["Metadata"]
    assert (started["DestinationBucketName"], started["RestoreACLs"]) == (drilled_name(bucket, run), "false")
    assert [len(each["Delete"]["Objects"]) for each in sent(house, "DeleteObjects")] == [2, 1]
    assert "patient" not in str([entry.body for entry in house.entries(run)])


def test_an_object_that_is_deleted_at_the_second_try_is_no_failure(house: House) -> None:
    """S3 answers for each key, and may be busy with one of them."""
    _, point = of_a_bucket(house, "a", "b")
    error = {"Key": "a", "VersionId": "null", "Code": "InternalError", "Message": "try again"}
    once = iter([[error]])
    house.scripted.after("s3", "DeleteObjects", lambda _, answer: answer.update(Errors=next(once, [])))
    _, ended = drill(house, point)
    assert ended["outcome"] == "succeeded", ended["words"]


def test_an_object_that_cannot_be_deleted_is_told(house: House) -> None:
    _, point = of_a_bucket(house, "a")
    error = {"Errors": [{"Key": "a", "VersionId": "null", "Code": "AccessDenied", "Message": "no"}]}
    house.scripted.after("s3", "DeleteObjects", lambda _, answer: answer.update(error))
    _, ended = drill(house, point)
    assert ended["outcome"] == "failed"
    assert "what is in it could be deleted" in ended["words"]


def test_a_bucket_with_more_than_a_run_can_delete_is_told_of(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runbooks.restore.drilled_points.AT_ONCE", 1)
    monkeypatch.setattr("runbooks.restore.drilled_points.MOST", 1)
    bucket, point = of_a_bucket(house, "a", "b", "c", "d")
    run, ended = drill(house, point)
    assert ended["outcome"] == "failed"
    assert f"a person must delete {drilled_name(bucket, run)}" in ended["words"]


def test_a_probe_is_given_the_arn_of_what_was_restored(house: House) -> None:
    asked = probe_says(house)
    _, point = of_an_efs(house)
    run, ended = drilled(house, "EFS", point, probe=PROBE)
    assert ended["outcome"] == "succeeded", ended["words"]
    (given,) = [json.loads(each["Payload"]) for each in asked]
    assert given["address"].startswith("arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-")
    assert given["run"] == run


def test_what_a_probe_finds_wrong_is_no_restore_and_nothing_is_left(house: House) -> None:
    probe_says(house, "Unhandled")
    _, point = of_an_efs(house)
    before = there(house)
    _, ended = drilled(house, "EFS", point, probe=PROBE)
    assert (ended["outcome"], f"{PROBE} finds the data right" in ended["words"]) == ("failed", True)
    assert there(house) == before


def test_a_job_that_failed_and_made_nothing_leaves_nothing_to_delete(house: House) -> None:
    _, point = of_a_volume(house)
    failed = {"Status": "FAILED", "StatusMessage": "no room", "CreatedResourceArn": ""}
    house.scripted.after("backup", "DescribeRestoreJob", lambda _, answer: answer.update(failed))
    _, ended = drilled(house, "EBS", point)
    assert (ended["outcome"], "the job ended FAILED: no room" in ended["words"]) == ("failed", True)
    assert "not_undone" not in ended
    assert house.scripted.changes() == ["backup:StartRestoreJob"]


def test_a_volume_that_cannot_be_marked_is_left_for_the_net(house: House) -> None:
    """The run says so; what was seen to before the first change deletes it later."""
    _, point = of_a_volume(house)
    house.scripted.answer("ec2", "CreateTags", Refusal("UnauthorizedOperation", status=403))
    run, ended = drilled(house, "EBS", point)
    assert (ended["outcome"], "UnauthorizedOperation" in ended["words"]) == ("failed", True)
    assert [each for each in listed(house.crew.store) if each.what["run"] == run]


def test_a_drill_of_an_instance_can_be_planned(house: House) -> None:
    _, point = of_an_instance(house)
    planned = house.plan("drill-recovery-point", of=of_point(house, point), **place(house, "EC2"))
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert [line["call"] for line in planned.changes][:3] == [
        "backup:StartRestoreJob",
        "ec2:CreateTags",
        "ec2:TerminateInstances",
    ]
    assert house.scripted.changes() == []
