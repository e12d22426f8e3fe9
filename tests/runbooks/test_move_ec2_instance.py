"""move-ec2-instance: what it promises at night."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.machines import SCHEDULED
from nightcrew.demo.scripted import Refusal
from tests.happenings import happened
from tests.house import House
from tests.runbooks.machines import an_instance, behind_a_balancer, checks, health

NAME = "move-ec2-instance"
STOP, START = "ec2:StopInstances", "ec2:StartInstances"
OF_THE_EVENT, OTHER = "i-0abc1234def567890", "i-0123456789abcdef0"
RETIRES = {"Code": "instance-retirement", "Description": "The instance is running on degraded hardware"}

Event = Callable[[str], dict[str, Any]]


def announced(house: House, instance: str, *events: dict[str, str]) -> None:
    """DescribeInstanceStatus lists these (EC2 API reference, InstanceStatusEvent)."""

    def answer(_: Any) -> dict[str, Any]:
        told = checks(instance)
        told["InstanceStatuses"][0]["Events"] = [*events]
        return told

    house.scripted.script("ec2", "DescribeInstanceStatus", answer)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    instance = an_instance(house)
    behind_a_balancer(house, instance, an_instance(house))
    scheduled(house, instance)
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"


def scheduled(house: House, instance: str) -> None:
    """AWS is about to retire its hardware, in the cloud itself."""
    house.crew.client("ec2").create_tags(Resources=[instance], Tags=[{"Key": SCHEDULED, "Value": RETIRES["Code"]}])


@pytest.fixture
def instance(house: House) -> str:
    """A running instance of this test's own, on hardware that AWS retires."""
    made = an_instance(house)
    scheduled(house, made)
    return made


def left_alone(house: House, why: str, instance: str) -> None:
    """It ends as not applicable, says why, and sent no change."""
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_it_comes_back_on_other_hardware_and_that_is_proved(house: House, instance: str) -> None:
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"
    assert ended["words"] == f"{instance} is on other hardware, before instance-retirement"
    assert house.scripted.changes() == [STOP, START]
    proved = [fact["proved"] for fact in house.facts(run) if "proved" in fact]
    assert proved == ["restart-ec2-instance: both status checks pass", "it was launched anew"]


def test_a_plan_changes_nothing_and_shows_both_changes(house: House, instance: str) -> None:
    planned = house.plan(NAME, instance_id=instance)
    titles = ["restart-ec2-instance: stop it", "restart-ec2-instance: start it"]
    assert [line["title"] for line in planned.changes] == titles
    assert house.scripted.changes() == []


@pytest.mark.parametrize("over", ["[Completed] retired", "[Canceled] retired"])
def test_one_for_which_nothing_is_scheduled_any_more_is_left_alone(house: House, instance: str, over: str) -> None:
    """What is over is listed for a week more."""
    announced(house, instance, {"Code": "instance-retirement", "Description": over})
    left_alone(house, "AWS has scheduled something for it that is still to come", instance)


def test_it_moves_once_for_an_announcement_however_often_that_is_updated(
    house: House, instance: str, event: Event
) -> None:
    """Health sends an event again whenever a word of it changes: that is another message."""
    told = happened(house, event("ec2-retirement"), {OF_THE_EVENT: instance})
    _, ended = house.crew.event(told)
    assert ended is not None
    assert ended.result["outcome"] == "succeeded"
    assert house.scripted.changes() == [STOP, START]
    house.crew.installation.clock.sleep(3600)
    updated = happened(house, told, {told["detail"]["communicationId"]: f"updated-{instance}"})
    _, ended = house.crew.event(updated)
    assert ended is not None
    assert ended.result["outcome"] == "not_applicable"
    assert house.scripted.changes() == [STOP, START]


def test_one_that_is_stopped_is_left_alone(house: House, instance: str) -> None:
    """It is on no hardware."""
    house.crew.client("ec2").stop_instances(InstanceIds=[instance])
    left_alone(house, "it is running", instance)


def test_the_last_healthy_target_stays_for_the_day(house: House, instance: str) -> None:
    behind_a_balancer(house, instance, OTHER)
    house.scripted.script(
        "elbv2", "DescribeTargetHealth", lambda _: health((instance, "healthy"), (OTHER, "unhealthy"))
    )
    left_alone(house, "it is not the last healthy target", instance)


def test_one_that_would_lose_its_disks_is_left_alone(house: House, instance: str) -> None:
    """What restart-ec2-instance asks for holds here as well."""

    def with_a_disk(_: Any, answer: dict[str, Any]) -> None:
        answer["Reservations"][0]["Instances"][0]["BlockDeviceMappings"] = [{"DeviceName": "/dev/sdb"}]

    house.scripted.after("ec2", "DescribeInstances", with_a_disk)
    left_alone(house, "no disk is instance store", instance)


def test_an_application_that_does_not_come_back_is_no_success(house: House, instance: str) -> None:
    behind_a_balancer(house, instance, OTHER)
    well = iter(["healthy"])
    house.scripted.script(
        "elbv2", "DescribeTargetHealth", lambda _: health((instance, next(well, "unhealthy")), (OTHER, "healthy"))
    )
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "it is a healthy target of" in ended["words"]


def test_status_checks_that_do_not_pass_in_time_are_no_success(house: House, instance: str) -> None:
    def answer(_: Any) -> dict[str, Any]:
        told = checks(instance, reachable="impaired" if START in house.scripted.changes() else "ok")
        told["InstanceStatuses"][0]["Events"] = [RETIRES]
        return told

    house.scripted.script("ec2", "DescribeInstanceStatus", answer)
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "ineffective"


def test_a_stop_that_aws_refuses_leaves_it_running(house: House, instance: str) -> None:
    house.scripted.answer("ec2", "StopInstances", Refusal("OperationNotPermitted"))
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "failed"
    assert house.scripted.changes() == [STOP]


def test_a_start_that_aws_refuses_once_is_made_by_the_undo(house: House, instance: str) -> None:
    house.scripted.answer("ec2", "StartInstances", Refusal("IncorrectInstanceState"))
    run, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["restart-ec2-instance: stop it"]
    assert house.scripted.changes() == [STOP, START, START]


def test_a_stop_whose_answer_was_lost_is_looked_at(house: House, instance: str) -> None:
    house.scripted.lose_reply("ec2", "StopInstances")
    _, ended = house.start(NAME, instance_id=instance, within="1m")
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [STOP, START]


def test_an_announced_retirement_is_what_it_answers(house: House, event: Event) -> None:
    answer, _ = house.crew.event(
        happened(house, event("ec2-retirement"), {OF_THE_EVENT: OTHER, "5c1f0d8e": "0a0a0a0a"})
    )
    assert (answer.kind, answer.runbook) == ("admitted", NAME)


@pytest.mark.parametrize(("field", "value"), [("statusCode", "closed"), ("eventTypeCode", "AWS_EC2_OPERATIONAL_ISSUE")])
def test_neither_one_that_is_over_nor_another_notice(house: House, event: Event, field: str, value: str) -> None:
    told = event("ec2-retirement")
    answer, _ = house.crew.event({**told, "detail": {**told["detail"], field: value}})
    assert (answer.kind, answer.reason) == ("left", "no-trigger")
