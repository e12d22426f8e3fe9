"""replace-ebs-root-volume: what it promises at night.

States of a task and what they mean: EC2 API reference, ReplaceRootVolumeTask.
"""

from typing import Any

import pytest

from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.scripted import Refusal
from tests.house import House

NAME = "replace-ebs-root-volume"
REPLACE = "ec2:CreateReplaceRootVolumeTask"


def a_machine(house: House) -> tuple[str, str, str]:
    """A running instance of a test's own, its root volume, and a snapshot of that."""
    ec2 = house.crew.client("ec2")
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")["Instances"][0]
    instance = str(made["InstanceId"])
    root = root_of(house, instance)
    ec2.create_tags(Resources=[root], Tags=[{"Key": "backup", "Value": "nightly"}])
    return instance, root, str(ec2.create_snapshot(VolumeId=root)["SnapshotId"])


def root_of(house: House, instance: str) -> str:
    """Its root volume, in the cloud itself."""
    found = house.crew.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    (root,) = [
        disk["Ebs"]["VolumeId"]
        for disk in found["BlockDeviceMappings"]
        if disk["DeviceName"] == found["RootDeviceName"]
    ]
    return str(root)


def start(house: House, machine: tuple[str, str, str], **more: Any) -> tuple[str, dict[str, Any]]:
    """A run on it, waited for one minute."""
    given = {"snapshot": machine[2], "within": "1m", **more}
    return house.start(NAME, instance_id=machine[0], **given)


