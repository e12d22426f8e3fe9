"""back-up-ebs-volumes: what it promises at night.

States of a snapshot: EC2 API reference, Snapshot. Sets of one moment: CreateSnapshots.
"""

from typing import Any

import pytest

from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.databases import not_applicable

NAME = "back-up-ebs-volumes"
TAKE = "ec2:CreateSnapshots"
DELETE = "ec2:DeleteSnapshot"


def a_machine(house: House) -> tuple[str, list[str]]:
    """An instance of a test's own, and its two volumes."""
    ec2 = house.crew.client("ec2")
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")["Instances"][0]
    instance, zone = str(made["InstanceId"]), made["Placement"]["AvailabilityZone"]
    data = ec2.create_volume(AvailabilityZone=zone, Size=20, VolumeType="gp3")["VolumeId"]
    ec2.attach_volume(VolumeId=data, InstanceId=instance, Device="/dev/sdf")
    found = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]
    return instance, sorted(str(each["VolumeId"]) for each in found)


def snapshots_of(house: House, volumes: list[str]) -> list[dict[str, Any]]:
    """The snapshots of these volumes in the cloud."""
    which = [{"Name": "volume-id", "Values": volumes}]
    return list(house.crew.client("ec2").describe_snapshots(Filters=which)["Snapshots"])


def start(house: House, instance: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A run on it, waited for one minute."""
    return house.start(NAME, instance_id=instance, **{"within": "1m", **more})


def seen_as(house: House, *states: str, looks: int = 1000) -> None:
    """The snapshots of whoever looks at the run's own are in these states, for so many looks."""
    left = [looks]

    def edit(asked: Any, answer: dict[str, Any]) -> None:
        if left[0] and answer["Snapshots"] and asked.get("Filters", [{}])[0].get("Name", "").startswith("tag:"):
            left[0] -= 1
            for each, state in zip(answer["Snapshots"], states, strict=True):
                each["State"] = state

    house.scripted.after("ec2", "DescribeSnapshots", edit)


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that ends well, one whose snapshots fail."""
    assert start(house, a_machine(house)[0])[1]["outcome"] == "succeeded"
    seen_as(house, "completed", "error")
    assert start(house, a_machine(house)[0])[1]["outcome"] == "failed"


def test_it_takes_a_snapshot_of_each_volume_in_one_call(house: House) -> None:
    """So they are of one moment; each is tagged with the run."""
    instance, volumes = a_machine(house)
    seen_as(house, "completed", "pending", looks=1)
    run, ended = start(house, instance)
    assert ended["outcome"] == "succeeded", ended["words"]
    made = snapshots_of(house, volumes)
    assert sorted(each["VolumeId"] for each in made) == volumes
    assert [each["Tags"] for each in made] == [[{"Key": "nightcrew:run", "Value": run}]] * 2
    assert house.scripted.changes() == [TAKE]
    facts = house.facts(run)
    assert [fact["tries"] for fact in facts if fact.get("waited") == "they are whole, or one has failed"] == [2]
    assert [fact["proved"] for fact in facts if "proved" in fact] == ["each of its volumes has a whole one"]


def test_with_recent_ones_it_takes_none_and_says_which_they_are(house: House) -> None:
    instance, volumes = a_machine(house)
    house.crew.client("ec2").create_snapshots(InstanceSpecification={"InstanceId": instance})
    run, ended = start(house, instance)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert all(each["SnapshotId"] in ended["words"] for each in snapshots_of(house, volumes))
    assert house.scripted.changes() == []
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["its recent snapshots are whole"]


def test_recent_ones_of_a_part_of_its_volumes_will_not_do(house: House) -> None:
    instance, volumes = a_machine(house)
    house.crew.client("ec2").create_snapshot(VolumeId=volumes[0])
    assert start(house, instance)[1]["outcome"] == "succeeded"
    assert len(snapshots_of(house, volumes)) == 3


def test_where_they_are_wanted_anew_recent_ones_will_not_do(house: House) -> None:
    instance, volumes = a_machine(house)
    house.crew.client("ec2").create_snapshots(InstanceSpecification={"InstanceId": instance})
    assert start(house, instance, recent="0s")[1]["outcome"] == "succeeded"
    assert len(snapshots_of(house, volumes)) == 4


def test_a_plan_changes_nothing(house: House) -> None:
    instance, _ = a_machine(house)
    planned = house.plan(NAME, instance_id=instance)
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert [line["call"] for line in planned.changes] == [TAKE]
    assert planned.changes[0]["unknown"] == "looked at"
    assert house.scripted.changes() == []


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, NAME, "find the instance", instance_id="i-0123456789abcdef0")


def test_one_that_is_gone_is_left_alone(house: House) -> None:
    instance, _ = a_machine(house)
    house.crew.client("ec2").terminate_instances(InstanceIds=[instance])
    not_applicable(house, NAME, "not on its way out", instance_id=instance)


def test_one_without_volumes_is_left_alone(house: House) -> None:
    """Its root is an instance store: EC2 user guide, "Root volumes"."""
    instance, _ = a_machine(house)

    def edit(_: Any, answer: dict[str, Any]) -> None:
        for reservation in answer["Reservations"]:
            for each in reservation["Instances"]:
                each["BlockDeviceMappings"] = []

    house.scripted.after("ec2", "DescribeInstances", edit)
    not_applicable(house, NAME, "it has EBS volumes", instance_id=instance)


def test_refused_snapshots_leave_nothing_to_undo(house: House) -> None:
    instance, volumes = a_machine(house)
    house.scripted.answer("ec2", "CreateSnapshots", Refusal("SnapshotCreationPerVolumeRateExceeded"))
    run, ended = start(house, instance)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "SnapshotCreationPerVolumeRateExceeded"
    assert snapshots_of(house, volumes) == []


@pytest.mark.parametrize(
    ("states", "words"),
    [(("completed", "error"), "none has failed"), (("completed", "pending"), "not within 1 min")],
    ids=["one failed", "one took too long"],
)
def test_a_set_that_is_not_whole_is_deleted(house: House, states: tuple[str, ...], words: str) -> None:
    """A part of it is no backup."""
    instance, volumes = a_machine(house)
    seen_as(house, *states)
    run, ended = start(house, instance)
    assert (ended["outcome"], words in ended["words"]) == ("failed", True), ended["words"]
    assert house.closing(run)["undone"] == ["take snapshots of all its volumes"]
    assert house.scripted.changes() == [TAKE, DELETE, DELETE]
    assert snapshots_of(house, volumes) == []


def test_a_set_that_became_whole_meanwhile_stays(house: House) -> None:
    """The undo looks first: what is a backup after all may be wanted."""
    instance, volumes = a_machine(house)
    seen_as(house, "completed", "pending", looks=8)
    assert start(house, instance)[1]["outcome"] == "failed"
    assert house.scripted.changes() == [TAKE]
    assert len(snapshots_of(house, volumes)) == 2


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    """CreateSnapshots has no client token: a repeat would be a second set."""
    instance, volumes = a_machine(house)
    house.scripted.lose_reply("ec2", "CreateSnapshots")
    run, ended = start(house, instance)
    assert ended["outcome"] == "succeeded"
    assert len(snapshots_of(house, volumes)) == 2
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]
