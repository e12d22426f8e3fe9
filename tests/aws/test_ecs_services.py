"""ECS services: answers in AWS's shapes, and what is read out of them."""

from typing import Any

import pytest

from nightcrew.aws.ecs import (
    deployment_status,
    has_room,
    images,
    moving,
    newest_event,
    only_service,
    only_task,
    progress_of,
    settled,
    task_ids,
    tasks_after,
)
from nightcrew.errors import Unknown

TARGETS = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/checkout/73e2d6bc24d8a067"


def answer(*deployments: dict[str, Any], **otherwise: Any) -> dict[str, Any]:
    """A DescribeServices answer of one stable service of four tasks, but for these members."""
    last = {"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "COMPLETED", "failedTasks": 0}
    found = {
        "status": "ACTIVE",
        "desiredCount": 4,
        "runningCount": 4,
        "pendingCount": 0,
        "taskDefinition": "checkout:7",
        "deployments": list(deployments) or [last],
        **otherwise,
    }
    return {"services": [found]}


def deployment(name: str, state: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "status": "PRIMARY", "rolloutState": state, **more}


def test_what_aws_leaves_out_has_its_documented_default() -> None:
    """API reference: a rolling update by ECS, 100 to 200 %, a replica service."""
    seen = only_service(answer())
    assert (seen["controller"], seen["strategy"], seen["scheduling"]) == ("ECS", "ROLLING", "REPLICA")
    assert (seen["least"], seen["most"], seen["target_groups"], seen["deployment"]) == (4, 8, [], None)


def test_a_target_group_counts_once_and_a_classic_load_balancer_not_at_all() -> None:
    balancers = [{"targetGroupArn": TARGETS}, {"targetGroupArn": TARGETS}, {"loadBalancerName": "old"}]
    assert only_service(answer(loadBalancers=balancers))["target_groups"] == [TARGETS]


def test_a_service_that_is_not_there_is_a_failure_in_a_good_answer() -> None:
    with pytest.raises(Unknown):
        only_service({"services": [], "failures": [{"reason": "MISSING"}]})


@pytest.mark.parametrize(
    ("limits", "least", "most", "room"),
    [((100, 200), 3, 6, True), ((50, 100), 2, 3, True), ((100, 100), 3, 3, False), ((90, 120), 3, 3, False)],
)
def test_limits_are_rounded_as_ecs_does(limits: tuple[int, int], least: int, most: int, room: bool) -> None:
    """The minimum up, the maximum down: with three tasks, 90 to 120 % leaves no room at all."""
    rules = {"minimumHealthyPercent": limits[0], "maximumPercent": limits[1]}
    seen = only_service(answer(desiredCount=3, deploymentConfiguration=rules))
    assert (seen["least"], seen["most"], has_room(seen)) == (least, most, room)


@pytest.mark.parametrize(
    ("seen", "stable"),
    [
        (answer(), True),
        (answer({"id": "1", "status": "PRIMARY"}), True),
        (answer(deployment("1", "IN_PROGRESS")), False),
        (answer(deployment("2", "COMPLETED"), {"id": "1", "status": "ACTIVE"}), False),
        (answer(runningCount=3), False),
        (answer(pendingCount=1), False),
    ],
    ids=["completed", "behind a Classic one", "in progress", "two at once", "one is missing", "one is starting"],
)
def test_stable_is_one_deployment_and_all_tasks(seen: dict[str, Any], stable: bool) -> None:
    assert settled(only_service(seen)) is stable


def test_a_deployment_is_followed_by_its_id() -> None:
    """ECS rolls back by a deployment of another id, which is completed just as well."""
    assert progress_of(answer(deployment("2", "COMPLETED")), "2")["settled"]
    assert progress_of(answer(deployment("2", "FAILED", failedTasks=3)), "2") == {
        "newest": True,
        "settled": False,
        "gave_up": True,
        "running": 4,
        "failed": 3,
    }
    rolled_back = progress_of(answer(deployment("3", "COMPLETED")), "2")
    assert (rolled_back["newest"], rolled_back["settled"], rolled_back["gave_up"]) == (False, False, False)


def test_the_state_of_a_service_deployment() -> None:
    assert deployment_status({"serviceDeployments": [{"status": "ROLLBACK_SUCCESSFUL"}]}) == "ROLLBACK_SUCCESSFUL"
    with pytest.raises(Unknown):
        deployment_status({"serviceDeployments": [], "failures": []})


def test_only_what_was_said_since_the_marker_counts() -> None:
    said = [{"id": "2", "message": "(service checkout) was unable to place a task"}, {"id": "1", "message": "steady"}]
    seen = answer(events=said, pendingCount=1)
    assert newest_event(seen) == "2"
    assert tasks_after(seen, "1") == {"running": 4, "pending": 1, "why": said[0]["message"]}
    assert tasks_after(seen, "2")["why"] == "none said"
    assert newest_event(answer()) is None


@pytest.mark.parametrize("image", ["checkout", "shop/checkout:latest", "registry.example:5000/shop/checkout"])
def test_an_image_without_a_version_is_a_moving_one(image: str) -> None:
    """A registry's port is no tag."""
    assert moving(image)


@pytest.mark.parametrize("image", ["checkout:v7", "shop/checkout@sha256:0abc", "checkout:latest@sha256:0abc"])
def test_an_image_with_a_version_stays_what_it_is(image: str) -> None:
    assert not moving(image)


def test_images_are_listed_by_container() -> None:
    containers = [{"name": "app", "image": "checkout:v7"}, {"name": "log", "image": "fluent-bit"}]
    assert images({"taskDefinition": {"containerDefinitions": containers}}) == {
        "app": "checkout:v7",
        "log": "fluent-bit",
    }


@pytest.mark.parametrize("arn", ["arn:aws:ecs:eu-west-1:123456789012:task/prod/0a1b", "arn:aws:ecs:::task/0a1b"])
def test_a_task_goes_by_its_id(arn: str) -> None:
    """Whichever form its ARN has."""
    found = {"taskArn": arn, "group": "service:checkout", "lastStatus": "RUNNING", "desiredStatus": "RUNNING"}
    assert task_ids({"taskArns": [arn]}) == ["0a1b"]
    assert only_task({"tasks": [found]}) == {
        "id": "0a1b",
        "group": "service:checkout",
        "last": "RUNNING",
        "wanted": "RUNNING",
        "health": "UNKNOWN",
    }


def test_a_task_that_ecs_has_forgotten_is_unknown() -> None:
    with pytest.raises(Unknown):
        only_task({"tasks": [], "failures": [{"reason": "MISSING"}]})
