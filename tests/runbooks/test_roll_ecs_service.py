"""roll-ecs-service: what it promises at night.

States of deployments and service deployments: ECS developer guide, "View service history using Amazon ECS service
deployments" and "Stopping Amazon ECS service deployments". moto has no service deployments; their answers are scripted.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.groups import a_target_group
from tests.runbooks.services import a_service, cluster_of, described, newest

NAME = "roll-ecs-service"
DEPLOYMENT = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/checkout/r9i43YFjvgF_xlg7m2eJ1r"
HEALTHY = {"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}] * 2}

Event = Callable[[str], dict[str, Any]]


def start(house: House, service: str, **given: Any) -> tuple[str, dict[str, Any]]:
    return house.start(NAME, service=service, cluster=cluster_of(service), **{"within": "1m", **given})


def changed(house: House) -> bool:
    return bool(house.scripted.changes())


def stuck(house: House, service: str, **otherwise: Any) -> None:
    """From the change on, its new deployment is under way and does not end; ECS names it as one to stop."""

    def answer(_: Any) -> Any:
        if not changed(house):
            return None
        found = newest(house, service, rolloutState="IN_PROGRESS", **otherwise)["services"][0]
        return {"services": [{**found, "currentServiceDeployment": DEPLOYMENT}]}

    house.scripted.script("ecs", "DescribeServices", answer)


def can_be_rolled_back(house: House) -> None:
    """Stopping a deployment is answered at once; it is rolled back at the second look."""
    house.scripted.script("ecs", "StopServiceDeployment", lambda _: {"serviceDeploymentArn": DEPLOYMENT})
    left = ["ROLLBACK_IN_PROGRESS"]

    def look(_: Any) -> Any:
        status = left.pop() if left else "ROLLBACK_SUCCESSFUL"
        return {"serviceDeployments": [{"serviceDeploymentArn": DEPLOYMENT, "status": status}]}

    house.scripted.script("ecs", "DescribeServiceDeployments", look)


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    rolled = a_service(house)
    stuck(house, rolled)
    can_be_rolled_back(house)
    _, ended = start(house, rolled)
    assert ended["outcome"] == "failed"
    house.scripted.answer("ecs", "DescribeServices")
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: HEALTHY)
    _, ended = start(house, a_service(house, targets=a_target_group(house)))
    assert ended["outcome"] == "succeeded"


def test_it_starts_a_new_deployment_and_proves_that_it_took_over(house: House) -> None:
    """By its id: what is completed could be the one before."""
    service = a_service(house)
    before = described(house, service)["services"][0]["deployments"][0]["id"]
    run, ended = start(house, service)
    assert ended["outcome"] == "succeeded"
    (sent,) = [each.parameters for each in house.scripted.sent if each.changes]
    assert sent == {"cluster": cluster_of(service), "service": service, "forceNewDeployment": True}
    assert described(house, service)["services"][0]["deployments"][0]["id"] != before
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "only the new tasks run, and none failed"
    ]


def test_a_plan_changes_nothing_and_shows_how_it_would_be_rolled_back(house: House) -> None:
    service = a_service(house)
    planned = house.plan(NAME, service=service, cluster=cluster_of(service))
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"]["forceNewDeployment"] is True
    (undo,) = [each for each in line["undo"] if each["verb"] == "change"]
    assert (undo["call"], undo["parameters"]["stopType"]) == ("ecs:StopServiceDeployment", "ROLLBACK")
    assert house.scripted.changes() == []


def test_a_service_that_does_not_exist_is_not_applicable(house: House) -> None:
    """AWS says so inside a good answer."""
    _, ended = house.start(NAME, service="nobody", cluster=cluster_of(a_service(house)))
    assert ended["outcome"] == "not_applicable"
    assert "there is no such service in the cluster" in ended["words"]


@pytest.mark.parametrize(
    ("otherwise", "why"),
    [
        ({"status": "DRAINING"}, "it is ACTIVE"),
        ({"deploymentController": {"type": "CODE_DEPLOY"}}, "rolling updates"),
        ({"deploymentConfiguration": {"strategy": "BLUE_GREEN"}}, "rolling updates"),
        ({"desiredCount": 0, "runningCount": 0}, "wants a task"),
        ({"runningCount": 1}, "it is stable"),
        ({"deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100}}, "2 to 2 may run"),
    ],
    ids=["drains", "CodeDeploy", "blue/green", "wants none", "tasks are missing", "no room"],
)
def test_a_service_that_a_roll_would_not_help_is_left_alone(house: House, otherwise: dict[str, Any], why: str) -> None:
    service = a_service(house)
    house.scripted.script("ecs", "DescribeServices", lambda _: described(house, service, **otherwise))
    _, ended = start(house, service)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert not changed(house)


def test_a_deployment_that_is_under_way_already_is_left_to_end(house: House) -> None:
    """ECS replaces the tasks already: nothing is started beside it."""
    service = a_service(house)
    house.scripted.script("ecs", "DescribeServices", lambda _: newest(house, service, rolloutState="IN_PROGRESS"))
    _, ended = start(house, service)
    assert ended["outcome"] == "not_applicable"
    assert not changed(house)


@pytest.mark.parametrize("image", ["shop/checkout", "registry.example:5000/shop/checkout:latest"])
def test_an_image_that_may_be_other_code_now_wants_to_be_allowed(house: House, image: str) -> None:
    """A restart that ships code is no restart."""
    _, ended = start(house, a_service(house, image=image))
    assert ended["outcome"] == "not_applicable"
    assert not changed(house)
    _, ended = start(house, a_service(house, image=image), new_images=True)
    assert ended["outcome"] == "succeeded"


def test_the_load_balancer_must_see_every_task_healthy(house: House) -> None:
    service = a_service(house, targets=a_target_group(house))
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: HEALTHY)
    run, ended = start(house, service)
    assert ended["outcome"] == "succeeded"
    assert house.facts(run)[-1]["proved"].startswith("2 are healthy targets of targets-")


def test_targets_that_stay_ill_are_no_cure_and_nothing_is_taken_back(house: House) -> None:
    """The deployment is over by then, and the old tasks were no better."""
    service = a_service(house, targets=a_target_group(house))
    ill = {"TargetHealthDescriptions": [{"TargetHealth": {"State": state}} for state in ("healthy", "unhealthy")]}
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: ill if changed(house) else HEALTHY)
    _, ended = start(house, service)
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["ecs:UpdateService"]


def test_a_deployment_that_does_not_end_in_time_is_rolled_back(house: House) -> None:
    service = a_service(house)
    stuck(house, service)
    can_be_rolled_back(house)
    run, ended = start(house, service)
    assert ended["outcome"] == "failed"
    assert "its tasks have taken over, or it gave up: not within 1 min" in ended["words"]
    assert house.closing(run)["undone"] == ["start a new deployment"]
    assert house.scripted.changes() == ["ecs:UpdateService", "ecs:StopServiceDeployment"]


def test_a_deployment_that_gave_up_is_not_waited_for(house: House) -> None:
    """The circuit breaker stops it; a deployment that cannot be stopped any more is left for a person."""
    service = a_service(house)

    def failed(_: Any) -> Any:
        if not changed(house):
            return None
        found = newest(house, service, rolloutState="FAILED", failedTasks=3)["services"][0]
        return {"services": [{**found, "currentServiceDeployment": DEPLOYMENT}]}

    house.scripted.script("ecs", "DescribeServices", failed)
    house.scripted.answer("ecs", "StopServiceDeployment", Refusal("ConflictException"))
    run, ended = start(house, service)
    assert ended["outcome"] == "failed"
    assert "ConflictException" in house.closing(run)["not_undone"][0]["words"]


def test_a_deployment_that_ecs_rolled_back_by_itself_is_no_success(house: House) -> None:
    """It ends COMPLETED, with the old tasks, under another id."""
    service, looks = a_service(house), iter(range(1000))

    def rolled_back(_: Any) -> Any:
        if not changed(house) or next(looks) < 1:
            return None
        return newest(house, service, id="ecs-svc/of-the-rollback")

    house.scripted.script("ecs", "DescribeServices", rolled_back)
    run, ended = start(house, service)
    assert ended["outcome"] == "failed"
    assert "it was not rolled back, and nobody deployed since" in ended["words"]
    assert house.closing(run)["undone"] == ["start a new deployment"]
    assert house.scripted.changes() == ["ecs:UpdateService"]


def test_new_tasks_that_fail_are_no_cure(house: House) -> None:
    """All run, but some failed on the way: the next ones may, too (ECS API reference, Deployment, failedTasks)."""
    service = a_service(house)

    def some_failed(_: Any) -> Any:
        return newest(house, service, failedTasks=2) if changed(house) else None

    house.scripted.script("ecs", "DescribeServices", some_failed)
    _, ended = start(house, service)
    assert ended["outcome"] == "ineffective"
    assert "only the new tasks run, and none failed" in ended["words"]
    assert house.scripted.changes() == ["ecs:UpdateService"]


def test_the_undo_leaves_alone_what_somebody_deployed_meanwhile(house: House) -> None:
    """The run can see no more, and fails; when it looks again the newest deployment is somebody else's."""
    service = a_service(house)
    can_be_rolled_back(house)
    begun: dict[str, Any] = {"rolloutState": "IN_PROGRESS"}
    looks: Iterator[dict[str, Any] | Refusal] = iter([begun, Refusal("AccessDeniedException")])

    def then_others(_: Any) -> Any:
        if not changed(house):
            return None
        seen = next(looks, {**begun, "id": "ecs-svc/of-somebody-else"})
        if isinstance(seen, Refusal):
            return seen
        found = newest(house, service, **seen)["services"][0]
        return {"services": [{**found, "currentServiceDeployment": DEPLOYMENT}]}

    house.scripted.script("ecs", "DescribeServices", then_others)
    run, ended = start(house, service)
    assert ended["outcome"] == "failed"
    assert house.scripted.changes() == ["ecs:UpdateService"]
    assert "nobody deployed since" in house.closing(run)["not_undone"][0]["words"]


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    house.scripted.answer("ecs", "UpdateService", Refusal("ServiceNotActiveException"))
    run, ended = start(house, a_service(house))
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "ServiceNotActiveException"
    assert "undone" not in house.closing(run)


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    """A second deployment would stop the first one's tasks while they start."""
    house.scripted.lose_reply("ecs", "UpdateService")
    run, ended = start(house, a_service(house))
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["ecs:UpdateService"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_full_memory_finds_it_and_low_memory_does_not(house: House, event: Event) -> None:
    """From the event to cured, by both names in the alarm's dimensions."""
    service = a_service(house)
    answer, ended = house.crew.event(alarm(house, event("asg-cpu-high"), service))
    assert (answer.runbook, ended and ended.result["outcome"]) == (NAME, "cured")
    answer, _ = house.crew.event(alarm(house, event("low-direction"), service))
    assert answer.kind == "left"


def alarm(house: House, sent: dict[str, Any], service: str) -> dict[str, Any]:
    """The event as an alarm on the service's memory sends it."""
    metric = sent["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    metric |= {"namespace": "AWS/ECS", "name": "MemoryUtilization", "dimensions": {}}
    return house.alarmed(sent, {"ClusterName": cluster_of(service), "ServiceName": service})
