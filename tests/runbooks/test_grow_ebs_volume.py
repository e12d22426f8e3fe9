"""grow-ebs-volume: what it promises at night.

States of a modification: EC2 API reference, VolumeModification. Of a command: Systems Manager user guide,
"Understanding command statuses".
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.approving import start_decided
from tests.runbooks.databases import not_applicable

NAME = "grow-ebs-volume"
GROW, SEND = "ec2:ModifyVolume", "ssm:SendCommand"

Event = Callable[[str], dict[str, Any]]


def a_machine(house: House, *, more: int = 0) -> tuple[str, list[str]]:
    """A running instance of a test's own; its volumes: the root of 8 GiB, and so many of 20."""
    ec2 = house.crew.client("ec2")
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")["Instances"][0]
    instance, zone = str(made["InstanceId"]), made["Placement"]["AvailabilityZone"]
    for number in range(more):
        data = ec2.create_volume(AvailabilityZone=zone, Size=20, VolumeType="gp3")["VolumeId"]
        ec2.attach_volume(VolumeId=data, InstanceId=instance, Device=f"/dev/sd{'fgh'[number]}")
    found = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
    return instance, [str(each["VolumeId"]) for each in sorted(found, key=lambda each: int(each["Size"]))]


def size_of(house: House, volume: str) -> int:
    """Its size in the cloud, in GiB."""
    return int(house.crew.client("ec2").describe_volumes(VolumeIds=[volume])["Volumes"][0]["Size"])


