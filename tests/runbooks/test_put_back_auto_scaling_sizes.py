"""put-back-auto-scaling-sizes: what it promises when the load is gone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.follow_ups import left_for_later
from tests.runbooks.groups import a_group, described, sizes

NAME = "put-back-auto-scaling-sizes"


def raised(house: House) -> str:
    """A group that was raised from one to two instances to four."""
    return a_group(house, smallest=4, desired=4, largest=4)


def start(house: House, group: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run that puts back what such a group was."""
    return house.start(NAME, **{"group": group, "smallest": 1, "largest": 2, "raised": 4, "within": "1m", **given})


def busy(house: House, percent: float) -> None:
    """CloudWatch has seen the group's CPU so busy."""
    point = {"Timestamp": house.crew.installation.clock.now(), "Maximum": percent}
    house.scripted.script("cloudwatch", "GetMetricStatistics", lambda _: {"Datapoints": [point]})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    assert start(house, raised(house))[1]["outcome"] == "succeeded"


def test_it_puts_both_sizes_back_and_what_is_above_goes(house: House) -> None:
    """AWS brings desired down to a MaxSize below it (API reference, UpdateAutoScalingGroup)."""
    group = raised(house)
    run, ended = start(house, group)
    assert ended["outcome"] == "succeeded"
    assert ended["words"] == f"{group} may have 1 to 2 again, and has 2"
    assert house.scripted.changes() == ["autoscaling:UpdateAutoScalingGroup"]
    assert sizes(house, group) == (1, 2, 2)
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["it wants 2 at most, and has them"]


def test_where_only_the_minimum_was_raised_the_scaling_policies_decide_what_goes(house: House) -> None:
    """Nothing is terminated at once."""
    group = a_group(house, smallest=3, desired=3, largest=8)
    assert start(house, group, smallest=1, largest=8, raised=3)[1]["outcome"] == "succeeded"
    assert sizes(house, group) == (1, 3, 3)


def test_a_group_that_nobody_scaled_wants_the_old_number_again(house: House) -> None:
    """Without a policy it would keep what was added for ever."""
    group = a_group(house, smallest=3, desired=3, largest=8)
    assert start(house, group, smallest=1, largest=8, raised=3, desired=2)[1]["outcome"] == "succeeded"
    assert sizes(house, group) == (1, 2, 2)


def test_a_group_that_was_scaled_meanwhile_keeps_what_it_wants(house: House) -> None:
    """Its policy wanted more than the run did: that is the policy's to take back."""
    group = a_group(house, smallest=3, desired=5, largest=8)
    assert start(house, group, smallest=1, largest=8, raised=3, desired=2)[1]["outcome"] == "succeeded"
    assert sizes(house, group) == (1, 5, 5)


def test_a_plan_changes_nothing_and_shows_the_sizes_and_the_way_back(house: House) -> None:
    group = raised(house)
    planned = house.plan(NAME, group=group, smallest=1, largest=2, raised=4)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"] == {"AutoScalingGroupName": group, "MinSize": 1, "MaxSize": 2}
    assert line["undo"]["parameters"] == {"AutoScalingGroupName": group, "MinSize": 4, "MaxSize": 4}
    assert house.scripted.changes() == []


def not_applicable(house: House, group: str, why: str, **given: Any) -> str:
    """It ends so, says why, and sends no change; the run."""
    run, ended = start(house, group, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []
    return run


def test_a_group_that_is_gone_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "there is no such Auto Scaling group")


def test_sizes_that_are_back_already_or_that_somebody_changed_are_left_alone(house: House) -> None:
    """Whoever changed them meanwhile had a reason."""
    for smallest, largest in ((1, 2), (2, 4), (4, 8)):
        group = a_group(house, smallest=smallest, desired=largest, largest=largest)
        not_applicable(house, group, "are still (4, 4)")


def test_sizes_that_are_not_smaller_are_refused(house: House) -> None:
    not_applicable(house, raised(house), "4 to 4 is smaller", smallest=4, largest=4)


def test_a_group_that_is_being_refreshed_is_left_alone(house: House) -> None:
    refreshes = {"InstanceRefreshes": [{"Status": "InProgress"}]}
    house.scripted.script("autoscaling", "DescribeInstanceRefreshes", lambda _: refreshes)
    not_applicable(house, raised(house), "no instance refresh is under way")


def test_while_the_rest_would_be_too_busy_it_waits_six_hours_more(house: House) -> None:
    """40 % on four instances are 80 % on two."""
    busy(house, 40)
    group = raised(house)
    run = not_applicable(house, group, "and not 80 %")
    ((runbook, parameters, after),) = left_for_later(house, run)
    assert (runbook, parameters["group"], parameters["largest"]) == (NAME, group, 2)
    assert timedelta(hours=5) < after <= timedelta(hours=6)
    house.crew.installation.catalog[runbook].form.validate(parameters)


def test_a_load_that_fewer_can_carry_does_not_hold_it_up(house: House) -> None:
    busy(house, 30)
    assert start(house, raised(house))[1]["outcome"] == "succeeded"


def test_a_refused_change_leaves_the_group_as_it_is(house: House) -> None:
    group = raised(house)
    house.scripted.answer("autoscaling", "UpdateAutoScalingGroup", Refusal("ScalingActivityInProgress"))
    run, ended = start(house, group)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "ScalingActivityInProgress"
    assert "undone" not in house.closing(run)
    assert sizes(house, group) == (4, 4, 4)


def test_a_group_that_does_not_settle_in_time_is_told_and_left(house: House) -> None:
    """Nothing more is changed: it has fewer than it wants, and AWS works on it."""
    group = raised(house)

    def short(_: Any) -> Any:
        if not house.scripted.changes():
            return None
        one = described(house, group)["AutoScalingGroups"][0]["Instances"][:1]
        return described(house, group, Instances=one)

    house.scripted.script("autoscaling", "DescribeAutoScalingGroups", short)
    _, ended = start(house, group)
    assert ended["outcome"] == "ineffective"
    assert "no proof that it wants 2 at most, and has them within 1 min" in ended["words"]
    assert len(house.scripted.changes()) == 1


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    house.scripted.lose_reply("autoscaling", "UpdateAutoScalingGroup")
    run, ended = start(house, raised(house))
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["autoscaling:UpdateAutoScalingGroup"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_no_alarm_finds_it(house: House, event: Callable[[str], dict[str, Any]]) -> None:
    """It is a follow-up: low CPU may be the night, not the end of the load."""
    answer, _ = house.crew.event(house.alarmed(event("low-direction"), {"AutoScalingGroupName": raised(house)}))
    assert answer.kind == "left"
