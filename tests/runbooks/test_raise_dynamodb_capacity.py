"""raise-dynamodb-capacity: what it promises at night."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.follow_ups import left_for_later
from tests.runbooks.throughputs import INDEX, a_table, between, figures, scales, units, updating

NAME = "raise-dynamodb-capacity"
UPDATE, REGISTER = "dynamodb:UpdateTable", "application-autoscaling:RegisterScalableTarget"

Event = Callable[[str], dict[str, Any]]


def start(house: House, table: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run by hand."""
    return house.start(NAME, **{"table": table, "within": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    figures(house, ReadThrottleEvents=3, WriteThrottleEvents=3)
    table = a_table(house)
    scales(house, table, 5, 100)
    assert start(house, table)[1]["outcome"] == "succeeded"


@pytest.mark.parametrize(
    ("throttled", "wanted"),
    [({"ReadThrottleEvents": 7}, (15, 4)), ({"WriteThrottleEvents": 1}, (10, 6))],
    ids=["reads", "writes"],
)
def test_only_the_side_that_throttles_is_raised(house: House, throttled: dict[str, float], wanted: Any) -> None:
    """In one call, which must name both: the other side stays as it is."""
    figures(house, **throttled)
    table = a_table(house)
    run, ended = start(house, table)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [UPDATE]
    assert units(house, table) == wanted
    assert units(house, table, INDEX) == (10, 4)
    assert len([fact for fact in house.facts(run) if "proved" in fact]) == 1


def test_an_index_has_a_capacity_of_its_own(house: House) -> None:
    """Its alarm names it; the table is left as it is."""
    figures(house, WriteThrottleEvents=5)
    table = a_table(house)
    assert start(house, table, index=INDEX)[1]["outcome"] == "succeeded"
    assert (units(house, table), units(house, table, INDEX)) == ((10, 4), (10, 6))


def test_what_scales_by_itself_gets_a_higher_minimum(house: House) -> None:
    """A capacity set by hand would be scaled in again; its maximum is raised only where it is in the way."""
    figures(house, ReadThrottleEvents=5)
    table = a_table(house)
    scales(house, table, 5, 12)
    run, ended = start(house, table)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [REGISTER]
    assert between(house, table) == [(15, 15)]
    assert units(house, table) == (15, 4)
    ((_, parameters, _),) = left_for_later(house, run)
    assert (parameters["smallest"], parameters["largest"]) == (5, 12)


def test_on_demand_the_maximum_is_raised(house: House) -> None:
    """DynamoDB developer guide, "DynamoDB maximum throughput for on-demand tables"; moto keeps no maximum."""
    figures(house, ReadThrottleEvents=5, WriteThrottleEvents=5)
    table = a_table(house, mode="PAY_PER_REQUEST")
    maximum = {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": -1}

    def described(_: Any, answer: dict[str, Any]) -> None:
        answer["Table"]["OnDemandThroughput"] = dict(maximum)

    def updated(asked: Mapping[str, Any], _: Any) -> None:
        maximum.update(asked["OnDemandThroughput"])

    house.scripted.after("dynamodb", "DescribeTable", described)
    house.scripted.after("dynamodb", "UpdateTable", updated)
    run, ended = start(house, table)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert maximum == {"MaxReadRequestUnits": 150, "MaxWriteRequestUnits": -1}
    assert [parameters["side"] for _, parameters, _ in left_for_later(house, run)] == ["read"]


def test_what_it_raised_is_put_back_later_one_side_after_the_other(house: House) -> None:
    """Both at once would be refused: one change at a time, and a resource rests."""
    figures(house, ReadThrottleEvents=5, WriteThrottleEvents=5)
    table = a_table(house)
    run, ended = start(house, table, keep="2h")
    assert ended["outcome"] == "succeeded"
    first, second = left_for_later(house, run)
    assert first[:2] == (
        "put-back-dynamodb-capacity",
        {"table": table, "index": "", "side": "read", "units": 10, "raised": 15, "smallest": 0, "largest": 0},
    )
    assert (second[1]["side"], second[1]["units"], second[1]["raised"]) == ("write", 4, 6)
    assert timedelta(minutes=40) < second[2] - first[2] < timedelta(minutes=50)
    for runbook, parameters, _ in (first, second):
        house.crew.installation.catalog[runbook].form.validate(parameters)


def test_it_waits_until_the_table_is_active_again(house: House) -> None:
    """UPDATING, it still takes only what it took before."""
    figures(house, ReadThrottleEvents=5)
    updating(house, 2)
    run, ended = start(house, a_table(house))
    assert ended["outcome"] == "succeeded"
    (tries,) = [fact["tries"] for fact in house.facts(run) if "proved" in fact]
    assert tries == 3


@pytest.mark.parametrize(("given", "wanted"), [({"percent": 1}, 11), ({"percent": 900, "at_most": 40}, 40)])
def test_the_step_is_bounded(house: House, given: dict[str, int], wanted: int) -> None:
    figures(house, ReadThrottleEvents=5)
    table = a_table(house)
    assert start(house, table, **given)[1]["outcome"] == "succeeded"
    assert units(house, table) == (wanted, 4)


def test_a_plan_changes_nothing_and_shows_both_sides_and_the_way_back(house: House) -> None:
    figures(house, ReadThrottleEvents=5)
    table = a_table(house)
    planned = house.plan(NAME, table=table)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"]["ProvisionedThroughput"] == {"ReadCapacityUnits": 15, "WriteCapacityUnits": 4}
    (_, back) = line["undo"]
    assert back["parameters"]["ProvisionedThroughput"] == {"ReadCapacityUnits": 10, "WriteCapacityUnits": 4}
    assert house.scripted.changes() == []


def not_applicable(house: House, table: str, why: str, **given: Any) -> None:
    """It ends so, says why, and sends no change."""
    _, ended = start(house, table, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_a_table_or_index_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "find the capacity")
    not_applicable(house, a_table(house), "no global secondary index by-night", index="by-night")


def test_a_table_that_throttled_nothing_lately_is_left_alone(house: House) -> None:
    """Healthy again, or the alarm was about something else."""
    figures(house, ReadThrottleEvents=0)
    not_applicable(house, a_table(house), "requests were throttled in the last ten minutes")


def test_on_demand_without_a_maximum_there_is_nothing_to_raise(house: House) -> None:
    figures(house, ReadThrottleEvents=5)
    not_applicable(house, a_table(house, mode="PAY_PER_REQUEST"), "a capacity, or on demand a maximum")


def test_a_table_that_is_being_changed_is_left_alone(house: House) -> None:
    """One change at a time: AWS would refuse another."""
    figures(house, ReadThrottleEvents=5)
    house.scripted.after("dynamodb", "DescribeTable", lambda _, seen: seen["Table"].update(TableStatus="UPDATING"))
    not_applicable(house, a_table(house), "one change at a time")


def test_a_table_at_the_cap_is_left_alone(house: House) -> None:
    figures(house, ReadThrottleEvents=5)
    not_applicable(house, a_table(house), "below at_most (10)", at_most=10)


def test_scaling_that_somebody_suspended_is_left_alone(house: House) -> None:
    figures(house, ReadThrottleEvents=5)
    table = a_table(house)
    scales(house, table, 5, 50)

    def suspended(_: Any, answer: dict[str, Any]) -> None:
        answer["ScalableTargets"][0]["SuspendedState"] = {"DynamicScalingOutSuspended": True}

    house.scripted.after("application-autoscaling", "DescribeScalableTargets", suspended)
    not_applicable(house, table, "its scaling is not suspended")


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    """Somebody was quicker, or the account's quota is used up (API reference, UpdateTable, errors)."""
    figures(house, ReadThrottleEvents=5)
    table = a_table(house)
    house.scripted.answer("dynamodb", "UpdateTable", Refusal("LimitExceededException"))
    run, ended = start(house, table)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "LimitExceededException"
    assert "undone" not in house.closing(run)
    assert left_for_later(house, run) == []
    assert units(house, table) == (10, 4)


def test_when_the_second_change_is_refused_the_first_is_undone_once_that_can_be(house: House) -> None:
    """Writes are set by hand, reads scale: writes go back when the table is ACTIVE again."""
    figures(house, ReadThrottleEvents=5, WriteThrottleEvents=5)
    table = a_table(house)
    scales(house, table, 5, 50)
    house.scripted.answer("application-autoscaling", "RegisterScalableTarget", Refusal("ValidationException"))
    updating(house, 1)
    run, ended = start(house, table)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["set writes to 6"]
    assert house.scripted.changes() == [UPDATE, REGISTER, UPDATE]
    assert units(house, table) == (10, 4)


def test_at_the_deadline_it_is_no_cure_and_the_capacity_stays(house: House) -> None:
    """Still UPDATING: lowering it now would be refused, and would make things worse."""
    figures(house, ReadThrottleEvents=5)
    updating(house, 10_000)
    run, ended = start(house, a_table(house))
    assert ended["outcome"] == "ineffective"
    assert "no proof that it went from 10 to 15 reads within 1 min" in ended["words"]
    assert house.scripted.changes() == [UPDATE]
    assert len(left_for_later(house, run)) == 1


@pytest.mark.parametrize("by_itself", [False, True], ids=["set", "scaled"])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, by_itself: bool) -> None:
    figures(house, ReadThrottleEvents=5)
    table = a_table(house)
    if by_itself:
        scales(house, table, 5, 50)
        house.scripted.lose_reply("application-autoscaling", "RegisterScalableTarget")
    else:
        house.scripted.lose_reply("dynamodb", "UpdateTable")
    run, ended = start(house, table)
    assert ended["outcome"] == "succeeded"
    assert len(house.scripted.changes()) == 1
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


@pytest.mark.parametrize("metric", ["ReadThrottleEvents", "WriteThrottleEvents"])
@pytest.mark.parametrize("index", ["", INDEX])
def test_the_alarms_of_the_table_and_of_the_index_find_it(house: House, event: Event, metric: str, index: str) -> None:
    """From the event to cured; what is raised is what the dimensions name."""
    figures(house, **{metric: 5.0})
    table, sent = a_table(house), event("dynamodb-orders-missing")
    found = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    found |= {"namespace": "AWS/DynamoDB", "name": metric}
    dimensions = {"TableName": table, **({"GlobalSecondaryIndexName": index} if index else {})}
    answer, ended = house.crew.event(house.alarmed(sent, dimensions))
    assert answer.runbook == NAME
    assert ended is not None
    assert ended.result["outcome"] == "cured"
    assert units(house, table, index) == ((15, 4) if metric.startswith("Read") else (10, 6))
    assert units(house, table, INDEX if not index else "") == (10, 4)
