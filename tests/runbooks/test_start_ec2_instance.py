"""start-ec2-instance: what it promises at night."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.happenings import happened
from tests.house import House
from tests.runbooks.machines import an_instance, behind_a_balancer, checks, health

NAME = "start-ec2-instance"
START = "ec2:StartInstances"
OF_THE_EVENT, OTHER = "i-0abc1234def567890", "i-0123456789abcdef0"

Event = Callable[[str], dict[str, Any]]


def stopped_by(house: House, instance: str, code: str) -> None:
    """It is stopped, and EC2 says so and why (EC2 API reference, StateReason): moto says that a user did."""
    house.crew.client("ec2").stop_instances(InstanceIds=[instance])

    def say(_: Any, answer: dict[str, Any]) -> None:
        for reservation in answer["Reservations"]:
            for each in reservation["Instances"]:
                each["StateReason"] = {"Code": code, "Message": code}

    house.scripted.after("ec2", "DescribeInstances", say)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    instance = an_instance(house)
    behind_a_balancer(house, instance, OTHER)
    stopped_by(house, instance, "Server.ScheduledStop")
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: health((instance, "healthy"), (OTHER, "healthy")))
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"


@pytest.fixture
def instance(house: House) -> str:
    """An instance of this test's own, which AWS stopped since its hardware was to be retired."""
    made = an_instance(house)
    stopped_by(house, made, "Server.ScheduledStop")
    return made


def left_alone(house: House, why: str, instance: str, **given: Any) -> None:
    """It ends as not applicable, says why, and sent no change."""
    _, ended = house.start(NAME, instance_id=instance, within="1m", **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def state(house: House, instance: str) -> str:
    """What the instance is doing, in the cloud itself."""
    found = house.crew.client("ec2").describe_instances(InstanceIds=[instance])
    return str(found["Reservations"][0]["Instances"][0]["State"]["Name"])


def test_it_starts_the_instance_and_proves_it(house: House, instance: str) -> None:
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"
    assert "Server.ScheduledStop" in ended["words"]
    assert house.scripted.changes() == [START]
    assert state(house, instance) == "running"
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["both status checks pass"]


def test_a_plan_changes_nothing(house: House, instance: str) -> None:
    planned = house.plan(NAME, instance_id=instance)
    assert [line["title"] for line in planned.changes] == ["start it"]
    assert house.scripted.changes() == []


def test_one_that_runs_is_well_already(house: House) -> None:
    left_alone(house, "it is stopped", an_instance(house))


@pytest.mark.parametrize("code", ["Client.UserInitiatedShutdown", "Client.InstanceInitiatedShutdown", ""])
def test_one_that_somebody_stopped_is_left_alone(house: House, code: str) -> None:
    """It was meant to stop; and so was one of which EC2 does not say who stopped it."""
    instance = an_instance(house)
    stopped_by(house, instance, code)
    left_alone(house, "AWS stopped it, or whoever_stopped_it is said", instance)


def test_a_person_may_know_better(house: House) -> None:
    instance = an_instance(house)
    stopped_by(house, instance, "Client.UserInitiatedShutdown")
    _, ended = house.start(NAME, instance_id=instance, within="1m", whoever_stopped_it=True)
    assert ended["outcome"] == "succeeded"


def test_a_spot_instance_whose_capacity_was_taken_is_left_alone(house: House) -> None:
    instance = an_instance(house)
    stopped_by(house, instance, "Server.SpotInstanceShutdown")
    left_alone(house, "AWS stopped it", instance)


def test_one_that_a_group_owns_is_left_alone(house: House, instance: str) -> None:
    house.crew.client("ec2").create_tags(
        Resources=[instance], Tags=[{"Key": "aws:autoscaling:groupName", "Value": f"of-{instance}"}]
    )
    left_alone(house, "no Auto Scaling group owns it", instance)


def test_one_that_does_not_exist_is_not_applicable(house: House) -> None:
    left_alone(house, "find the instance", OTHER)


def test_it_is_healthy_again_wherever_a_load_balancer_asks_it(house: House) -> None:
    instance = an_instance(house)
    arn = behind_a_balancer(house, instance, OTHER)
    stopped_by(house, instance, "Server.InternalError")
    looks = iter(["unhealthy", "unhealthy", "initial"])
    house.scripted.script(
        "elbv2", "DescribeTargetHealth", lambda _: health((instance, next(looks, "healthy")), (OTHER, "healthy"))
    )
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.facts(run)[-1]["proved"] == f"it is a healthy target of {arn.split('/')[1]}"


def test_a_deadline_that_passes_is_no_proof_and_it_goes_on_running(house: House, instance: str) -> None:
    """It was to run: it is not stopped again."""
    house.scripted.script("ec2", "DescribeInstanceStatus", lambda _: checks(instance, reachable="impaired"))
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == [START]
    assert state(house, instance) == "running"


def test_a_start_for_which_there_is_no_capacity_fails(house: House, instance: str) -> None:
    """EC2 user guide, "Insufficient instance capacity": nothing was changed, so nothing is undone."""
    house.scripted.answer("ec2", "StartInstances", *[Refusal("InsufficientInstanceCapacity", status=500)] * 10)
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "failed"
    assert "InsufficientInstanceCapacity" in ended["words"]
    assert state(house, instance) == "stopped"


def test_a_start_whose_answer_was_lost_is_looked_at_and_not_repeated(house: House, instance: str) -> None:
    house.scripted.lose_reply("ec2", "StartInstances")
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [START]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_an_instance_that_stops_is_what_it_answers(house: House, event: Event) -> None:
    answer, _ = house.crew.event(happened(house, event("ec2-instance-stopped"), {OF_THE_EVENT: OTHER}))
    assert (answer.kind, answer.runbook) == ("admitted", NAME)
    assert str(answer.resource).endswith(f":instance/{OTHER}")