def start(house: House, instance: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A run on it to which somebody agrees, waited for one minute."""
    return start_decided(house, NAME, instance_id=instance, **{"within": "1m", **more})


def answers(house: House, said: str, status: str = "Success") -> None:
    """How a command on the machine ends, and what it prints."""

    def edit(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["CommandInvocations"]:
            each |= {"Status": status, "StatusDetails": status, "CommandPlugins": [{"Output": said}]}

    house.scripted.after("ssm", "ListCommandInvocations", edit)


def was_changed(house: House, state: str, at: datetime) -> None:
    """What AWS says of the last change of a volume, before the run makes one."""
    one = {"ModificationState": state, "StartTime": at, "TargetSize": 8}
    house.scripted.script(
        "ec2",
        "DescribeVolumesModifications",
        lambda _: None if GROW in house.scripted.changes() else {"VolumesModifications": [one]},
    )


def without_recent_snapshots(house: House) -> None:
    """Of the volumes of whoever asks there is no snapshot that is recent."""
    house.scripted.script(
        "ec2", "DescribeSnapshots", lambda asked: {"Snapshots": []} if "volume-id" in str(asked) else None
    )


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that ends well, one whose backup fails."""
    assert start(house, a_machine(house)[0], back_up=True)[1]["outcome"] == "succeeded"

    def failed(asked: Any, answer: dict[str, Any]) -> None:
        for each in answer["Snapshots"] if "Filters" in asked else []:
            each["State"] = "error"

    house.scripted.after("ec2", "DescribeSnapshots", failed)
    assert start(house, a_machine(house)[0], back_up=True)[1]["outcome"] == "failed"


def test_it_grows_the_volume_and_its_file_system_once_somebody_agreed(house: House) -> None:
    """One question for both, which names both."""
    instance, (root,) = a_machine(house)
    answers(house, "it went from 1 to 2 bytes")
    run, ended = start(house, instance)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert house.scripted.changes() == [GROW, SEND]
    assert size_of(house, root) == 10
    asked = [fact["asked"] for fact in house.facts(run) if "asked" in fact]
    assert asked == [f"approve: grow {root} from 8 to 10 GiB, and then its file system"]
    proofs = [fact["proved"] for fact in house.facts(run) if "proved" in fact]
    assert proofs == ["it has 10 GiB", "the file system at / fills its volume"]
    assert ended["words"].endswith("/: it went from 1 to 2 bytes")


def test_without_an_answer_nothing_is_changed(house: House) -> None:
    instance, (root,) = a_machine(house)
    _, ended = house.start(NAME, instance_id=instance)
    assert ended["outcome"] == "declined"
    assert house.scripted.changes() == []
    assert size_of(house, root) == 8


def test_the_file_system_can_be_left_to_a_person(house: House) -> None:
    """Then nobody asks for an agent either."""
    instance, _ = a_machine(house)
    house.scripted.script("ssm", "DescribeInstanceInformation", lambda _: {"InstanceInformationList": []})
    _, ended = start(house, instance, grow_file_system=False)
    assert (ended["outcome"], ended["words"].endswith("still to be grown")) == ("succeeded", True)
    assert house.scripted.changes() == [GROW]


def test_of_several_volumes_the_machine_says_which_it_is(house: House) -> None:
    """By its serial number, as Nitro machines have it."""
    instance, (root, data) = a_machine(house, more=1)
    answers(house, f"it is on {data.replace('-', '')}")
    run, ended = start(house, instance, path="/data", device="nvme1n1", kind="xfs")
    assert ended["outcome"] == "succeeded", ended["words"]
    assert house.scripted.changes() == [SEND, GROW, SEND]
    assert (size_of(house, root), size_of(house, data)) == (8, 24)
    first, second = [each.parameters for each in house.scripted.sent if each.operation == "SendCommand"]
    assert "growpart" not in first["Parameters"]["commands"][0]
    assert f"'{data.replace('-', '')}'" in second["Parameters"]["commands"][0]
    assert first["Comment"] != second["Comment"]
    assert run in first["Comment"]


def test_a_machine_that_does_not_know_it_leaves_all_as_it_is(house: House) -> None:
    """One that is not a Nitro one has no serial numbers."""
    instance, _ = a_machine(house, more=1)
    answers(house, "it is on")
    _, ended = start(house, instance)
    assert (ended["outcome"], "else say volume" in ended["words"]) == ("failed", True)
    assert house.scripted.changes() == [SEND]


def test_the_volume_that_is_named_is_grown(house: House) -> None:
    instance, (root, data) = a_machine(house, more=1)
    assert start(house, instance, volume=data, percent=50)[1]["outcome"] == "succeeded"
    assert (size_of(house, root), size_of(house, data)) == (8, 30)


def test_it_is_not_grown_above_the_most(house: House) -> None:
    instance, (root,) = a_machine(house)
    assert start(house, instance, percent=100, at_most=11)[1]["outcome"] == "succeeded"
    assert size_of(house, root) == 11


def test_a_backup_is_taken_before_and_stays(house: House) -> None:
    instance, _ = a_machine(house)
    without_recent_snapshots(house)
    house.scripted.answer("ec2", "ModifyVolume", Refusal("VolumeModificationRateExceeded"))
    run, ended = start(house, instance, back_up=True)
    assert ended["outcome"] == "failed"
    assert house.scripted.changes() == ["ec2:CreateSnapshots", GROW]
    tagged = [{"Name": "tag:nightcrew:run", "Values": [run]}]
    assert len(house.crew.client("ec2").describe_snapshots(Filters=tagged)["Snapshots"]) == 1


def test_a_plan_changes_nothing(house: House) -> None:
    instance, (root,) = a_machine(house)
    planned = house.plan(NAME, instance_id=instance)
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert [line["call"] for line in planned.changes] == [GROW, SEND]
    assert planned.changes[0]["parameters"] == {"VolumeId": root, "Size": 10}
    assert planned.changes[0]["undo"] == "irreversible"
    assert house.scripted.changes() == []


def test_a_plan_that_needs_the_machines_word_ends_there(house: House) -> None:
    instance, _ = a_machine(house, more=1)
    planned = house.plan(NAME, instance_id=instance)
    assert [line["call"] for line in planned.changes] == [SEND]
    assert "it has answered" in str(planned.ends) or "look at the volume" in str(planned.ends)
    assert house.scripted.changes() == []


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"path": "/da'ta"}, "path is an absolute path"),
        ({"device": "x; reboot"}, "path is an absolute path"),
        ({"kind": "tmpfs"}, "of the kind ext or xfs"),
        ({"at_most": 8}, "fit under at_most, 8 GiB"),
        ({"percent": 0}, "fit under at_most"),
        ({"volume": "vol-0123456789abcdef0"}, "volume is one of them"),
    ],
)
def test_what_does_not_suit_is_left_alone(house: House, given: dict[str, Any], why: str) -> None:
    not_applicable(house, NAME, why, instance_id=a_machine(house)[0], **given)


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, NAME, "find the instance", instance_id="i-0123456789abcdef0")


def test_one_that_has_stopped_is_left_alone(house: House) -> None:
    instance, _ = a_machine(house)
    house.crew.client("ec2").stop_instances(InstanceIds=[instance])
    not_applicable(house, NAME, "it is running", instance_id=instance)


@pytest.mark.parametrize(
    ("ping", "platform", "why"), [("ConnectionLost", "Linux", "agent"), ("Online", "Windows", "Linux")]
)
def test_a_machine_that_takes_no_commands_is_left_alone(house: House, ping: str, platform: str, why: str) -> None:
    """Before anything is grown: what cannot be used would only cost."""
    node = {"InstanceId": "i", "PingStatus": ping, "PlatformType": platform}
    house.scripted.script("ssm", "DescribeInstanceInformation", lambda _: {"InstanceInformationList": [node]})
    not_applicable(house, NAME, why, instance_id=a_machine(house)[0])


