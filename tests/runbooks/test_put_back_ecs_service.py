"""put-back-ecs-service: what it promises when the load is gone."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.groups import a_target_group
from tests.runbooks.services import a_scaler, a_service, cluster_of, count, described, least, newest

NAME = "put-back-ecs-service"
HEALTHY = {"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}] * 2}


def start(house: House, service: str, **given: Any) -> tuple[str, dict[str, Any]]:
    known = {"desired": 2, "raised": 3, "within": "1m"}
    return house.start(NAME, service=service, cluster=cluster_of(service), **{**known, **given})


def busy(house: House, percent: float) -> None:
    """CloudWatch says how busy the service is."""
    point = {"Timestamp": house.crew.installation.clock.now() - timedelta(minutes=2), "Maximum": percent}
    house.scripted.script("cloudwatch", "GetMetricStatistics", lambda _: {"Datapoints": [point]})


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = start(house, a_service(house, tasks=3, targets=a_target_group(house)))
    assert ended["outcome"] == "succeeded"
    scaled = a_service(house, tasks=3)
    a_scaler(house, scaled, smallest=3)
    _, ended = start(house, scaled, smallest=1)
    assert ended["outcome"] == "succeeded"


def test_it_lets_the_service_want_the_old_number_again(house: House) -> None:
    service = a_service(house, tasks=3)
    busy(house, 30)
    _, ended = start(house, service)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["ecs:UpdateService"]
    assert count(house, service) == (2, 2)


def test_the_load_balancer_must_see_the_rest_healthy(house: House) -> None:
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: HEALTHY)
    run, ended = start(house, a_service(house, tasks=3, targets=a_target_group(house)))
    assert ended["outcome"] == "succeeded"
    assert house.facts(run)[-1]["proved"].startswith("2 are healthy targets of targets-")


def test_an_autoscaler_gets_its_minimum_back_and_decides_by_itself(house: House) -> None:
    service = a_service(house, tasks=3)
    a_scaler(house, service, smallest=3, largest=6)
    _, ended = start(house, service, smallest=1)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["application-autoscaling:RegisterScalableTarget"]
    assert (least(house, service), count(house, service)) == ((1, 6), (3, 3))


def test_a_plan_changes_nothing_and_shows_both_numbers(house: House) -> None:
    service = a_service(house, tasks=3)
    planned = house.plan(NAME, service=service, cluster=cluster_of(service), desired=2, raised=3)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert (line["parameters"]["desiredCount"], line["undo"]["parameters"]["desiredCount"]) == (2, 3)
    assert house.scripted.changes() == []


@pytest.mark.parametrize(
    ("tasks", "given", "why"),
    [
        (4, {}, "it still wants 3"),
        (2, {}, "it still wants 3"),
        (3, {"desired": 3}, "3 is fewer than 3"),
        (3, {"smallest": 1}, "its autoscaler's minimum is still 3"),
    ],
    ids=["somebody added more", "it is put back already", "not fewer", "its autoscaler is gone"],
)
def test_what_is_not_as_it_was_left_is_left_alone(house: House, tasks: int, given: dict[str, int], why: str) -> None:
    service = a_service(house, tasks=tasks)
    _, ended = start(house, service, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_an_autoscaler_that_came_since_is_left_to_decide(house: House) -> None:
    service = a_service(house, tasks=3)
    a_scaler(house, service)
    _, ended = start(house, service)
    assert ended["outcome"] == "not_applicable"
    assert "nothing scales it by itself, as before" in ended["words"]


def test_while_it_is_busy_nothing_is_taken_away_and_it_is_tried_again(house: House) -> None:
    """60 % of three tasks would be 90 % of two."""
    service = a_service(house, tasks=3)
    busy(house, 60)
    run, ended = start(house, service)
    assert ended["outcome"] == "not_applicable"
    assert "2 would be 70 % busy at most, and not 90 %" in ended["words"]
    (later,) = [fact for fact in house.facts(run) if "later" in fact]
    assert later["runbook"] == NAME
    assert house.crew.installation.catalog[NAME].form.validate(later["parameters"])["raised"] == 3
    assert count(house, service) == (3, 3)


def test_a_service_that_is_being_deployed_is_left_alone(house: House) -> None:
    service = a_service(house, tasks=3)
    house.scripted.script("ecs", "DescribeServices", lambda _: newest(house, service, rolloutState="IN_PROGRESS"))
    _, ended = start(house, service)
    assert ended["outcome"] == "not_applicable"


def test_tasks_that_do_not_go_in_time_are_no_proof_and_nothing_more_is_changed(house: House) -> None:
    service = a_service(house, tasks=3)

    def slow(_: Any) -> Any:
        return described(house, service, runningCount=3) if house.scripted.changes() else None

    house.scripted.script("ecs", "DescribeServices", slow)
    _, ended = start(house, service)
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["ecs:UpdateService"]


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    service = a_service(house, tasks=3)
    house.scripted.answer("ecs", "UpdateService", Refusal("InvalidParameterException"))
    run, ended = start(house, service)
    assert ended["outcome"] == "failed"
    assert "undone" not in house.closing(run)
    assert count(house, service) == (3, 3)


def test_an_error_after_the_change_sets_the_number_up_again(house: House) -> None:
    """AWS refuses to say more: what is not known to be well is taken back."""
    service = a_service(house, tasks=3)
    refused = Refusal("AccessDeniedException")
    house.scripted.script("ecs", "DescribeServices", lambda _: refused if house.scripted.changes() else None)
    run, ended = start(house, service)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["let it want 2 again"]
    assert count(house, service)[0] == 3


@pytest.mark.parametrize("smallest", [None, 1], ids=["a number", "an autoscaler's minimum"])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, smallest: int | None) -> None:
    service = a_service(house, tasks=3)
    if smallest is None:
        house.scripted.lose_reply("ecs", "UpdateService")
    else:
        a_scaler(house, service, smallest=3)
        house.scripted.lose_reply("application-autoscaling", "RegisterScalableTarget")
    run, ended = start(house, service, smallest=smallest)
    assert ended["outcome"] == "succeeded"
    assert len(house.scripted.changes()) == 1
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_no_alarm_starts_it(house: House) -> None:
    """It is the follow-up of another run, or a person's."""
    assert house.crew.installation.catalog[NAME].triggers == ()
