"""put-back-lambda-provisioned-concurrency: what it promises when the load is gone."""

from typing import Any

import pytest

from nightcrew.admission.cancelling import cancel
from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.follow_ups import left_for_later
from tests.runbooks.functions import ALIAS, a_function, provide, provided, with_versions

NAME = "put-back-lambda-provisioned-concurrency"
PUT, DELETE = "lambda:PutProvisionedConcurrencyConfig", "lambda:DeleteProvisionedConcurrencyConfig"


def raised(house: House, number: int = 15) -> str:
    """A function whose alias has the fifteen that a run left."""
    return provide(house, with_versions(house, a_function(house), 1), number)


@pytest.fixture
def function(house: House) -> str:
    """One of them."""
    return raised(house)


def start(house: House, function: str, **given: Any) -> tuple[str, dict[str, Any]]:
    usual = {"function": function, "alias": ALIAS, "provisioned_before": 10, "raised": 15, "within": "1m"}
    return house.start(NAME, **{**usual, **given})


def in_use(house: House, number: float) -> None:
    """So many are in use at once, says CloudWatch."""
    point = {"Timestamp": house.crew.installation.clock.now(), "Maximum": number}
    house.scripted.script("cloudwatch", "GetMetricStatistics", lambda _: {"Datapoints": [point]})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    assert start(house, raised(house))[1]["outcome"] == "succeeded"
    assert start(house, raised(house), provisioned_before=0)[1]["outcome"] == "succeeded"


def test_it_provisions_the_old_number_again(house: House, function: str) -> None:
    in_use(house, 7)
    run, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [PUT]
    assert provided(house, function) == {ALIAS: 10}
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["live has 10 provisioned"]


def test_where_there_was_nothing_there_is_nothing_again(house: House, function: str) -> None:
    """However many are in use: what is not warm is made when it is called."""
    in_use(house, 15)
    assert start(house, function, provisioned_before=0)[1]["outcome"] == "succeeded"
    assert house.scripted.changes() == [DELETE]
    assert provided(house, function) == {}


def test_a_plan_changes_nothing_and_shows_both_numbers(house: House, function: str) -> None:
    planned = house.plan(NAME, function=function, alias=ALIAS, provisioned_before=10, raised=15)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    number = "ProvisionedConcurrentExecutions"
    assert (line["parameters"][number], line["undo"]["parameters"][number]) == (10, 15)
    assert house.scripted.changes() == []


def not_applicable(house: House, function: str, why: str, **given: Any) -> str:
    """It ends so, says why, and sends no change; the run."""
    run, ended = start(house, function, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []
    return run


@pytest.mark.parametrize("now", [10, 20], ids=["it is put back already", "somebody raised it more"])
def test_a_number_that_somebody_changed_is_left_alone(house: House, now: int) -> None:
    not_applicable(house, raised(house, now), "live still has 15 provisioned")


def test_what_is_gone_or_would_be_no_less_is_left_alone(house: House, function: str) -> None:
    not_applicable(house, "nobody", "ask what is provisioned")
    not_applicable(house, with_versions(house, a_function(house), 1), "live still has 15 provisioned")
    not_applicable(house, function, "15 is less than 15", provisioned_before=15)


def test_while_many_are_in_use_nothing_is_taken_away_and_it_is_tried_again(house: House, function: str) -> None:
    in_use(house, 8)
    run = not_applicable(house, function, "no more than 70 % of 10 are in use at once (8 are)")
    ((runbook, parameters, _),) = left_for_later(house, run)
    assert (runbook, parameters["busy"]) == (NAME, 70)
    assert house.crew.installation.catalog[NAME].form.validate(parameters)["raised"] == 15


def test_a_number_that_does_not_show_in_time_is_no_proof(house: House, function: str) -> None:
    def stale(_: Any, answer: dict[str, Any]) -> None:
        answer["ProvisionedConcurrencyConfigs"][0]["RequestedProvisionedConcurrentExecutions"] = 15

    house.scripted.after("lambda", "ListProvisionedConcurrencyConfigs", stale)
    _, ended = start(house, function)
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == [PUT]


def test_a_refused_change_leaves_nothing_to_undo(house: House, function: str) -> None:
    house.scripted.answer("lambda", "PutProvisionedConcurrencyConfig", Refusal("ResourceConflictException", status=409))
    run, ended = start(house, function)
    assert ended["outcome"] == "failed"
    assert "undone" not in house.closing(run)
    assert provided(house, function) == {ALIAS: 15}


def test_a_cancelled_run_provisions_the_higher_number_again(house: House, function: str) -> None:
    def wish(_: Any, __: Any) -> None:
        run = next(what["run"] for _, what in reversed(house.told) if "run" in what)
        cancel(house.crew.store, run, by="bob", reason="wait", now=house.crew.installation.clock.now())

    house.scripted.after("lambda", "DeleteProvisionedConcurrencyConfig", wish)
    run, ended = start(house, function, provisioned_before=0)
    assert ended["outcome"] == "cancelled"
    assert house.closing(run)["undone"] == ["put back 0"]
    assert house.scripted.changes() == [DELETE, PUT]
    assert provided(house, function) == {ALIAS: 15}


@pytest.mark.parametrize(("before", "operation"), [(10, "Put"), (0, "Delete")])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, function: str, before: int, operation: str) -> None:
    house.scripted.lose_reply("lambda", f"{operation}ProvisionedConcurrencyConfig")
    run, ended = start(house, function, provisioned_before=before)
    assert ended["outcome"] == "succeeded"
    assert len(house.scripted.changes()) == 1
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_no_alarm_starts_it(house: House) -> None:
    assert house.crew.installation.catalog[NAME].triggers == ()
