"""Triggers that answer events beyond alarms: what they take from one, and what is no trigger."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Event, Run, after, runbook
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.events import EventIndex
from nightcrew.authoring.outline import outline
from nightcrew.aws.ec2 import InstanceId
from nightcrew.aws.ecs import ClusterName, ServiceName
from nightcrew.errors import BadDeclaration
from nightcrew.signals import Happening

STOPPED = Event(
    "aws.ec2", "EC2 Instance State-change Notification", where={"state": "stopped"}, instance_id="instance-id"
)
MEMORY = Event(
    "aws.ecs",
    "ECS Task State Change",
    where={"lastStatus": "STOPPED", "containers.reason": "OutOfMemoryError*"},
    cluster=after("cluster/", "clusterArn"),
    service=after("service:", "group"),
)
RETIRED = Event(
    "aws.health",
    "AWS Health Event",
    where={"eventTypeCode": ["RETIRE", "STOP"], "statusCode": ("open", "upcoming")},
    instance_id="affectedEntities.entityValue",
)
PLACED = Event(
    "aws.ecs",
    "ECS Service Action",
    cluster=after("cluster/", "clusterArn"),
    service=after("service/shop/", "$.resources"),
)


def said(trigger: Event, **values: str | tuple[str, ...]) -> Happening:
    """An event of the trigger's kind with these texts."""
    texts = {path: (text,) if isinstance(text, str) else text for path, text in values.items()}
    return Happening(trigger.source, trigger.kind, texts, "")


MEMORY_SAID: dict[str, Any] = {
    "lastStatus": "STOPPED",
    "containers.reason": ("Essential", "OutOfMemoryError: killed"),
    "clusterArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
    "group": "service:checkout",
}


@pytest.mark.parametrize(
    ("trigger", "happening", "taken"),
    [
        (STOPPED, said(STOPPED, **{"state": "stopped", "instance-id": "i-1"}), [{"instance_id": "i-1"}]),
        (MEMORY, said(MEMORY, **MEMORY_SAID), [{"cluster": "shop", "service": "checkout"}]),
        (
            RETIRED,
            said(RETIRED, eventTypeCode="STOP", statusCode="open", **{"affectedEntities.entityValue": ("i-1", "i-2")}),
            [{"instance_id": "i-1"}, {"instance_id": "i-2"}],
        ),
        (
            PLACED,
            said(PLACED, clusterArn="…:cluster/shop", **{"$.resources": ("…:service/shop/checkout", "…:other")}),
            [{"cluster": "shop", "service": "checkout"}],
        ),
    ],
)
def test_a_parameter_takes_the_text_at_its_path_or_what_follows_a_marker_in_it(
    trigger: Event, happening: Happening, taken: list[dict[str, str]]
) -> None:
    assert trigger.mismatch(happening) is None
    assert trigger.take(happening) == taken
    assert [found.parameters for found in EventIndex([("it", trigger)]).find(happening)] == taken


@pytest.mark.parametrize(
    ("trigger", "happening", "why"),
    [
        (STOPPED, said(MEMORY, state="stopped"), "it answers aws.ec2 EC2 Instance State-change Notification"),
        (STOPPED, said(STOPPED, state="running"), "it wants state to be stopped, and it is running"),
        (STOPPED, said(STOPPED, **{"instance-id": "i-1"}), "it wants state to be stopped, and it is not there"),
        (STOPPED, said(STOPPED, state="stopped"), "the event does not tell instance-id"),
        (
            RETIRED,
            said(RETIRED, eventTypeCode="STOP", statusCode="closed"),
            "it wants statusCode to be open or upcoming",
        ),
        (
            MEMORY,
            said(MEMORY, **{**MEMORY_SAID, "containers.reason": "Error"}),
            "to be OutOfMemoryError*, and it is Error",
        ),
        (
            MEMORY,
            said(MEMORY, **{**MEMORY_SAID, "group": "family:batch"}),
            "the event does not tell group after service:",
        ),
        (MEMORY, said(MEMORY, **{**MEMORY_SAID, "group": "service:"}), "the event does not tell group after service:"),
    ],
)
def test_a_trigger_says_why_it_does_not_answer(trigger: Event, happening: Happening, why: str) -> None:
    assert why in str(trigger.mismatch(happening))
    assert EventIndex([("it", trigger)]).find(happening) == []


