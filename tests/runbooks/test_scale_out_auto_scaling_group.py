"""scale-out-auto-scaling-group: what it promises at night."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.house import House
from tests.runbooks.follow_ups import left_for_later
from tests.runbooks.groups import a_group, a_target_group, sizes

NAME = "scale-out-auto-scaling-group"

Event = Callable[[str], dict[str, Any]]


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    group = a_group(house, targets=a_target_group(house))
    _, ended = house.start(NAME, group=group, within="1m")
    assert ended["outcome"] == "succeeded"


def test_it_raises_desired_and_smallest_and_proves_that_the_instances_serve(house: House) -> None:
    """One change: with the minimum raised as well, a scaling policy cannot take the instances back."""
    group = a_group(house)
    run, ended = house.start(NAME, group=group)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["autoscaling:UpdateAutoScalingGroup"]
    assert sizes(house, group) == (3, 3, 3)
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "its launches have ended",
        "3 are in service and healthy",
    ]


def test_the_old_sizes_are_in_the_ledger_and_are_put_back_later(house: House) -> None:
    """By a run of its own, whether this one helps or not."""
    group = a_group(house)
    run, _ = house.start(NAME, group=group, keep="2h")
    found = next(fact["value"] for fact in house.facts(run) if fact.get("read") == "find the group")
    assert (found["min"], found["desired"], found["max"]) == (1, 2, 8)
    ((runbook, parameters, after),) = left_for_later(house, run)
    assert runbook == "put-back-auto-scaling-sizes"
    assert parameters == {"group": group, "smallest": 1, "largest": 8, "raised": 3, "desired": 2}
    assert timedelta(hours=1) < after <= timedelta(hours=2)
    house.crew.installation.clock.sleep(after.total_seconds())
    _, ended = house.start(runbook, **parameters, within="1m")
    assert ended["outcome"] == "succeeded"
    assert sizes(house, group) == (1, 2, 2)
    change = next(entry for entry in house.entries(run) if entry.kind == "change")
    assert change.body["undo"] == "autoscaling:UpdateAutoScalingGroup"


@pytest.mark.parametrize(
    ("given", "largest", "wanted"),
    [
        ({"percent": 10}, 8, 3),
        ({"percent": 100}, 8, 4),
        ({"percent": 500}, 3, 3),
        ({"percent": 500, "at_most": 4}, 8, 4),
    ],
    ids=["one at least", "by percentage", "not above MaxSize", "not above at_most"],
)
def test_the_step_is_bounded(house: House, given: dict[str, int], largest: int, wanted: int) -> None:
    """By the percentage, by the group's own MaxSize, and by the cap of the runbook: the lowest counts."""
    group = a_group(house, largest=largest)
    _, ended = house.start(NAME, group=group, **given)
    assert ended["outcome"] == "succeeded"
    assert sizes(house, group) == (wanted, wanted, wanted)


def test_the_load_balancer_must_see_the_new_targets_healthy(house: House) -> None:
    """In service is what the group says; healthy is what its users see."""
    targets = a_target_group(house)
    run, ended = house.start(NAME, group=a_group(house, targets=targets))
    assert ended["outcome"] == "succeeded"
    last = house.facts(run)[-1]
    assert last["proved"].startswith("they are healthy targets of targets-")
    assert last["value"] == {"healthy": 3}


def test_targets_that_stay_unhealthy_are_no_cure_and_what_came_stays(house: House) -> None:
    """Taking capacity back while the symptom lasts is worse than nothing."""
    group = a_group(house, targets=a_target_group(house))
    states = {"before": ["healthy", "healthy"], "after": ["healthy", "healthy", "unhealthy"]}

    def health(_: Any) -> dict[str, Any]:
        listed = states["after" if house.scripted.changes() else "before"]
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": state}} for state in listed]}

    house.scripted.script("elbv2", "DescribeTargetHealth", health)
    run, ended = house.start(NAME, group=group, within="1m")
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["autoscaling:UpdateAutoScalingGroup"]
    assert sizes(house, group) == (3, 3, 3)
    assert house.closing(run)["not_undone"] == [{"title": "raise it from 2 to 3", "words": "left as it is"}]


def test_a_target_group_that_no_load_balancer_uses_proves_nothing_and_stops_nothing(house: House) -> None:
    """Its targets are unused, and would stay so."""
    unused = {"TargetHealthDescriptions": [{"TargetHealth": {"State": "unused"}}] * 2}
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: unused)
    _, ended = house.start(NAME, group=a_group(house, targets=a_target_group(house)))
    assert ended["outcome"] == "succeeded"


def test_a_plan_changes_nothing_and_shows_the_sizes_and_how_they_come_back(house: House) -> None:
    """With every proof that a real run would want."""
    group = a_group(house, targets=a_target_group(house))
    planned = house.plan(NAME, group=group)
    assert planned.outcome == "planned"
    assert planned.ends is None
    (line,) = planned.changes
    assert line["parameters"] == {"AutoScalingGroupName": group, "MinSize": 3, "DesiredCapacity": 3}
    assert line["undo"]["parameters"] == {"AutoScalingGroupName": group, "MinSize": 1, "DesiredCapacity": 2}
    assert len([each for each in planned.lines if each["verb"] == "prove"]) == 3
    assert house.scripted.changes() == []
    assert sizes(house, group) == (1, 2, 2)


def test_the_groups_alarm_finds_it_and_its_ok_is_the_last_proof(house: House, event: Event) -> None:
    """From the event to cured, by the name in the alarm's dimension."""
    group = a_group(house)
    answer, ended = house.crew.event(house.alarmed(event("asg-cpu-high"), {"AutoScalingGroupName": group}))
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"
    assert sizes(house, group) == (3, 3, 3)


def test_an_alarm_that_stays_is_no_cure_and_the_capacity_stays(house: House, event: Event) -> None:
    """More instances did not help: that stands in the ledger, and nobody takes them away."""
    group = a_group(house)
    sent = house.alarmed(event("asg-cpu-high"), {"AutoScalingGroupName": group}, state="ALARM")
    _, ended = house.crew.event(sent)
    assert ended is not None
    assert ended.result["outcome"] == "ineffective"
    assert "is still ALARM" in ended.result["words"]
    assert sizes(house, group) == (3, 3, 3)


def test_low_cpu_does_not_find_it(house: House, event: Event) -> None:
    answer, _ = house.crew.event(house.alarmed(event("low-direction"), {"AutoScalingGroupName": a_group(house)}))
    assert answer.kind == "left"
