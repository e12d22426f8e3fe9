"""scale-out-auto-scaling-group: when something goes wrong."""

from datetime import UTC, datetime
from typing import Any

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.groups import a_group, described, sizes

NAME = "scale-out-auto-scaling-group"
NO_CAPACITY = (
    "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (eu-west-1a)."
)


def launch(number: int, status: str, message: str = "") -> dict[str, Any]:
    """A launch as DescribeScalingActivities lists it."""
    reason = f".  Status Reason: {message}" if message else f": i-0abc1234def56789{number}"
    return {
        "ActivityId": f"activity-{number}",
        "AutoScalingGroupName": "web",
        "Description": f"Launching a new EC2 instance{reason}",
        "Cause": "At 2026-11-21T03:00:10Z an instance was started in response to a difference between sizes",
        "StartTime": datetime(2026, 11, 21, 3, 0, 12, tzinfo=UTC),
        "StatusCode": status,
        "StatusMessage": message,
        "Progress": 100,
    }


def after_the_change(house: House, *looks: list[dict[str, Any]]) -> None:
    """From the change on, each look lists the next of these, newest first, the last from then on; before it, old."""
    old, left = launch(0, "Successful"), list(looks)

    def listed(_: Any) -> dict[str, Any]:
        newer = (left.pop(0) if len(left) > 1 else left[0]) if house.scripted.changes() else []
        return {"Activities": [*newer, old]}

    house.scripted.script("autoscaling", "DescribeScalingActivities", listed)


def tries(house: House, run: str, title: str) -> int:
    """How often it looked before that was proved."""
    (found,) = [fact["tries"] for fact in house.facts(run) if fact.get("proved") == title]
    return int(found)


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    """AWS said no: the sizes are what they were."""
    group = a_group(house)
    house.scripted.answer("autoscaling", "UpdateAutoScalingGroup", Refusal("ScalingActivityInProgress"))
    run, ended = house.start(NAME, group=group)
    assert ended["outcome"] == "failed"
    closing = house.closing(run)
    assert closing["error"]["code"] == "ScalingActivityInProgress"
    assert "undone" not in closing
    assert sizes(house, group) == (1, 2, 2)


def test_without_capacity_it_fails_early_with_what_aws_said_and_puts_the_sizes_back(house: House) -> None:
    """Each zone was tried, and one more: a capacity error shows only in the activities."""
    group = a_group(house)
    after_the_change(house, [launch(2, "Failed", NO_CAPACITY), launch(1, "Failed", NO_CAPACITY)])
    run, ended = house.start(NAME, group=group, within="1m")
    assert ended["outcome"] == "failed"
    assert NO_CAPACITY in ended["words"]
    assert house.closing(run)["undone"] == ["raise it from 2 to 3"]
    assert house.scripted.changes() == ["autoscaling:UpdateAutoScalingGroup"] * 2
    assert sizes(house, group) == (1, 2, 2)
    assert tries(house, run, "its launches have ended") == 1


def test_a_launch_that_failed_in_one_zone_may_succeed_in_the_next(house: House) -> None:
    """The group tries again by itself: one failure is no reason to give up."""
    failed = launch(1, "Failed", NO_CAPACITY)
    after_the_change(house, [failed], [launch(2, "Successful"), failed])
    run, ended = house.start(NAME, group=a_group(house), within="1m")
    assert ended["outcome"] == "succeeded"
    seen = next(fact["value"] for fact in house.facts(run) if fact.get("proved") == "its launches have ended")
    assert seen == {"succeeded": 1, "failed": 1, "under_way": 0, "why": NO_CAPACITY}
    assert tries(house, run, "its launches have ended") == 2


def test_one_launch_that_succeeded_does_not_end_the_wait_for_the_others(house: House) -> None:
    first = launch(1, "Successful")
    after_the_change(house, [launch(2, "PreInService"), first], [launch(2, "Successful"), first])
    run, _ = house.start(NAME, group=a_group(house, desired=4), within="1m")
    assert tries(house, run, "its launches have ended") == 2


def test_an_instance_that_was_launched_and_does_not_serve_is_no_cure(house: House) -> None:
    """Launched is what the activities say; the group says whether it is healthy."""
    group = a_group(house)
    before = described(house, group)["AutoScalingGroups"][0]["Instances"]

    def sick(_: Any) -> Any:
        if not house.scripted.changes():
            return None
        now = described(house, group)["AutoScalingGroups"][0]["Instances"]
        new = [{**each, "HealthStatus": "Unhealthy"} for each in now if each not in before]
        return described(house, group, Instances=[*before, *new])

    house.scripted.script("autoscaling", "DescribeAutoScalingGroups", sick)
    _, ended = house.start(NAME, group=group, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "no proof that 3 are in service and healthy" in ended["words"]
    assert sizes(house, group) == (3, 3, 3)


def test_a_launch_that_does_not_end_is_no_cure_and_is_not_broken_off(house: House) -> None:
    """At the deadline nothing more is changed: scaling in now might take an instance that serves."""
    group = a_group(house)
    after_the_change(house, [launch(1, "PreInService")])
    _, ended = house.start(NAME, group=group, within="1m")
    assert ended["outcome"] == "ineffective"
    assert "its launches have ended within 1 min" in ended["words"]
    assert house.scripted.changes() == ["autoscaling:UpdateAutoScalingGroup"]
    assert sizes(house, group)[:2] == (3, 3)


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    """The group is larger though nobody said so."""
    house.scripted.lose_reply("autoscaling", "UpdateAutoScalingGroup")
    run, ended = house.start(NAME, group=a_group(house))
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["autoscaling:UpdateAutoScalingGroup"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]
