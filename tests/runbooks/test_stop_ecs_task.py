"""stop-ecs-task: what it promises at night.

moto's services have no tasks of their own: they are run beside it, in the service's cluster. Statuses: ECS developer
guide, "Amazon ECS task lifecycle".
"""

from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.groups import a_target_group
from tests.runbooks.services import a_service, cluster_of, described, newest

NAME = "stop-ecs-task"
HEALTHY = {"TargetHealthDescriptions": [{"TargetHealth": {"State": "healthy"}}] * 2}


def with_tasks(house: House, service: str, tasks: int = 2) -> str:
    """Run the service's tasks; returns the id of one of them."""
    made = house.crew.client("ecs").run_task(
        cluster=cluster_of(service),
        taskDefinition=service,
        launchType="FARGATE",
        count=tasks,
        group=f"service:{service}",
    )
    return str(made["tasks"][0]["taskArn"]).rsplit("/", 1)[-1]


def start(house: House, service: str, task: str, **given: Any) -> tuple[str, dict[str, Any]]:
    return house.start(NAME, service=service, cluster=cluster_of(service), task=task, **{"within": "1m", **given})


def tasks_of(house: House, service: str) -> set[str]:
    """The ids of its tasks that run, in the cloud itself."""
    listed = house.crew.client("ecs").list_tasks(cluster=cluster_of(service), desiredStatus="RUNNING")["taskArns"]
    return {arn.rsplit("/", 1)[-1] for arn in listed}


def tour(house: House) -> None:
    """The runs that together send every call that it declares."""
    service = a_service(house, targets=a_target_group(house))
    _, ended = start(house, service, with_tasks(house, service))
    assert ended["outcome"] == "succeeded"


def test_it_stops_the_task_and_proves_that_another_came(house: House) -> None:
    """By its id: that all tasks run could be how it was before."""
    service = a_service(house)
    task = with_tasks(house, service)
    run, ended = start(house, service, task)
    assert ended["outcome"] == "succeeded"
    (sent,) = [each.parameters for each in house.scripted.sent if each.changes]
    assert (sent["task"], sent["reason"]) == (task, f"stopped by {run}")
    assert task not in tasks_of(house, service)
    assert len(tasks_of(house, service)) == 2
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == ["the service has all its tasks again"]


def test_an_arn_does_as_well_as_an_id(house: House) -> None:
    service = a_service(house)
    task = with_tasks(house, service)
    _, ended = start(house, service, f"arn:aws:ecs:eu-west-1:123456789012:task/{cluster_of(service)}/{task}")
    assert ended["outcome"] == "succeeded"


def test_a_plan_changes_nothing_and_shows_which_task_goes(house: House) -> None:
    service = a_service(house)
    task = with_tasks(house, service)
    planned = house.plan(NAME, service=service, cluster=cluster_of(service), task=task)
    assert (planned.outcome, planned.ends) == ("planned", None)
    (line,) = planned.changes
    assert line["parameters"]["task"] == task
    assert [each["title"] for each in line["undo"]] == ["the service has all its tasks"]
    assert house.scripted.changes() == []


def test_a_task_that_does_not_exist_is_not_applicable(house: House) -> None:
    service = a_service(house)
    with_tasks(house, service)
    _, ended = start(house, service, "0" * 32)
    assert ended["outcome"] == "not_applicable"
    assert "there is no such task in the cluster" in ended["words"]


def test_a_task_of_another_service_is_left_alone(house: House) -> None:
    """The lock is on the service that was named."""
    service = a_service(house)
    task = with_tasks(house, service)
    found = house.crew.client("ecs").describe_tasks(cluster=cluster_of(service), tasks=[task])["tasks"][0]
    house.scripted.script("ecs", "DescribeTasks", lambda _: {"tasks": [{**found, "group": "service:other"}]})
    _, ended = start(house, service, task)
    assert ended["outcome"] == "not_applicable"
    assert f"it is a task of {service}" in ended["words"]