def test_the_nearest_triggers_say_what_they_would_have_wanted() -> None:
    index = EventIndex([("start", STOPPED), ("move", RETIRED)])
    assert index.why_not(said(STOPPED, state="running")) == "start: it wants state to be stopped, and it is running"
    assert index.why_not(said(MEMORY)) == "no runbook answers aws.ecs ECS Task State Change"


def test_a_trigger_tells_itself_in_words() -> None:
    assert str(STOPPED) == "aws.ec2 EC2 Instance State-change Notification, state is stopped"
    assert str(PLACED.parameters["service"]) == "$.resources after service/shop/"
    many = Event("aws.rds", "RDS DB Instance Event", where={"EventID": ("1", "2", "3", "4")}, instance_id="x")
    assert many.shortly == "aws.rds RDS DB Instance Event, EventID is 1 or 3 others"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"source": "ec2"}, "source"),
        ({"source": "aws.cloudwatch"}, "source"),
        ({"source": 7}, "source"),
        ({"kind": ""}, "detail-type"),
        ({"where": {"a..b": "x"}}, "where"),
        ({"where": {"$.time": "x"}}, "where"),
        ({"where": {"state": ()}}, "where"),
        ({"where": {"state": "*"}}, "where"),
        ({"where": {"state": ["stopped", 7]}}, "where"),
        ({"instance_id": ""}, "instance_id"),
        ({"instance_id": 7}, "instance_id"),
        ({"instance_id": "a b"}, "instance_id"),
        ({"instance_id": after("", "group")}, "instance_id"),
    ],
)
def test_what_is_no_trigger_is_refused_where_it_stands(given: dict[str, Any], field: str) -> None:
    source, kind = given.pop("source", "aws.ec2"), given.pop("kind", "EC2 Instance State-change Notification")
    with pytest.raises(BadDeclaration, match=re.escape(__file__)) as refused:
        Event(source, kind, **given)
    assert refused.value.field == field


def test_a_parameter_that_the_runbook_does_not_have_is_refused() -> None:
    with pytest.raises(BadDeclaration, match="it must be a parameter of the function: instance_id"):
        declared(
            _restart, "ec2:DescribeInstances", Event("aws.ec2", "EC2 Instance State-change", machine="instance-id")
        )


def test_a_parameter_without_a_default_that_the_event_does_not_give_is_refused() -> None:
    trigger = Event("aws.ecs", "ECS Task State Change", cluster="clusterArn")
    with pytest.raises(BadDeclaration, match="it must give each parameter that has no default: service"):
        declared(_roll, "ecs:DescribeServices", trigger)


def test_a_runbook_that_an_event_starts_looks_at_the_real_state_before_it_changes_it(catalog: Catalog) -> None:
    """An event tells how things were, and nobody can be asked whether it still holds: also a second try goes on it."""
    answering = [each for each in catalog.values() if any(isinstance(trigger, Event) for trigger in each.triggers)]
    assert {each.name for each in answering} >= {"move-ec2-instance", "start-ec2-instance", "grow-rds-storage"}
    for each in answering:
        assert outline(each).requires, each.name


def declared(function: Callable[..., Any], permission: str, trigger: Event) -> None:
    """Declares a runbook of this function, which this trigger starts."""
    minute = timedelta(minutes=1)
    runbook(family="restart", risk="low", by_hand=minute, permissions=[permission], triggers=[trigger])(function)


def _restart(run: Run, instance_id: InstanceId) -> str:
    """Restarts it."""
    del run
    return instance_id


def _roll(run: Run, service: ServiceName, cluster: ClusterName) -> str:
    """Rolls it."""
    del run, cluster
    return service
