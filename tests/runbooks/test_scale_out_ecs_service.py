"""scale-out-ecs-service: what it promises at night. Events: ECS developer guide, "service event messages"."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.groups import a_target_group
from tests.runbooks.services import a_scaler, a_service, cluster_of, count, described, least, newest

NAME = "scale-out-ecs-service"
NO_ROOM = "(service checkout) was unable to place a task because no container instance met all of its requirements."

Event = Callable[[str], dict[str, Any]]


def start(house: House, service: str, **given: Any) -> tuple[str, dict[str, Any]]:
    return house.start(NAME, service=service, cluster=cluster_of(service), **{"within": "1m", **given})


def follow_ups(house: House, run: str) -> list[dict[str, Any]]:
    return [fact for fact in house.facts(run) if "later" in fact]


def health(house: House, before: int, after: int) -> None:
    """So many targets are healthy before the change, and after it."""

    def answer(_: Any) -> Any:
        states = ["healthy"] * (after if house.scripted.changes() else before)
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": state}} for state in states]}

    house.scripted.script("elbv2", "DescribeTargetHealth", answer)


def no_task_comes(house: House, service: str) -> None:
    """From the change on it wants more and gets none; its events say why."""

    def answer(_: Any) -> Any:
        if not house.scripted.changes():
            return None
        event = {"id": "event-2", "createdAt": datetime(2026, 11, 21, 3, 1, tzinfo=UTC), "message": NO_ROOM}
        return described(house, service, runningCount=2, pendingCount=1, events=[event])

    house.scripted.script("ecs", "DescribeServices", answer)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    _, ended = start(house, a_service(house, targets=a_target_group(house)))
    assert ended["outcome"] == "succeeded"
    scaled = a_service(house)
    a_scaler(house, scaled)
    _, ended = start(house, scaled)
    assert ended["outcome"] == "succeeded"


def test_it_raises_what_the_service_wants_and_proves_that_the_tasks_run(house: House) -> None:
    service = a_service(house)
    run, ended = start(house, service)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["ecs:UpdateService"]
    assert count(house, service) == (3, 3)
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["3 tasks run"]


def test_an_autoscaler_is_told_by_its_minimum(house: House) -> None:
    """What the service wants it would set back; its maximum stays."""
    service = a_service(house)
    a_scaler(house, service, smallest=1, largest=6)
    _, ended = start(house, service, percent=100)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["application-autoscaling:RegisterScalableTarget"]
    (sent,) = [each.parameters for each in house.scripted.sent if each.changes]
    assert "MaxCapacity" not in sent
    assert least(house, service) == (4, 6)


@pytest.mark.parametrize("smallest", [None, 1], ids=["a number", "an autoscaler's minimum"])
def test_the_old_number_is_put_back_later(house: House, smallest: int | None) -> None:
    """By a run of its own, which knows what it shall find."""
    service = a_service(house)
    if smallest is not None:
        a_scaler(house, service, smallest=smallest)
    run, _ = start(house, service)
    (later,) = follow_ups(house, run)
    more = {} if smallest is None else {"smallest": smallest}
    assert later["runbook"] == "put-back-ecs-service"
    assert later["parameters"] == {
        "service": service,
        "cluster": cluster_of(service),
        "desired": 2,
        "raised": 3,
        **more,
    }
    checked = house.crew.installation.catalog["put-back-ecs-service"].form.validate(later["parameters"])
    assert checked["smallest"] == smallest


@pytest.mark.parametrize(
    ("given", "largest", "wanted"),
    [({"percent": 10}, None, 3), ({"percent": 500}, 3, 3), ({"percent": 500, "at_most": 4}, None, 4)],
    ids=["one at least", "not above the autoscaler's maximum", "not above at_most"],
)
def test_the_step_is_bounded(house: House, given: dict[str, int], largest: int | None, wanted: int) -> None:
    service = a_service(house)
    if largest is not None:
        a_scaler(house, service, largest=largest)
    _, ended = start(house, service, **given)
    assert ended["outcome"] == "succeeded"
    assert count(house, service) == (wanted, wanted)


@pytest.mark.parametrize(
    ("otherwise", "why"),
    [
        ({"status": "INACTIVE"}, "it is ACTIVE"),
        ({"schedulingStrategy": "DAEMON"}, "it is no daemon"),
        ({"deploymentController": {"type": "EXTERNAL"}}, "deployed as a whole"),
        ({"runningCount": 1}, "it is stable"),
        ({"desiredCount": 20, "runningCount": 20}, "fewer than at_most"),
    ],
    ids=["gone", "daemon", "task sets", "tasks are on their way", "large enough"],
)
def test_a_service_that_more_tasks_would_not_help_is_left_alone(
    house: House, otherwise: dict[str, Any], why: str
) -> None:
    service = a_service(house)
    house.scripted.script("ecs", "DescribeServices", lambda _: described(house, service, **otherwise))
    _, ended = start(house, service)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_what_is_on_its_way_already_is_waited_for_by_nobody(house: House) -> None:
    """A deployment starts its own tasks: they would be counted as ours."""
    service = a_service(house)
    house.scripted.script("ecs", "DescribeServices", lambda _: newest(house, service, rolloutState="IN_PROGRESS"))
    _, ended = start(house, service)
    assert ended["outcome"] == "not_applicable"


def test_a_service_at_its_autoscalers_maximum_is_left_alone(house: House) -> None:
    service = a_service(house)
    a_scaler(house, service, largest=2)
    _, ended = start(house, service)
    assert ended["outcome"] == "not_applicable"
    assert "fewer than its autoscaler's maximum (2)" in ended["words"]


def test_a_plan_changes_nothing_and_shows_the_number_and_how_it_comes_back(house: House) -> None:
    service = a_service(house)
    planned = house.plan(NAME, service=service, cluster=cluster_of(service))
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert (line["parameters"]["desiredCount"], line["undo"]["parameters"]["desiredCount"]) == (3, 2)
    assert [each["call"] for each in planned.lines if each["verb"] == "later"] == ["put-back-ecs-service"]
    assert house.scripted.changes() == []


def test_where_no_task_can_be_placed_the_old_number_is_put_back(house: House) -> None:
    """A cluster without room would start them at some later time, when nobody needs them."""
    service = a_service(house)
    no_task_comes(house, service)
    run, ended = start(house, service)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["raise it from 2 to 3"]
    assert count(house, service)[0] == 2
    waited = next(fact for fact in house.facts(run) if fact.get("waited") == "a task more runs")
    assert "was unable to place a task" in waited["seen"]


def test_an_autoscaler_gets_both_numbers_back(house: House) -> None:
    """With the minimum alone, the service would go on wanting what it cannot have."""
    service = a_service(house)
    a_scaler(house, service, smallest=1)
    no_task_comes(house, service)
    _, ended = start(house, service)
    assert ended["outcome"] == "failed"
    assert house.scripted.changes()[1:] == ["application-autoscaling:RegisterScalableTarget", "ecs:UpdateService"]
    assert (least(house, service)[0], count(house, service)[0]) == (1, 2)


def test_tasks_that_came_though_not_all_stay(house: House) -> None:
    """Taking them away while the symptom lasts would make things worse."""
    service = a_service(house)

    def one_came(_: Any) -> Any:
        return described(house, service, runningCount=3) if house.scripted.changes() else None

    house.scripted.script("ecs", "DescribeServices", one_came)
    _, ended = start(house, service, percent=100)
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["ecs:UpdateService"]
    assert count(house, service)[0] == 4


def test_the_load_balancer_must_see_the_new_tasks_healthy(house: House) -> None:
    health(house, 2, 3)
    run, ended = start(house, a_service(house, targets=a_target_group(house)))
    assert ended["outcome"] == "succeeded"
    assert house.facts(run)[-1]["proved"].startswith("3 are healthy targets of targets-")


def test_tasks_that_the_load_balancer_does_not_see_are_no_cure(house: House) -> None:
    health(house, 2, 2)
    _, ended = start(house, a_service(house, targets=a_target_group(house)))
    assert ended["outcome"] == "ineffective"
    assert "no proof that 3 are healthy targets" in ended["words"]


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    house.scripted.answer("ecs", "UpdateService", Refusal("InvalidParameterException"))
    run, ended = start(house, a_service(house))
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "InvalidParameterException"
    assert "undone" not in house.closing(run)
    assert follow_ups(house, run) == []


@pytest.mark.parametrize("scaled", [False, True], ids=["a number", "an autoscaler's minimum"])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, scaled: bool) -> None:
    service = a_service(house)
    if scaled:
        a_scaler(house, service)
        house.scripted.lose_reply("application-autoscaling", "RegisterScalableTarget")
    else:
        house.scripted.lose_reply("ecs", "UpdateService")
    run, ended = start(house, service)
    assert ended["outcome"] == "succeeded"
    assert len(house.scripted.changes()) == 1
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_high_cpu_finds_it_and_low_cpu_does_not(house: House, event: Event) -> None:
    """From the event to cured, by both names in the alarm's dimensions."""
    service = a_service(house)
    answer, ended = house.crew.event(alarm(house, event("asg-cpu-high"), service))
    assert (answer.runbook, ended and ended.result["outcome"]) == (NAME, "cured")
    answer, _ = house.crew.event(alarm(house, event("low-direction"), service))
    assert answer.kind == "left"


def alarm(house: House, sent: dict[str, Any], service: str) -> dict[str, Any]:
    """The event as an alarm on the service's CPU sends it."""
    metric = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    metric |= {"namespace": "AWS/ECS", "name": "CPUUtilization", "dimensions": {}}
    return house.alarmed(sent, {"ClusterName": cluster_of(service), "ServiceName": service})