def test_a_task_that_is_stopped_already_is_left_alone(house: House) -> None:
    service = a_service(house)
    task = with_tasks(house, service)
    house.crew.client("ecs").stop_task(cluster=cluster_of(service), task=task)
    _, ended = start(house, service, task)
    assert ended["outcome"] == "not_applicable"
    assert "nobody stops it already" in ended["words"]


@pytest.mark.parametrize(("tasks", "others"), [(1, 1), (2, 2)], ids=["the only one", "too few others"])
def test_the_last_tasks_are_left_alone(house: House, tasks: int, others: int) -> None:
    service = a_service(house, tasks=tasks)
    _, ended = start(house, service, with_tasks(house, service, tasks), others=others)
    assert ended["outcome"] == "not_applicable"
    assert f"{others} tasks go on without it" in ended["words"]
    assert house.scripted.changes() == []


def test_while_it_is_deployed_nothing_is_stopped(house: House) -> None:
    """ECS replaces its tasks already."""
    service = a_service(house)
    task = with_tasks(house, service)
    house.scripted.script("ecs", "DescribeServices", lambda _: newest(house, service, rolloutState="IN_PROGRESS"))
    _, ended = start(house, service, task)
    assert ended["outcome"] == "not_applicable"


def test_the_load_balancer_must_see_every_task_healthy(house: House) -> None:
    house.scripted.script("elbv2", "DescribeTargetHealth", lambda _: HEALTHY)
    service = a_service(house, targets=a_target_group(house))
    run, ended = start(house, service, with_tasks(house, service))
    assert ended["outcome"] == "succeeded"
    assert house.facts(run)[-1]["proved"].startswith("2 are healthy targets of targets-")


def test_where_no_other_comes_in_time_it_fails_and_the_service_is_looked_at_once_more(house: House) -> None:
    """The undo is to see ECS replace it; where that does not happen, a person is told."""
    service = a_service(house)
    task = with_tasks(house, service)
    rest = [f"arn:aws:ecs:eu-west-1:123456789012:task/prod/{each}" for each in tasks_of(house, service) - {task}]

    def one_less(_: Any) -> Any:
        return described(house, service, runningCount=1) if house.scripted.changes() else None

    house.scripted.script("ecs", "DescribeServices", one_less)
    house.scripted.script("ecs", "ListTasks", lambda _: {"taskArns": rest} if house.scripted.changes() else None)
    run, ended = start(house, service, task)
    assert ended["outcome"] == "failed"
    assert "another has come: not within 1 min" in ended["words"]
    assert "the service has all its tasks: not within 1 min" in house.closing(run)["not_undone"][0]["words"]
    assert house.scripted.changes() == ["ecs:StopTask"]


def test_another_task_that_does_not_become_steady_is_no_cure(house: House) -> None:
    service = a_service(house)
    task = with_tasks(house, service)

    def pending(_: Any) -> Any:
        return described(house, service, runningCount=1, pendingCount=1) if house.scripted.changes() else None

    house.scripted.script("ecs", "DescribeServices", pending)
    _, ended = start(house, service, task)
    assert ended["outcome"] == "ineffective"
    assert house.scripted.changes() == ["ecs:StopTask"]


def test_a_refused_change_leaves_nothing_to_undo(house: House) -> None:
    service = a_service(house)
    task = with_tasks(house, service)
    house.scripted.answer("ecs", "StopTask", Refusal("AccessDeniedException"))
    run, ended = start(house, service, task)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "AccessDeniedException"
    assert "undone" not in house.closing(run)
    assert task in tasks_of(house, service)


def test_a_lost_reply_is_looked_at_and_not_repeated(house: House) -> None:
    service = a_service(house)
    task = with_tasks(house, service)
    house.scripted.lose_reply("ecs", "StopTask")
    run, ended = start(house, service, task)
    assert ended["outcome"] == "succeeded"
    assert house.scripted.changes() == ["ecs:StopTask"]
    assert [fact["how"] for fact in house.facts(run) if "changed" in fact] == ["looked: it had taken effect"]


def test_no_alarm_starts_it(house: House) -> None:
    """CloudWatch's figures of ECS are about services: which task hangs knows a person."""
    assert house.crew.installation.catalog[NAME].triggers == ()
