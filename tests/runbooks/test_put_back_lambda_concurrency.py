"""put-back-lambda-concurrency: what it promises when the load is gone."""

from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.functions import a_function, reservation, reserve

NAME = "put-back-lambda-concurrency"


@pytest.fixture
def function(house: House) -> str:
    """A function with the fifteen reserved that a run left."""
    return reserve(house, a_function(house), 15)


def start(house: House, function: str, **given: Any) -> tuple[str, dict[str, Any]]:
    return house.start(NAME, function=function, **{"reserved_before": 10, "raised": 15, "within": "1m", **given})


def running(house: House, calls: float) -> None:
    """So many calls run at once, says CloudWatch."""
    point = {"Timestamp": house.crew.installation.clock.now(), "Maximum": calls}
    house.scripted.script("cloudwatch", "GetMetricStatistics", lambda _: {"Datapoints": [point]})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = start(house, reserve(house, a_function(house), 15))
    assert ended["outcome"] == "succeeded"


def test_it_reserves_the_old_number_again(house: House, function: str) -> None:
    running(house, 7)
    run, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert reservation(house, function) == 10
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["10 are reserved"]


def test_a_plan_changes_nothing_and_shows_both_numbers(house: House, function: str) -> None:
    planned = house.plan(NAME, function=function, reserved_before=10, raised=15)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    number = "ReservedConcurrentExecutions"
    assert (line["parameters"][number], line["undo"]["parameters"][number]) == (10, 15)
    assert house.scripted.changes() == []


@pytest.mark.parametrize(
    ("number", "given", "why"),
    [
        (20, {}, "its reservation is still 15"),
        (10, {}, "its reservation is still 15"),
        (15, {"reserved_before": 15}, "15 is less than 15"),
    ],
    ids=["somebody raised it more", "it is put back already", "not less"],
)
def test_what_is_not_as_it_was_left_is_left_alone(house: House, number: int, given: dict[str, int], why: str) -> None:
    function = reserve(house, a_function(house), number)
    _, ended = start(house, function, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_a_reservation_that_is_gone_is_not_made_anew(house: House) -> None:
    _, ended = start(house, a_function(house))
    assert ended["outcome"] == "not_applicable"


def test_while_many_calls_run_nothing_is_taken_away_and_it_is_tried_again(house: House, function: str) -> None:
    running(house, 8)
    run, ended = start(house, function)
    assert ended["outcome"] == "not_applicable"
    assert "no more than 70 % of 10 run at once (8 do)" in ended["words"]
    (later,) = [fact for fact in house.facts(run) if "later" in fact]
    assert later["runbook"] == NAME
    assert house.crew.installation.catalog[NAME].form.validate(later["parameters"])["raised"] == 15
    assert reservation(house, function) == 15


def test_a_number_that_does_not_show_in_time_is_no_proof(house: House, function: str) -> None:
    shown = {"ReservedConcurrentExecutions": 15}
    house.scripted.script("lambda", "GetFunctionConcurrency", lambda _: shown)
    _, ended = start(house, function)
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["lambda:PutFunctionConcurrency"]


def test_a_refused_change_leaves_nothing_to_undo(house: House, function: str) -> None:
    house.scripted.answer("lambda", "PutFunctionConcurrency", Refusal("ResourceConflictException", status=409))
    run, ended = start(house, function)
    assert ended["outcome"] == "failed"
    assert "undone" not in house.closing(run)
    assert reservation(house, function) == 15


def test_an_error_after_the_change_reserves_the_higher_number_again(house: House, function: str) -> None:
    refused = Refusal("AccessDeniedException", status=403)
    house.scripted.script("lambda", "GetFunctionConcurrency", lambda _: refused if house.scripted.changes() else None)
    run, ended = start(house, function)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["put its reservation back to 10"]
    assert reservation(house, function) == 15


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, function: str) -> None:
    house.scripted.lose_reply("lambda", "PutFunctionConcurrency")
    run, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["lambda:PutFunctionConcurrency"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_no_alarm_starts_it(house: House) -> None:
    """It is the follow-up of another run, or a person's."""
    assert house.crew.installation.catalog[NAME].triggers == ()
