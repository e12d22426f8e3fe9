"""raise-lambda-concurrency: what it promises at night. Limits: Lambda API reference, GetAccountSettings."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.functions import a_function, alarm, reservation, reserve

NAME = "raise-lambda-concurrency"

Event = Callable[[str], dict[str, Any]]


@pytest.fixture
def function(house: House) -> str:
    """A function with ten reserved, in a Region that has 900 left for all others."""
    left(house, 900)
    return reserve(house, a_function(house), 10)


def left(house: House, free: int) -> None:
    """So many are not reserved in the Region."""
    limit = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": free}
    house.scripted.script("lambda", "GetAccountSettings", lambda _: {"AccountLimit": limit})


def throttled(house: House, calls: float) -> None:
    """CloudWatch counts throttled calls, also after the change."""
    point = {"Timestamp": house.crew.installation.clock.now(), "Maximum": calls}
    house.scripted.script("cloudwatch", "GetMetricStatistics", lambda _: {"Datapoints": [point]})


def start(house: House, function: str, **given: Any) -> tuple[str, dict[str, Any]]:
    return house.start(NAME, function=function, **{"within": "1m", **given})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = start(house, reserve(house, a_function(house), 10))
    assert ended["outcome"] == "succeeded"


def test_it_raises_the_reservation_and_proves_that_nothing_is_throttled(house: House, function: str) -> None:
    throttled(house, 0)
    run, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert reservation(house, function) == 15
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "15 are reserved",
        "no call is throttled any more",
    ]


def test_what_was_throttled_before_the_change_does_not_count(house: House, function: str) -> None:
    """CloudWatch is asked about the minutes since."""
    start(house, function)
    (asked,) = [each.parameters for each in house.scripted.sent if each.operation == "GetMetricStatistics"]
    assert (asked["EndTime"] - asked["StartTime"]).total_seconds() == 120


def test_the_old_number_is_put_back_later(house: House, function: str) -> None:
    run, _ = start(house, function)
    (later,) = [fact for fact in house.facts(run) if "later" in fact]
    assert later["runbook"] == "put-back-lambda-concurrency"
    assert later["parameters"] == {"function": function, "reserved_before": 10, "raised": 15}
    house.crew.installation.catalog["put-back-lambda-concurrency"].form.validate(later["parameters"])


@pytest.mark.parametrize(
    ("given", "free", "wanted"),
    [({"percent": 1}, 900, 11), ({"percent": 500, "at_most": 30}, 900, 30), ({"percent": 500}, 104, 14)],
    ids=["one at least", "not above at_most", "not what others need"],
)
def test_the_step_is_bounded(house: House, function: str, given: dict[str, int], free: int, wanted: int) -> None:
    left(house, free)
    _, ended = start(house, function, **given)
    assert ended["outcome"] == "succeeded"
    assert reservation(house, function) == wanted


def test_a_plan_changes_nothing_and_shows_both_numbers(house: House, function: str) -> None:
    planned = house.plan(NAME, function=function)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    number = "ReservedConcurrentExecutions"
    assert (line["parameters"][number], line["undo"]["parameters"][number]) == (15, 10)
    assert house.scripted.changes() == []


@pytest.mark.parametrize(
    ("reserved", "free", "why"),
    [
        (None, 900, "it has a reservation"),
        (0, 900, "it is not switched off"),
        (200, 900, "less than at_most (200)"),
        (10, 100, "more than 100 are left to all others (100)"),
    ],
    ids=["the Region's limit", "switched off", "enough already", "nothing to take"],
)
def test_a_function_that_it_cannot_help_is_left_alone(house: House, reserved: int | None, free: int, why: str) -> None:
    left(house, free)
    function = a_function(house)
    if reserved is not None:
        reserve(house, function, reserved)
    _, ended = start(house, function)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_a_function_that_does_not_exist_is_not_applicable(house: House) -> None:
    _, ended = start(house, "nobody")
    assert ended["outcome"] == "not_applicable"


def test_calls_that_are_throttled_all_the_same_are_no_cure_and_the_number_stays(house: House, function: str) -> None:
    throttled(house, 1)
    _, ended = start(house, function)
    assert ended["outcome"] == "ineffective"
    assert "no proof that no call is throttled any more" in ended["words"]
    assert reservation(house, function) == 15


def test_a_refused_change_leaves_nothing_to_undo(house: House, function: str) -> None:
    """Somebody else took what was left."""
    house.scripted.answer("lambda", "PutFunctionConcurrency", Refusal("InvalidParameterValueException"))
    run, ended = start(house, function)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidParameterValueException"
    assert "undone" not in house.closing(run)
    assert reservation(house, function) == 10


def test_an_error_after_the_change_puts_the_old_number_back(house: House, function: str) -> None:
    refused = Refusal("AccessDeniedException", status=403)
    house.scripted.script("lambda", "GetFunctionConcurrency", lambda _: refused if house.scripted.changes() else None)
    run, ended = start(house, function)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["raise its reservation from 10 to 15"]
    assert reservation(house, function) == 10


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, function: str) -> None:
    house.scripted.lose_reply("lambda", "PutFunctionConcurrency")
    run, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["lambda:PutFunctionConcurrency"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_throttles_of_the_function_find_it_and_those_of_the_region_do_not(
    house: House, function: str, event: Event
) -> None:
    answer, ended = house.crew.event(alarm(house, event("asg-cpu-high"), "Throttles", {"FunctionName": function}))
    assert (answer.runbook, ended and ended.result["outcome"]) == (NAME, "cured")
    answer, _ = house.crew.event(alarm(house, event("asg-cpu-high"), "UnreservedConcurrentExecutions", {}))
    assert answer.kind == "left"
