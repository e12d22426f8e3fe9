"""put-back-dynamodb-capacity: what it promises when the load is gone."""

from collections.abc import Callable
from typing import Any

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.follow_ups import left_for_later
from tests.runbooks.throughputs import INDEX, a_table, between, figures, scaled, scales, units, updating

NAME = "put-back-dynamodb-capacity"
UPDATE, REGISTER = "dynamodb:UpdateTable", "application-autoscaling:RegisterScalableTarget"


def start(house: House, table: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """A run that sets the reads of such a table back from 10 to 6."""
    usual = {"table": table, "side": "read", "units": 6, "raised": 10, "within": "1m"}
    return house.start(NAME, **{**usual, **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    assert start(house, a_table(house))[1]["outcome"] == "succeeded"
    table = a_table(house)
    scaling = house.crew.client("application-autoscaling")
    scaling.register_scalable_target(MinCapacity=10, MaxCapacity=10, **scaled(table))
    assert start(house, table, smallest=2, largest=8)[1]["outcome"] == "succeeded"


def test_it_sets_one_side_back_and_proves_it(house: House) -> None:
    table = a_table(house)
    run, ended = start(house, table)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [UPDATE]
    assert (units(house, table), units(house, table, INDEX)) == ((6, 4), (10, 4))
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["it takes 6 reads"]


def test_an_index_is_set_back_by_itself(house: House) -> None:
    table = a_table(house)
    assert start(house, table, index=INDEX, side="write", units=2, raised=4)[1]["outcome"] == "succeeded"
    assert (units(house, table), units(house, table, INDEX)) == ((10, 4), (10, 2))


def test_what_scales_by_itself_gets_its_range_back(house: House) -> None:
    """What it has then is up to its policy; a capacity above the old maximum goes down to it."""
    table = a_table(house)
    scales(house, table, 10, 10)
    _, ended = start(house, table, smallest=2, largest=8)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [REGISTER]
    assert between(house, table) == [(2, 8)]
    assert units(house, table) == (8, 4)


def test_a_plan_changes_nothing_and_shows_the_units_and_the_way_back(house: House) -> None:
    table = a_table(house)
    planned = house.plan(NAME, table=table, side="read", units=6, raised=10)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"]["ProvisionedThroughput"] == {"ReadCapacityUnits": 6, "WriteCapacityUnits": 4}
    assert house.scripted.changes() == []


def not_applicable(house: House, table: str, why: str, **given: Any) -> str:
    """It ends so, says why, and sends no change; the run."""
    run, ended = start(house, table, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []
    return run


def test_a_table_that_is_gone_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "find the capacity")


def test_a_capacity_that_is_back_already_or_that_somebody_changed_is_left_alone(house: House) -> None:
    not_applicable(house, a_table(house, read=6), "and not 6")
    not_applicable(house, a_table(house, read=20), "and not 20")


def test_scaling_that_somebody_changed_is_left_alone(house: House) -> None:
    table = a_table(house)
    scales(house, table, 9, 40)
    not_applicable(house, table, "and not (9, 40)", smallest=2, largest=8)


def test_units_that_are_not_fewer_are_refused(house: House) -> None:
    not_applicable(house, a_table(house), "12 is fewer than 10", units=12)


def test_a_table_that_is_being_changed_is_left_alone(house: House) -> None:
    house.scripted.after("dynamodb", "DescribeTable", lambda _, seen: seen["Table"].update(TableStatus="UPDATING"))
    not_applicable(house, a_table(house), "one change at a time")


def test_while_the_load_lasts_it_waits_six_hours_more(house: House) -> None:
    """300 in the busiest minute are 5 a second: more than 80 % of six."""
    figures(house, ConsumedReadCapacityUnits=300)
    table = a_table(house)
    run = not_applicable(house, table, "the busiest minute took 5.0 a second")
    ((runbook, parameters, _),) = left_for_later(house, run)
    assert (runbook, parameters["table"], parameters["units"]) == (NAME, table, 6)
    house.crew.installation.catalog[runbook].form.validate(parameters)


def test_a_load_that_the_old_capacity_can_carry_does_not_hold_it_up(house: House) -> None:
    figures(house, ConsumedReadCapacityUnits=240)
    assert start(house, a_table(house))[1]["outcome"] == "succeeded"


def test_one_decrease_too_many_is_refused_and_the_capacity_stays(house: House) -> None:
    """DynamoDB developer guide, "Quotas": decreases a day; API reference, UpdateTable: LimitExceededException."""
    table = a_table(house)
    house.scripted.answer("dynamodb", "UpdateTable", Refusal("LimitExceededException"))
    run, ended = start(house, table)
    assert ended["outcome"] == "failed"
    assert "undone" not in house.closing(run)
    assert units(house, table) == (10, 4)


def test_at_the_deadline_it_says_so_and_changes_nothing_more(house: House) -> None:
    updating(house, 10_000)
    _, ended = start(house, a_table(house))
    assert ended["outcome"] == "ineffective"
    assert "no proof that it takes 6 reads within 1 min" in ended["words"]
    assert house.scripted.changes() == [UPDATE]


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    house.scripted.lose_reply("dynamodb", "UpdateTable")
    run, ended = start(house, a_table(house))
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [UPDATE]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_no_alarm_finds_it(house: House, event: Callable[[str], dict[str, Any]]) -> None:
    """Little load at one moment is no reason to take capacity away: it comes when its time is over."""
    table, sent = a_table(house), event("low-direction")
    found = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    found |= {"namespace": "AWS/DynamoDB", "name": "ConsumedReadCapacityUnits", "dimensions": {}}
    answer, _ = house.crew.event(house.alarmed(sent, {"TableName": table}))
    assert answer.kind == "left"
