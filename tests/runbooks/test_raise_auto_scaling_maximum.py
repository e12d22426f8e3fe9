"""raise-auto-scaling-maximum: what it promises at night."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.admission.policy_file import load
from nightcrew.clock import SkippingClock
from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.approving import start_decided
from tests.runbooks.follow_ups import left_for_later
from tests.runbooks.groups import a_group, a_target_group, described, sizes

NAME = "raise-auto-scaling-maximum"
NO_CAPACITY = "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested."


def full(house: House, **given: Any) -> str:
    """A group that is as large as it may be."""
    return a_group(house, **{"smallest": 1, "desired": 2, "largest": 2, **given})


def largest(house: House, group: str) -> int:
    """The group's MaxSize, in the cloud itself."""
    return int(described(house, group)["AutoScalingGroups"][0]["MaxSize"])


def start(house: House, group: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run that is approved."""
    return start_decided(house, NAME, **{"group": group, "within": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    assert start(house, full(house, targets=a_target_group(house)))[1]["outcome"] == "succeeded"


def test_it_asks_then_raises_all_three_sizes_and_proves_that_the_instances_serve(house: House) -> None:
    """One change; MinSize too, or a scaling policy would take the instances back."""
    group = full(house)
    run, ended = start(house, group)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["autoscaling:UpdateAutoScalingGroup"]
    assert (largest(house, group), *sizes(house, group)) == (3, 3, 3, 3)
    asked = next(fact for fact in house.facts(run) if "asked" in fact)
    assert asked["asked"] == f"let {group} grow from 2 to 3 for 24 h: 1 × t3.micro, 2 vCPUs"
    proved = [fact["proved"] for fact in house.facts(run) if "proved" in fact]
    assert proved == ["its launches have ended", "3 are in service and healthy"]


def test_what_it_raised_is_put_back_later(house: House) -> None:
    """By a run of its own, which knows what was there before and what this one left."""
    group = full(house)
    run, _ = start(house, group, keep="2h")
    ((runbook, parameters, after),) = left_for_later(house, run)
    assert (runbook, parameters) == (
        "put-back-auto-scaling-sizes",
        {"group": group, "smallest": 1, "largest": 2, "raised": 3},
    )
    assert timedelta(hours=1) < after <= timedelta(hours=2)
    house.crew.installation.catalog[runbook].form.validate(parameters)


@pytest.mark.parametrize(
    ("given", "wanted"), [({"percent": 10}, 3), ({"percent": 100}, 4), ({"percent": 500, "at_most": 5}, 5)]
)
def test_the_step_is_bounded(house: House, given: dict[str, int], wanted: int) -> None:
    """One at least, by the percentage, and never above the cap."""
    group = full(house)
    assert start(house, group, **given)[1]["outcome"] == "succeeded"
    assert largest(house, group) == wanted


def test_declined_it_changes_nothing(house: House) -> None:
    group = full(house)
    _, ended = start_decided(house, NAME, approve=False, group=group)
    assert ended["outcome"] == "declined"
    assert house.scripted.changes() == []
    assert largest(house, group) == 2


def test_a_group_that_changed_while_somebody_decided_is_left_alone(house: House) -> None:
    """What was approved would not be what is done."""
    group, looks = full(house), iter(range(100))

    def grown(_: Any) -> Any:
        # The second look at the whole group, after the types, is the one after the approval.
        return described(house, group, MaxSize=9) if next(looks) >= 3 else None

    house.scripted.script("autoscaling", "DescribeAutoScalingGroups", grown)
    _, ended = start(house, group)
    assert ended["outcome"] == "not_applicable"
    assert "what the approver was told" in ended["words"]
    assert house.scripted.changes() == []


def test_a_plan_changes_nothing_and_shows_the_question_the_sizes_and_the_follow_up(house: House) -> None:
    group = full(house)
    planned = house.plan(NAME, group=group)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"] == {"AutoScalingGroupName": group, "MinSize": 3, "DesiredCapacity": 3, "MaxSize": 3}
    assert line["undo"]["parameters"] == {**line["parameters"], "MinSize": 1, "DesiredCapacity": 2, "MaxSize": 2}
    verbs = [each["verb"] for each in planned.lines]
    assert verbs.index("approve") < verbs.index("change") < verbs.index("later")
    assert house.scripted.changes() == []


def not_applicable(house: House, group: str, why: str, **given: Any) -> None:
    """It ends so, says why, asks nobody and sends no change."""
    run, ended = start(house, group, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert not any("asked" in fact for fact in house.facts(run))
    assert house.scripted.changes() == []


def test_a_group_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "there is no such Auto Scaling group")


def test_a_group_with_room_is_left_to_the_runbook_that_uses_it(house: House) -> None:
    """Already healthy in what this one is about: MaxSize is not in the way."""
    not_applicable(house, a_group(house), "all that its MaxSize (8) allows")


def test_a_group_at_the_cap_is_left_alone(house: House) -> None:
    not_applicable(house, full(house), "below at_most (2)", at_most=2)


def test_a_percentage_that_adds_nothing_is_not_applicable(house: House) -> None:
    not_applicable(house, full(house), "percent is above 0", percent=0)


def test_a_group_that_still_launches_is_left_alone(house: House) -> None:
    group = full(house)
    one = described(house, group)["AutoScalingGroups"][0]["Instances"][:1]
    house.scripted.script("autoscaling", "DescribeAutoScalingGroups", lambda _: described(house, group, Instances=one))
    not_applicable(house, group, "nothing is on its way already")


def test_an_account_without_room_is_told_so_before_anybody_is_asked(house: House) -> None:
    """The quota of vCPUs: EC2 user guide, "Amazon EC2 instance type quotas"; use: AWS/Usage ResourceCount."""
    quota = {"Quota": {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A", "Value": 64.0}}
    point = {"Timestamp": house.crew.installation.clock.now(), "Maximum": 63.0}
    house.scripted.script("service-quotas", "GetServiceQuota", lambda _: quota)
    house.scripted.script("cloudwatch", "GetMetricStatistics", lambda _: {"Datapoints": [point]})
    not_applicable(house, full(house), "2 vCPUs more are within the quota (64, 63 in use)")


def test_instances_whose_quota_is_not_known_here_are_left_to_a_person(house: House) -> None:
    group = full(house)
    instances = described(house, group)["AutoScalingGroups"][0]["Instances"]
    odd = [{**each, "InstanceType": "u-6tb1.metal"} for each in instances]
    house.scripted.script("autoscaling", "DescribeAutoScalingGroups", lambda _: described(house, group, Instances=odd))
    not_applicable(house, group, "the quota of u-6tb1.metal is known here")


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    group = full(house)
    house.scripted.answer("autoscaling", "UpdateAutoScalingGroup", Refusal("ScalingActivityInProgress"))
    run, ended = start(house, group)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "ScalingActivityInProgress"
    assert left_for_later(house, run) == []
    assert (largest(house, group), *sizes(house, group)) == (2, 1, 2, 2)


def launches(house: House, status: str, message: str = "") -> None:
    """From the change on its two newest launches are in this state (API reference, Activity)."""
    failed = [
        {
            "ActivityId": f"launch-{number}",
            "AutoScalingGroupName": "web",
            "Description": "Launching a new EC2 instance",
            "Cause": "a difference between desired and actual capacity",
            "StartTime": house.crew.installation.clock.now(),
            "StatusCode": status,
            "StatusMessage": message,
        }
        for number in (2, 1)
    ]
    house.scripted.script(
        "autoscaling",
        "DescribeScalingActivities",
        lambda _: {"Activities": failed if house.scripted.changes() else []},
    )


def test_without_capacity_the_sizes_are_put_back_at_once(house: House) -> None:
    group = full(house)
    launches(house, "Failed", NO_CAPACITY)
    run, ended = start(house, group)
    assert ended["outcome"] == "failed"
    assert NO_CAPACITY in ended["words"]
    assert house.closing(run)["undone"] == ["raise its MaxSize from 2 to 3"]
    assert largest(house, group) == 2
    assert sizes(house, group)[:2] == (1, 2)


def test_at_the_deadline_it_is_no_cure_and_the_follow_up_stays(house: House) -> None:
    """What is still launching may yet come; what it costs ends with the follow-up."""
    group = full(house)
    launches(house, "PreInService")
    run, ended = start(house, group)
    assert ended["outcome"] == "ineffective"
    assert "its launches have ended within 1 min" in ended["words"]
    assert house.scripted.changes() == ["autoscaling:UpdateAutoScalingGroup"]
    assert len(left_for_later(house, run)) == 1


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    house.scripted.lose_reply("autoscaling", "UpdateAutoScalingGroup")
    run, ended = start(house, full(house))
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["autoscaling:UpdateAutoScalingGroup"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_it_answers_no_alarm_unless_it_is_bound(house: House, event: Callable[[str], dict[str, Any]]) -> None:
    """On high CPU the runbook that stays within MaxSize goes first; a team may bind this one to an alarm of its own."""
    group = full(house)
    assert house.crew.installation.catalog[NAME].triggers == ()
    bound = load(
        "defaults: {breaker: 10000}\n"
        "rules: [{when: {family: scale-out}, autonomy: auto}]\n"
        f"bindings: [{{alarm: 'alarm-{group}', runbook: {NAME}, parameters: {{group: {group}}}}}]\n"
    )
    catalog = house.crew.installation.catalog
    built = House.build(house.crew.clients, house.scripted, catalog, bound, SkippingClock())
    answer = built.crew.dispatcher.event(built.alarmed(event("asg-cpu-high"), {"AutoScalingGroupName": group}))
    assert (answer.kind, answer.runbook) == ("admitted", NAME)
