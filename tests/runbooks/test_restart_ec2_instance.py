"""restart-ec2-instance: what it promises at night."""

from typing import Any

import pytest

from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.scripted import Refusal
from tests.house import House

NAME = "restart-ec2-instance"


def an_instance(house: House) -> str:
    """A running instance of a test's own."""
    made = house.crew.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    return str(made["Instances"][0]["InstanceId"])


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = house.start(NAME, instance_id=an_instance(house))
    assert ended["outcome"] == "succeeded"


@pytest.fixture
def instance(house: House) -> str:
    """A running instance of this test's own."""
    return an_instance(house)


def state(house: House, instance: str) -> str:
    """What the instance is doing, in the cloud itself."""
    found = house.crew.client("ec2").describe_instances(InstanceIds=[instance])
    return str(found["Reservations"][0]["Instances"][0]["State"]["Name"])


def answers(name: str, instance: str) -> dict[str, Any]:
    """A DescribeInstances answer in which the instance is in this state."""
    described = {
        "InstanceId": instance,
        "State": {"Name": name},
        "RootDeviceType": "ebs",
        "BlockDeviceMappings": [{"Ebs": {}}],
    }
    return {"Reservations": [{"Instances": [described]}]}


def test_it_stops_and_starts_the_instance_and_proves_it(house: House, instance: str) -> None:
    """A clean restart is two changes, and ends with a proof."""
    run, ended = house.start(NAME, instance_id=instance)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["ec2:StopInstances", "ec2:StartInstances"]
    assert state(house, instance) == "running"
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["both status checks pass"]


def test_a_plan_changes_nothing_and_shows_both_changes(house: House, instance: str) -> None:
    """Plan mode reads for real and sends no change."""
    planned = house.plan(NAME, instance_id=instance)
    assert [line["title"] for line in planned.changes] == ["stop it", "start it"]
    assert house.scripted.changes() == []
    assert ("ec2", "DescribeInstances") in house.scripted.actions()


def test_an_instance_that_does_not_exist_is_not_applicable(house: House) -> None:
    """The read that found out stands in the ledger."""
    run, ended = house.start(NAME, instance_id="i-0123456789abcdef0")
    assert ended["outcome"] == "not_applicable"
    assert "find the instance" in ended["words"]
    assert house.scripted.changes() == []
    assert any("error" in fact for fact in house.facts(run))


def test_an_instance_that_a_group_owns_is_left_alone(house: House, instance: str) -> None:
    """Its Auto Scaling group would replace it while it is stopped."""
    house.crew.client("ec2").create_tags(
        Resources=[instance], Tags=[{"Key": "aws:autoscaling:groupName", "Value": f"of-{instance}"}]
    )
    _, ended = house.start(NAME, instance_id=instance)
    assert ended["outcome"] == "not_applicable"
    assert house.scripted.changes() == []


def test_a_stop_that_hangs_is_forced(house: House, instance: str) -> None:
    """At the deadline the stop is forced, and then it goes on."""
    polls = iter(range(10_000))

    def hanging(_: Any) -> Any:
        forced = any(sent.parameters.get("Force") for sent in house.scripted.sent)
        return None if forced or next(polls) < 2 else answers("stopping", instance)

    house.scripted.script("ec2", "DescribeInstances", hanging)
    run, ended = house.start(NAME, instance_id=instance)
    assert ended["outcome"] == "succeeded"
    assert [fact["changed"] for fact in house.facts(run) if "changed" in fact] == [
        "stop it",
        "force it to stop",
        "start it",
    ]


def test_a_refused_start_is_undone_by_waiting_and_starting_again(house: House, instance: str) -> None:
    """No capacity: the undo waits until the instance can be started, and starts it again."""
    house.scripted.answer("ec2", "StartInstances", Refusal("InsufficientInstanceCapacity"))
    run, ended = house.start(NAME, instance_id=instance)
    assert ended["outcome"] == "failed"
    closing = house.closing(run)
    assert closing["error"]["code"] == "InsufficientInstanceCapacity"
    assert closing["error"]["request"] == "scripted-request"
    assert closing["undone"] == ["stop it"]
    assert state(house, instance) == "running"


def test_a_missing_proof_is_ineffective_and_changes_nothing_more(house: House, instance: str) -> None:
    """Checks that never pass are no cure; nothing is taken back."""
    house.scripted.script("ec2", "DescribeInstanceStatus", lambda _: {"InstanceStatuses": []})
    _, ended = house.start(NAME, instance_id=instance)
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["ec2:StopInstances", "ec2:StartInstances"]


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, instance: str) -> None:
    """The stop took effect though its answer was lost: the ledger says that it was looked at."""
    house.scripted.lose_reply("ec2", "StopInstances")
    run, ended = house.start(NAME, instance_id=instance)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["ec2:StopInstances", "ec2:StartInstances"]
    hows = [fact["how"] for fact in house.facts(run) if "changed" in fact]
    assert hows == ["looked: it had taken effect", "once"]


def test_throttling_is_waited_out(house: House, instance: str) -> None:
    """A throttled change has not happened: it is sent again."""
    house.scripted.answer(
        "ec2", "StopInstances", Refusal("RequestLimitExceeded", status=503), Refusal("RequestLimitExceeded", status=503)
    )
    run, ended = house.start(NAME, instance_id=instance)
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if "changed" in fact] == [3, 1]