def tasks(house: House, state: str, times: int = 1000) -> None:
    """The tasks of whoever asks are in this state, the first times."""
    left = [times]

    def edit(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["ReplaceRootVolumeTasks"]:
            if left[0]:
                left[0] -= 1
                each["TaskState"] = state

    house.scripted.after("ec2", "DescribeReplaceRootVolumeTasks", edit)


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that ends well, one whose backup fails."""
    without_recent_snapshots(house)
    assert start(house, a_machine(house), back_up=True)[1]["outcome"] == "succeeded"

    def failed(asked: Any, answer: dict[str, Any]) -> None:
        for each in answer["Snapshots"] if "Filters" in asked else []:
            each["State"] = "error"

    house.scripted.after("ec2", "DescribeSnapshots", failed)
    assert start(house, a_machine(house), back_up=True)[1]["outcome"] == "failed"


def without_recent_snapshots(house: House) -> None:
    """Of the volumes of whoever asks there is no snapshot that is recent."""
    house.scripted.script(
        "ec2",
        "DescribeSnapshots",
        lambda asked: {"Snapshots": []} if "volume-id" in str(asked.get("Filters")) else None,
    )


def test_a_backup_of_all_volumes_is_taken_before_and_stays_even_if_the_task_is_refused(house: House) -> None:
    machine = a_machine(house)
    without_recent_snapshots(house)
    house.scripted.answer("ec2", "CreateReplaceRootVolumeTask", Refusal("InvalidParameterValue"))
    run, ended = start(house, machine, back_up=True)
    assert ended["outcome"] == "failed"
    assert house.scripted.changes() == ["ec2:CreateSnapshots", REPLACE]
    tagged = [{"Name": "tag:nightcrew:run", "Values": [run]}]
    assert len(house.crew.client("ec2").describe_snapshots(Filters=tagged)["Snapshots"]) == 1
    assert "not_undone" not in house.closing(run)


def test_a_recent_backup_will_do(house: House) -> None:
    """The snapshot that it is given is one, where the root is its only volume."""
    _, ended = start(house, a_machine(house), back_up=True)
    assert ended["outcome"] == "succeeded"
    assert "ec2:CreateSnapshots" not in house.scripted.changes()


def test_without_its_backup_nothing_is_replaced(house: House) -> None:
    machine = a_machine(house)
    without_recent_snapshots(house)
    house.scripted.answer("ec2", "CreateSnapshots", Refusal("SnapshotLimitExceeded"))
    assert start(house, machine, back_up=True)[1]["outcome"] == "failed"
    assert house.scripted.changes() == ["ec2:CreateSnapshots"]
    assert root_of(house, machine[0]) == machine[1]


def test_it_replaces_the_root_and_keeps_the_old_volume(house: House) -> None:
    """Another volume, with the same tags; the old one is detached and told of."""
    machine = instance, root, snapshot = a_machine(house)
    run, ended = start(house, machine)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert house.scripted.changes() == [REPLACE, "ec2:CreateTags"]
    new = root_of(house, instance)
    volumes = house.crew.client("ec2").describe_volumes(VolumeIds=[root, new])["Volumes"]
    states = {each["VolumeId"]: each for each in volumes}
    assert (states[root]["State"], states[new]["State"]) == ("available", "in-use")
    assert states[new]["SnapshotId"] == snapshot
    tags = {tag["Key"]: tag["Value"] for tag in states[new]["Tags"]}
    assert tags == {"backup": "nightly", "nightcrew:run": run}
    assert f"the old one is {root}, and costs" in ended["words"]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["both status checks pass"]


def test_a_plan_changes_nothing_and_shows_that_the_old_volume_is_kept(house: House) -> None:
    instance, root, snapshot = a_machine(house)
    planned = house.plan(NAME, instance_id=instance, snapshot=snapshot)
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert house.scripted.changes() == []
    replace, tag = planned.changes
    assert replace["parameters"]["DeleteReplacedRootVolume"] is False
    assert replace["parameters"]["SnapshotId"] == snapshot
    assert (replace["unknown"], tag["unknown"]) == ("looked at", "repeated")
    assert root_of(house, instance) == root


def refused_to_start(house: House, machine: tuple[str, str, str], words: str, **more: Any) -> None:
    """It is not applicable, in these words among others, and changes nothing."""
    _, ended = start(house, machine, **more)
    assert (ended["outcome"], words in ended["words"]) == ("not_applicable", True), ended["words"]
    assert house.scripted.changes() == []


def test_a_stopped_instance_is_left_alone(house: House) -> None:
    """AWS replaces the root of a running one only."""
    machine = a_machine(house)
    house.crew.client("ec2").stop_instances(InstanceIds=[machine[0]])
    refused_to_start(house, machine, "it is running")


def test_an_instance_that_a_group_owns_is_left_alone(house: House) -> None:
    machine = a_machine(house)
    tag = {"Key": "aws:autoscaling:groupName", "Value": "web"}
    house.crew.client("ec2").create_tags(Resources=[machine[0]], Tags=[tag])
    refused_to_start(house, machine, "no Auto Scaling group")


def test_a_snapshot_of_another_volume_is_not_applicable(house: House) -> None:
    machine, other = a_machine(house), a_machine(house)
    refused_to_start(house, machine, "it is of this root volume", snapshot=other[2])


def test_a_snapshot_that_does_not_exist_is_not_applicable(house: House) -> None:
    refused_to_start(house, a_machine(house), "find the snapshot", snapshot="snap-0123456789abcdef0")


@pytest.mark.parametrize("members", [{"State": "pending"}, {"StorageTier": "archive"}])
def test_a_snapshot_that_cannot_be_used_yet_is_not_applicable(house: House, members: dict[str, str]) -> None:
    def edit(_: Any, answer: dict[str, Any]) -> None:
        answer["Snapshots"][0].update(members)

    house.scripted.after("ec2", "DescribeSnapshots", edit)
    refused_to_start(house, a_machine(house), "completed, and not archived")


def test_one_that_is_being_replaced_already_is_left_alone(house: House) -> None:
    """Somebody else's task, or what an older run began."""
    machine = a_machine(house)
    house.crew.client("ec2").create_replace_root_volume_task(InstanceId=machine[0], SnapshotId=machine[2])
    tasks(house, "in-progress")
    house.scripted.after("ec2", "DescribeSnapshots", lambda _, answer: answer["Snapshots"][0].update(VolumeId=""))
    new = root_of(house, machine[0])
    assert new != machine[1]
    refused_to_start(house, machine, "none is under way")


def test_a_replacement_that_aws_refuses_fails_with_nothing_to_undo(house: House) -> None:
    machine = a_machine(house)
    house.scripted.answer("ec2", "CreateReplaceRootVolumeTask", Refusal("InvalidSnapshot.InUse"))
    run, ended = start(house, machine)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidSnapshot.InUse"
    assert "undone" not in house.closing(run)


def test_a_task_that_failed_left_the_original_there_and_needs_no_undo(house: House) -> None:
    machine = a_machine(house)
    tasks(house, "failed")
    run, ended = start(house, machine)
    assert (ended["outcome"], "it has succeeded" in ended["words"]) == ("failed", True)
    assert house.scripted.changes() == [REPLACE]
    assert house.closing(run)["undone"] == ["replace the root volume"]


def test_an_instance_without_a_root_calls_a_person(house: House) -> None:
    """It must be stopped, and the old volume attached: the words say which."""
    machine = a_machine(house)
    tasks(house, "failed-detached")
    run, ended = start(house, machine)
    assert ended["outcome"] == "failed"
    (left,) = house.closing(run)["not_undone"]
    assert f"{machine[1]} must be attached by hand" in left["words"]


def test_a_change_refused_after_it_puts_the_old_volume_back(house: House) -> None:
    """By a second replacement, with the old volume itself: nothing is lost."""
    machine = instance, root, _ = a_machine(house)
    house.scripted.answer("ec2", "CreateTags", Refusal("UnauthorizedOperation"))
    run, ended = start(house, machine)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["replace the root volume"]
    assert root_of(house, instance) == root
    again = house.scripted.sent[-1] if house.scripted.sent[-1].changes else None
    replaced = [each.parameters for each in house.scripted.sent if each.operation == "CreateReplaceRootVolumeTask"]
    assert again is None
    assert (len(replaced), replaced[1]["VolumeId"]) == (2, root)


def test_a_task_that_takes_too_long_is_waited_for_and_then_taken_back(house: House) -> None:
    """Nothing can stop it: the undo waits until it has ended."""
    machine = instance, root, _ = a_machine(house)
    tasks(house, "in-progress", times=10)
    run, ended = start(house, machine)
    assert (ended["outcome"], "not within 1 min" in ended["words"]) == ("failed", True)
    assert house.closing(run)["undone"] == ["replace the root volume"]
    assert root_of(house, instance) == root


def test_a_task_that_takes_its_time_is_waited_for(house: House) -> None:
    machine = a_machine(house)
    tasks(house, "pending", times=2)
    run, ended = start(house, machine)
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if fact.get("waited") == "the task has ended"] == [3]


def test_a_lost_reply_is_looked_at_by_the_tasks_tag(house: House) -> None:
    """A second task would reboot it again."""
    machine = a_machine(house)
    house.scripted.lose_reply("ec2", "CreateReplaceRootVolumeTask")
    run, ended = start(house, machine)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [REPLACE, "ec2:CreateTags"]
    hows = [fact["how"] for fact in house.facts(run) if "changed" in fact]
    assert hows == ["looked: it had taken effect", "once"]


def test_checks_that_do_not_pass_are_ineffective_and_nothing_more_is_changed(house: House) -> None:
    """A person looks, and has the old volume."""
    machine = a_machine(house)
    house.scripted.script("ec2", "DescribeInstanceStatus", lambda _: {"InstanceStatuses": []})
    run, ended = start(house, machine)
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == [REPLACE, "ec2:CreateTags"]
    assert [each["title"] for each in house.closing(run)["not_undone"]] == ["replace the root volume"]
