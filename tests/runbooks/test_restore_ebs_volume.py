"""restore-ebs-volume: what it promises at night.

States of a volume and its attachment: EC2 API reference, Volume and VolumeAttachment.
"""

from typing import Any

import pytest

from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.scripted import Refusal
from tests.house import House

NAME = "restore-ebs-volume"
DEVICE = "/dev/sdf"
Disk = tuple[str, str, str]
"""An instance, its data volume, and a snapshot of that."""


def a_disk(house: House, *, stopped: bool = True) -> Disk:
    """An instance of a test's own with a data volume, of which there is a snapshot."""
    ec2 = house.crew.client("ec2")
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")["Instances"][0]
    instance, zone = str(made["InstanceId"]), made["Placement"]["AvailabilityZone"]
    volume = ec2.create_volume(
        AvailabilityZone=zone,
        Size=20,
        VolumeType="gp3",
        Iops=4000,
        Throughput=250,
        TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "backup", "Value": "nightly"}]}],
    )["VolumeId"]
    ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device=DEVICE)
    if stopped:
        ec2.stop_instances(InstanceIds=[instance])
    return instance, str(volume), str(ec2.create_snapshot(VolumeId=volume)["SnapshotId"])


def at_device(house: House, instance: str) -> str | None:
    """The volume at the device, in the cloud itself."""
    found = house.crew.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    disks = {disk["DeviceName"]: disk["Ebs"]["VolumeId"] for disk in found["BlockDeviceMappings"]}
    return disks.get(DEVICE)


def volume_of(house: House, volume: str) -> dict[str, Any]:
    """The volume, in the cloud itself."""
    return dict(house.crew.client("ec2").describe_volumes(VolumeIds=[volume])["Volumes"][0])


def start(house: House, disk: Disk, **more: Any) -> tuple[str, dict[str, Any]]:
    """A run on its volume, waited for one minute."""
    return house.start(NAME, volume=disk[1], **{"snapshot": disk[2], "within": "1m", **more})