def test_a_volume_that_others_may_have_is_left_alone(house: House) -> None:
    house.scripted.after(
        "ec2", "DescribeVolumes", lambda _, answer: answer["Volumes"][0].update(MultiAttachEnabled=True)
    )
    not_applicable(house, NAME, "no other instance may have it", instance_id=a_machine(house)[0])


@pytest.mark.parametrize(("state", "year"), [("completed", 2100), ("optimizing", 2020)], ids=["lately", "still"])
def test_a_volume_that_was_changed_is_left_alone_for_six_hours(house: House, state: str, year: int) -> None:
    """After modifying a volume, you must wait at least six hours: EC2 API reference, ModifyVolume."""
    was_changed(house, state, datetime(year, 1, 1, tzinfo=UTC))
    not_applicable(house, NAME, "not changed in the last six hours", instance_id=a_machine(house)[0])


def test_one_that_was_changed_long_ago_is_grown(house: House) -> None:
    was_changed(house, "completed", datetime(2020, 1, 1, tzinfo=UTC))
    assert start(house, a_machine(house)[0])[1]["outcome"] == "succeeded"


def test_it_waits_until_the_new_size_can_be_used(house: House) -> None:
    """While it is modifying, the machine would see the old size."""
    left = [1]

    def modifying(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["VolumesModifications"]:
            if left[0]:
                left[0] -= 1
                each["ModificationState"] = "modifying"

    house.scripted.after("ec2", "DescribeVolumesModifications", modifying)
    run, ended = start(house, a_machine(house)[0])
    assert ended["outcome"] == "succeeded"
    waits = [fact["tries"] for fact in house.facts(run) if fact.get("waited") == "its new size can be used"]
    assert waits == [2]


def test_one_that_does_not_become_larger_in_time_fails(house: House) -> None:
    def modifying(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["VolumesModifications"]:
            each["ModificationState"] = "modifying"

    house.scripted.after("ec2", "DescribeVolumesModifications", modifying)
    _, ended = start(house, a_machine(house)[0])
    assert (ended["outcome"], "not within 1 min" in ended["words"]) == ("failed", True)
    assert house.scripted.changes() == [GROW]


def test_a_refused_change_leaves_all_as_it_is(house: House) -> None:
    instance, (root,) = a_machine(house)
    house.scripted.answer("ec2", "ModifyVolume", Refusal("VolumeModificationRateExceeded"))
    run, ended = start(house, instance)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "VolumeModificationRateExceeded"
    assert (size_of(house, root), house.scripted.changes()) == (8, [GROW])


def test_a_file_system_that_cannot_be_grown_is_told_in_the_machines_words(house: House) -> None:
    """The volume stays larger: nobody can take that back."""
    instance, (root,) = a_machine(house)
    answers(house, "/dev/mapper/vg-data is neither a disk nor a partition, but: lvm", "Failed")
    run, ended = start(house, instance)
    assert (ended["outcome"], "but: lvm" in ended["words"]) == ("failed", True)
    assert "undone" not in house.closing(run)
    assert size_of(house, root) == 10


@pytest.mark.parametrize(("service", "operation"), [("ec2", "ModifyVolume"), ("ssm", "SendCommand")])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, service: str, operation: str) -> None:
    """AWS would refuse to modify it again; and the machine is told once."""
    house.scripted.lose_reply(service, operation)
    run, ended = start(house, a_machine(house)[0])
    assert ended["outcome"] == "succeeded", ended["words"]
    assert house.scripted.changes() == [GROW, SEND]
    hows = [fact["how"] for fact in house.facts(run) if "changed" in fact]
    assert sorted(hows) == ["looked: it had taken effect", "once"]


def about_a_disk(event: dict[str, Any], name: str = "disk_used_percent") -> dict[str, Any]:
    """The event, about the disks of a machine instead; its dimensions are yet to come."""
    metric = event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    metric |= {"namespace": "CWAgent", "name": name, "dimensions": {}}
    return event


def test_its_alarm_finds_it_and_it_asks(house: House, event: Event) -> None:
    """With the dimensions that the CloudWatch agent gives a disk."""
    instance, _ = a_machine(house)
    dimensions = {"InstanceId": instance, "path": "/", "device": "nvme0n1p1", "fstype": "xfs"}
    answer, ended = house.crew.event(house.alarmed(about_a_disk(event("asg-cpu-high")), dimensions))
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "declined"
    assert house.scripted.changes() == []


@pytest.mark.parametrize(("source", "name"), [("low-direction", "disk_used_percent"), ("asg-cpu-high", "disk_free")])
def test_another_alarm_does_not_find_it(house: House, event: Event, source: str, name: str) -> None:
    dimensions = {"InstanceId": "i-0123456789abcdef0", "path": "/", "device": "nvme0n1p1", "fstype": "xfs"}
    answer, _ = house.crew.event(house.alarmed(about_a_disk(event(source), name), dimensions))
    assert answer.kind == "left"
