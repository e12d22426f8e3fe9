"""raise-lambda-provisioned-concurrency: what it promises at night.

States: Lambda API reference, PutProvisionedConcurrencyConfig. Limits: developer guide, "Configuring provisioned
concurrency for a function".
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.follow_ups import left_for_later
from tests.runbooks.functions import ALIAS, a_function, alarm, provide, provided, reserve, with_versions

NAME = "raise-lambda-provisioned-concurrency"
PUT, DELETE = "lambda:PutProvisionedConcurrencyConfig", "lambda:DeleteProvisionedConcurrencyConfig"

Event = Callable[[str], dict[str, Any]]


@pytest.fixture
def function(house: House) -> str:
    """A function whose alias has ten provisioned."""
    return provide(house, with_versions(house, a_function(house), 1), 10)


def start(house: House, function: str, **given: Any) -> tuple[str, dict[str, Any]]:
    return house.start(NAME, **{"function": function, "alias": ALIAS, "within": "1m", **given})


def seen(house: House, **shown: Any) -> None:
    """From the next change on, to the one after, the alias shows these members."""
    made = len(house.scripted.changes()) + 1

    def alter(_: Any, answer: dict[str, Any]) -> None:
        if len(house.scripted.changes()) == made:
            for each in answer["ProvisionedConcurrencyConfigs"]:
                each.update(shown)

    house.scripted.after("lambda", "ListProvisionedConcurrencyConfigs", alter)


def left(house: House, free: int) -> None:
    """So many are not reserved in the Region."""
    limit = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": free}
    house.scripted.script("lambda", "GetAccountSettings", lambda _: {"AccountLimit": limit})


def tour(house: House) -> None:
    """The runs that together send every call that it declares: one that ends well, and one that is undone."""
    _, ended = start(house, provide(house, with_versions(house, a_function(house), 1), 10))
    assert ended["outcome"] == "succeeded"
    seen(house, Status="FAILED", StatusReason="no room")
    _, ended = start(house, with_versions(house, a_function(house), 1), to=5)
    assert ended["outcome"] == "failed"


def test_it_raises_the_number_and_proves_that_they_are_ready_and_nothing_spills_over(
    house: House, function: str
) -> None:
    run, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [PUT]
    assert provided(house, function) == {ALIAS: 15}
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "15 are ready",
        "no call spills over any more",
        "no call is throttled any more",
    ]


def test_lambda_takes_a_while_and_ready_is_waited_for(house: House, function: str) -> None:
    looks = [2]

    def slow(_: Any, answer: dict[str, Any]) -> None:
        if house.scripted.changes() and looks[0]:
            looks[0] -= 1
            half = {"Status": "IN_PROGRESS", "AvailableProvisionedConcurrentExecutions": 12}
            answer["ProvisionedConcurrencyConfigs"][0] |= half

    house.scripted.after("lambda", "ListProvisionedConcurrencyConfigs", slow)
    run, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert [fact["tries"] for fact in house.facts(run) if "waited" in fact] == [3]


def test_the_old_number_is_put_back_later(house: House, function: str) -> None:
    run, _ = start(house, function, keep="2h")
    ((runbook, parameters, after),) = left_for_later(house, run)
    assert runbook == "put-back-lambda-provisioned-concurrency"
    assert parameters == {"function": function, "alias": ALIAS, "provisioned_before": 10, "raised": 15}
    assert timedelta(hours=1) < after <= timedelta(hours=2)
    house.crew.installation.catalog[runbook].form.validate(parameters)


@pytest.mark.parametrize(
    ("given", "free", "wanted"),
    [
        ({"percent": 1}, 900, 11),
        ({"percent": 900, "at_most": 30}, 900, 30),
        ({"percent": 900}, 104, 14),
        ({"to": 12}, 900, 12),
    ],
    ids=["one at least", "not above at_most", "not what others need", "as many as named"],
)
def test_the_step_is_bounded(house: House, function: str, given: dict[str, int], free: int, wanted: int) -> None:
    left(house, free)
    assert start(house, function, **given)[1]["outcome"] == "succeeded"
    assert provided(house, function) == {ALIAS: wanted}


def test_of_a_reservation_no_more_is_taken_than_it_holds(house: House, function: str) -> None:
    """What other versions have counts, too."""
    reserve(house, function, 20)
    provide(house, function, 7, "1")
    assert start(house, function)[1]["outcome"] == "succeeded"
    assert provided(house, function) == {ALIAS: 13, "1": 7}


def test_where_nothing_is_provisioned_a_number_is_wanted(house: House) -> None:
    function = with_versions(house, a_function(house), 1)
    assert start(house, function, to=5)[1]["outcome"] == "succeeded"
    assert provided(house, function) == {ALIAS: 5}


def test_a_plan_changes_nothing_and_shows_both_numbers(house: House, function: str) -> None:
    planned = house.plan(NAME, function=function, alias=ALIAS)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    number = "ProvisionedConcurrentExecutions"
    assert (line["parameters"][number], line["undo"]["parameters"][number]) == (15, 10)
    assert house.scripted.changes() == []


def not_applicable(house: House, function: str, why: str, **given: Any) -> None:
    """It ends so, says why, and sends no change."""
    _, ended = start(house, function, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_what_does_not_exist_is_not_applicable(house: House, function: str) -> None:
    not_applicable(house, function, "find nobody", alias="nobody")
    not_applicable(house, "nobody", "find live")


def test_what_has_enough_already_is_left_alone(house: House, function: str) -> None:
    not_applicable(house, function, "there is room for more than 10 (at_most 10", at_most=10)
    left(house, 100)
    not_applicable(house, function, "there is room for more than 10 (at_most 100, 0 free)")


def test_nothing_to_go_by_is_left_alone(house: House) -> None:
    not_applicable(house, with_versions(house, a_function(house), 1), "or `to` says how much")


def test_the_latest_code_can_have_none(house: House, function: str) -> None:
    not_applicable(house, function, "it is an alias or a published version", alias="$LATEST")


def test_an_alias_that_is_just_being_provisioned_is_left_alone(house: House, function: str) -> None:
    def busy(_: Any, answer: dict[str, Any]) -> None:
        answer["ProvisionedConcurrencyConfigs"][0]["Status"] = "IN_PROGRESS"

    house.scripted.after("lambda", "ListProvisionedConcurrencyConfigs", busy)
    not_applicable(house, function, "nothing is on its way already")


def test_an_alias_that_scales_by_itself_is_left_alone(house: House, function: str) -> None:
    """Its policy would take the new ones back."""
    dimension = "lambda:function:ProvisionedConcurrency"
    target = {"ResourceId": "function:f:live", "ScalableDimension": dimension, "MinCapacity": 1, "MaxCapacity": 9}
    house.scripted.script("application-autoscaling", "DescribeScalableTargets", lambda _: {"ScalableTargets": [target]})
    not_applicable(house, function, "it does not scale by itself")


def test_calls_that_spill_over_all_the_same_are_no_cure_and_the_number_stays(house: House, function: str) -> None:
    point = {"Timestamp": house.crew.installation.clock.now(), "Maximum": 1.0}
    house.scripted.script("cloudwatch", "GetMetricStatistics", lambda _: {"Datapoints": [point]})
    _, ended = start(house, function)
    assert ended["outcome"] == "ineffective"
    assert "no proof that no call spills over any more" in ended["words"]
    assert provided(house, function) == {ALIAS: 15}


def test_a_refused_change_leaves_nothing_to_undo(house: House, function: str) -> None:
    """Somebody else took what was left."""
    house.scripted.answer("lambda", "PutProvisionedConcurrencyConfig", Refusal("InvalidParameterValueException"))
    run, ended = start(house, function)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidParameterValueException"
    assert "undone" not in house.closing(run)
    assert provided(house, function) == {ALIAS: 10}


def test_what_lambda_cannot_make_is_taken_back_at_once_with_its_reason(house: House, function: str) -> None:
    seen(house, Status="FAILED", StatusReason="INIT failed")
    run, ended = start(house, function)
    assert ended["outcome"] == "failed"
    assert "Lambda could make them (INIT failed)" in ended["words"]
    assert house.closing(run)["undone"] == ["raise what live has provisioned from 10 to 15"]
    assert house.scripted.changes() == [PUT, PUT]
    assert provided(house, function) == {ALIAS: 10}


def test_what_is_not_ready_in_time_is_taken_back_to_nothing_where_there_was_nothing(house: House) -> None:
    """The deadline passed."""
    function = with_versions(house, a_function(house), 1)
    seen(house, Status="IN_PROGRESS")
    _, ended = start(house, function, to=5)
    assert ended["outcome"] == "failed"
    assert "they are made, or cannot be: not within 1 min" in ended["words"]
    assert house.scripted.changes() == [PUT, DELETE]
    assert provided(house, function) == {}


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, function: str) -> None:
    house.scripted.lose_reply("lambda", "PutProvisionedConcurrencyConfig")
    run, ended = start(house, function)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == [PUT]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


@pytest.mark.parametrize("metric", ["ProvisionedConcurrencySpilloverInvocations", "ProvisionedConcurrencyUtilization"])
def test_the_aliass_alarms_find_it(house: House, function: str, event: Event, metric: str) -> None:
    """CloudWatch names the alias with its function."""
    about = {"FunctionName": function, "Resource": f"{function}:{ALIAS}"}
    answer, ended = house.crew.event(alarm(house, event("asg-cpu-high"), metric, about))
    assert (answer.runbook, ended and ended.result["outcome"]) == (NAME, "cured")
    assert provided(house, function) == {ALIAS: 15}