def undone_to(house: House, disk: Disk, run: str, *titles: str) -> None:
    """These changes were taken back: the old volume is at its device, and the new one is gone."""
    closing = house.closing(run)
    assert closing.get("undone", []) == list(titles), closing
    assert at_device(house, disk[0]) == disk[1]
    tagged = [{"Name": "tag:nightcrew:run", "Values": [run]}]
    assert house.crew.client("ec2").describe_volumes(Filters=tagged)["Volumes"] == []


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that ends well, and one that is undone."""
    assert start(house, a_disk(house))[1]["outcome"] == "succeeded"
    house.scripted.answer("ec2", "AttachVolume", Refusal("VolumeInUse"))
    assert start(house, a_disk(house))[1]["outcome"] == "failed"


def test_it_puts_a_new_volume_at_the_device_and_keeps_the_old_one(house: House) -> None:
    disk = instance, volume, snapshot = a_disk(house)
    run, ended = start(house, disk)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert house.scripted.changes() == ["ec2:CreateVolume", "ec2:DetachVolume", "ec2:AttachVolume"]
    new = at_device(house, instance)
    assert new not in {None, volume}
    made, kept = volume_of(house, str(new)), volume_of(house, volume)
    assert (kept["State"], kept["Attachments"]) == ("available", [])
    assert made["SnapshotId"] == snapshot
    assert made["AvailabilityZone"] == kept["AvailabilityZone"]
    assert [made[key] for key in ("Size", "VolumeType", "Iops", "Throughput")] == [20, "gp3", 4000, 250]
    assert {tag["Key"]: tag["Value"] for tag in made["Tags"]} == {"backup": "nightly", "nightcrew:run": run}
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        f"the instance has the new volume at {DEVICE}"
    ]
    assert f"the old one is {volume}, and costs" in ended["words"]


def test_a_volume_that_was_to_go_with_its_instance_is_told_of(house: House) -> None:
    """The new one is not to: nothing is deleted that somebody may want."""
    disk = a_disk(house)

    def edit(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["Volumes"]:
            for at in each["Attachments"]:
                at["DeleteOnTermination"] = True

    house.scripted.after("ec2", "DescribeVolumes", edit)
    assert "it is not deleted with the instance" in start(house, disk)[1]["words"]


def test_a_plan_changes_nothing_and_shows_the_way_back(house: House) -> None:
    instance, volume, snapshot = a_disk(house)
    planned = house.plan(NAME, volume=volume, snapshot=snapshot)
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert house.scripted.changes() == []
    make, detach, attach = planned.changes
    assert make["parameters"]["SnapshotId"] == snapshot
    assert {make["unknown"], detach["unknown"], attach["unknown"]} == {"looked at"}
    assert [line["call"] for line in detach["undo"]][1] == "ec2:AttachVolume"
    assert at_device(house, instance) == volume


def refused_to_start(house: House, disk: Disk, words: str, **more: Any) -> None:
    """It is not applicable, in these words among others, and changes nothing."""
    _, ended = start(house, disk, **more)
    assert (ended["outcome"], words in ended["words"]) == ("not_applicable", True), ended["words"]
    assert house.scripted.changes() == []


def test_a_running_instance_is_left_alone(house: House) -> None:
    """Its file system may be mounted."""
    refused_to_start(house, a_disk(house, stopped=False), "stop it first")


def test_a_volume_that_nobody_has_is_not_applicable(house: House) -> None:
    disk = a_disk(house)
    house.crew.client("ec2").detach_volume(VolumeId=disk[1], InstanceId=disk[0], Device=DEVICE)
    refused_to_start(house, disk, "one instance has it")


def test_a_root_volume_is_left_to_the_other_runbook(house: House) -> None:
    ec2, disk = house.crew.client("ec2"), a_disk(house)
    found = ec2.describe_instances(InstanceIds=[disk[0]])["Reservations"][0]["Instances"][0]
    root = next(each for each in found["BlockDeviceMappings"] if each["DeviceName"] == found["RootDeviceName"])
    volume = root["Ebs"]["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    refused_to_start(house, (disk[0], volume, snapshot), "it is a data volume")


def test_an_instance_that_a_group_owns_is_left_alone(house: House) -> None:
    disk = a_disk(house)
    tag = {"Key": "aws:autoscaling:groupName", "Value": "web"}
    house.crew.client("ec2").create_tags(Resources=[disk[0]], Tags=[tag])
    house.scripted.answer("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroups": []})
    refused_to_start(house, disk, "no Auto Scaling group")


def test_a_snapshot_of_another_volume_is_not_applicable(house: House) -> None:
    refused_to_start(house, a_disk(house), "it is of this volume", snapshot=a_disk(house)[2])


@pytest.mark.parametrize(
    ("operation", "member", "edit", "words"),
    [
        ("DescribeSnapshots", "Snapshots", {"State": "pending"}, "completed, and not archived"),
        ("DescribeSnapshots", "Snapshots", {"StorageTier": "archive"}, "completed, and not archived"),
        ("DescribeVolumes", "Volumes", {"MultiAttachEnabled": True}, "no more can"),
    ],
)
def test_what_it_does_not_suit_is_left_alone(
    house: House, operation: str, member: str, edit: dict[str, Any], words: str
) -> None:
    house.scripted.after("ec2", operation, lambda _, answer: answer[member][0].update(edit))
    refused_to_start(house, a_disk(house), words)


def test_a_copy_of_a_snapshot_will_do(house: House) -> None:
    """AWS does not say of which volume a copy is: who starts it does."""
    house.scripted.after(
        "ec2", "DescribeSnapshots", lambda _, answer: answer["Snapshots"][0].update(VolumeId="vol-ffffffff")
    )
    assert start(house, a_disk(house))[1]["outcome"] == "succeeded"


def test_a_volume_that_cannot_be_made_leaves_nothing_to_undo(house: House) -> None:
    disk = a_disk(house)
    house.scripted.answer("ec2", "CreateVolume", Refusal("VolumeLimitExceeded"))
    run, ended = start(house, disk)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "VolumeLimitExceeded"
    undone_to(house, disk, run)


def test_a_refused_detach_deletes_the_new_volume(house: House) -> None:
    disk = a_disk(house)
    house.scripted.answer("ec2", "DetachVolume", Refusal("IncorrectState"))
    run, ended = start(house, disk)
    assert ended["outcome"] == "failed"
    undone_to(house, disk, run, "make a volume of the snapshot")


def test_a_refused_attach_puts_the_old_volume_back(house: House) -> None:
    disk = a_disk(house)
    house.scripted.answer("ec2", "AttachVolume", Refusal("InvalidParameterValue"))
    run, ended = start(house, disk)
    assert ended["outcome"] == "failed"
    undone_to(house, disk, run, f"detach the old volume from {DEVICE}", "make a volume of the snapshot")


def test_a_detach_that_hangs_is_waited_for_and_taken_back(house: House) -> None:
    """It says "busy" for longer than a minute: the undo waits until the old volume is free, and attaches it."""
    disk, left = a_disk(house), [10]

    def busy(asked: Any, answer: dict[str, Any]) -> None:
        if "ec2:DetachVolume" in house.scripted.changes() and asked.get("VolumeIds") == [disk[1]] and left[0]:
            left[0] -= 1
            answer["Volumes"][0]["State"] = "in-use"
            at = {"InstanceId": disk[0], "Device": DEVICE, "State": "busy"}
            answer["Volumes"][0]["Attachments"] = [at]

    house.scripted.after("ec2", "DescribeVolumes", busy)
    run, ended = start(house, disk)
    assert (ended["outcome"], "it is detached: not within 1 min" in ended["words"]) == ("failed", True)
    undone_to(house, disk, run, f"detach the old volume from {DEVICE}", "make a volume of the snapshot")


@pytest.mark.parametrize(
    ("operation", "title"),
    [
        ("CreateVolume", "make a volume of the snapshot"),
        ("DetachVolume", f"detach the old volume from {DEVICE}"),
        ("AttachVolume", f"attach the new volume at {DEVICE}"),
    ],
)
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, operation: str, title: str) -> None:
    """AWS refuses a second detach, and a second volume would cost."""
    disk = a_disk(house)
    house.scripted.lose_reply("ec2", operation)
    run, ended = start(house, disk)
    assert ended["outcome"] == "succeeded", ended["words"]
    hows = {fact["changed"]: fact["how"] for fact in house.facts(run) if "changed" in fact}
    assert hows.pop(title) == "looked: it had taken effect"
    assert set(hows.values()) == {"once"}
    assert len(house.scripted.changes()) == 3


def test_a_volume_that_does_not_get_attached_is_ineffective(house: House) -> None:
    """A person looks: both volumes are there."""
    disk = a_disk(house)

    def attaching(asked: Any, answer: dict[str, Any]) -> None:
        if "Filters" in asked:
            for each in answer["Volumes"]:
                for at in each["Attachments"]:
                    at["State"] = "attaching"

    house.scripted.after("ec2", "DescribeVolumes", attaching)
    run, ended = start(house, disk)
    assert ended["outcome"] == "ineffective"
    assert len(house.closing(run)["not_undone"]) == 3
    assert volume_of(house, disk[1])["State"] == "available"
