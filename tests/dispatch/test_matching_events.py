"""Events beyond alarms: which runbook answers one, by a binding or by its own triggers."""

from dataclasses import replace

import pytest

from nightcrew import Event, after
from nightcrew.admission.policy import Binding, Policy
from nightcrew.authoring.triggers import TriggerIndex
from nightcrew.dispatch.matching import Match, match
from nightcrew.signals import Happening, Signal
from tests.dispatch.alarms import ACCOUNT, CHECK, KNOWN, SIGNAL, Known

STATE = "EC2 Instance State-change Notification"
START = Known("start-ec2-instance", (Event("aws.ec2", STATE, where={"state": "stopped"}, instance_id="instance-id"),))
MOVE = Known(
    "move-ec2-instance", (Event("aws.health", "AWS Health Event", instance_id="affectedEntities.entityValue"),)
)
BOTH = Known(
    "restart-ec2-instance",
    (*KNOWN["restart-ec2-instance"].triggers, Event("aws.ec2", STATE, instance_id="instance-id")),
)
ROLL = Known(
    "roll-ecs-service",
    (Event("aws.ecs", "ECS Task State Change", cluster=after("/", "clusterArn"), service=after("service:", "group")),),
)
RUNBOOKS = {**KNOWN, **{each.name: each for each in (START, MOVE, ROLL)}}


def happened(source: str, kind: str, **values: str | tuple[str, ...]) -> Signal:
    """A signal of this event."""
    texts = {path.replace("__", "-"): (text,) if isinstance(text, str) else text for path, text in values.items()}
    what = Happening(source, kind, texts, "identity")
    return replace(
        SIGNAL, form="event", state="EVENT", name=what.name, metrics=(), direction=None, previous=None, happening=what
    )


STOPPED = happened("aws.ec2", STATE, state="stopped", instance__id="i-1")


def ask(signal: Signal, *bindings: Binding, known: dict[str, Known] = RUNBOOKS) -> Match:
    """Which one answers."""
    index = TriggerIndex((each.name, trigger) for each in known.values() for trigger in each.triggers)
    return match(signal, index, Policy("0", bindings=bindings), known)


def test_a_trigger_finds_the_runbook_and_fills_its_parameters() -> None:
    found = ask(STOPPED)
    assert (found.kind, found.reason, found.runbook) == ("chosen", "triggered", "start-ec2-instance")
    assert found.parameters == {"instance_id": "i-1"}
    assert (found.symptom, found.account) == ("aws.ec2:EC2 Instance State-change Notification:stopped", ACCOUNT)
    assert found.why == f"start-ec2-instance answers {STOPPED.name}"


def test_where_none_answers_the_nearest_say_why() -> None:
    found = ask(happened("aws.ec2", STATE, state="running", instance__id="i-1"))
    assert (found.kind, found.reason) == ("none", "no-trigger")
    assert found.why == "start-ec2-instance: it wants state to be stopped, and it is running"


def test_an_event_about_several_resources_starts_nothing() -> None:
    told = happened("aws.health", "AWS Health Event", **{"affectedEntities.entityValue": ("i-1", "i-2")})
    found = ask(told)
    assert (found.kind, found.reason, found.runbook) == ("several", "several", None)
    assert [each.parameters for each in found.candidates] == [{"instance_id": "i-1"}, {"instance_id": "i-2"}]
    assert found.why.endswith("all suggested, none started")


def test_of_an_event_about_several_nothing_is_told_that_policy_gave() -> None:
    """It goes into a log, and nothing has been checked."""
    told = happened("aws.health", "AWS Health Event", **{"affectedEntities.entityValue": ("i-1", "i-2")})
    [answers] = {each.runbook for each in ask(told).candidates}
    found = ask(told, Binding(0, "*", answers, {"password": "hunter2"}, of="event"))
    assert found.kind == "several"
    assert "instance_id=i-1" in found.why
    assert "hunter2" not in found.why


def test_an_event_about_very_many_names_a_few() -> None:
    many = tuple(f"i-{number}" for number in range(500))
    found = ask(happened("aws.health", "AWS Health Event", **{"affectedEntities.entityValue": many}))
    assert found.kind == "several"
    assert "i-4; and 15 more)" in found.why


def test_two_runbooks_that_answer_are_both_suggested() -> None:
    found = ask(STOPPED, known={**RUNBOOKS, BOTH.name: BOTH})
    assert found.kind == "several"
    assert {each.runbook for each in found.candidates} == {"start-ec2-instance", "restart-ec2-instance"}


def test_a_binding_chooses_one_and_its_own_trigger_fills_the_rest() -> None:
    binding = Binding(0, "aws.ec2:*:stopped", "restart-ec2-instance", of="event")
    found = ask(STOPPED, binding, known={**RUNBOOKS, BOTH.name: BOTH})
    assert (found.kind, found.reason, found.runbook) == ("chosen", "bound", "restart-ec2-instance")
    assert found.parameters == {"instance_id": "i-1"}
    assert found.binding == binding
    assert found.why == "bindings[0] (event: aws.ec2:*:stopped) names restart-ec2-instance"


def test_what_a_binding_gives_goes_before_what_the_event_says() -> None:
    told = happened("aws.ecs", "ECS Task State Change", clusterArn="x/shop", group="service:checkout")
    found = ask(told, Binding(0, "aws.ecs:*", "roll-ecs-service", {"service": "orders"}, of="event"))
    assert found.parameters == {"cluster": "shop", "service": "orders"}


def test_a_binding_may_name_a_runbook_that_no_trigger_would_find() -> None:
    """It must give all that the runbook wants, then."""
    found = ask(STOPPED, Binding(0, "aws.ec2:*", "restore-dynamodb-table", {"table": "orders"}, of="event"))
    assert (found.runbook, found.parameters) == ("restore-dynamodb-table", {"table": "orders"})


def test_a_bound_event_about_several_starts_nothing() -> None:
    told = happened("aws.health", "AWS Health Event", **{"affectedEntities.entityValue": ("i-1", "i-2")})
    found = ask(told, Binding(0, "aws.health:*", "move-ec2-instance", of="event"))
    assert (found.kind, len(found.candidates)) == ("several", 2)


def test_a_binding_to_a_runbook_that_is_not_there_says_so() -> None:
    found = ask(STOPPED, Binding(0, "aws.ec2:*", "start-ec2-instances", of="event"))
    assert (found.kind, found.reason) == ("none", "unknown-runbook")
    assert "did you mean start-ec2-instance?" in found.why


@pytest.mark.parametrize("of", ["alarm", "event"])
def test_a_binding_of_alarms_binds_no_event_and_the_other_way_round(of: str) -> None:
    """``*`` of a team's alarms was not written with events in mind."""
    binding = Binding(0, "*", "restore-dynamodb-table", of=of)
    assert (ask(STOPPED, binding).reason == "bound") == (of == "event")
    assert (ask(replace(SIGNAL, metrics=(CHECK,)), binding).reason == "bound") == (of == "alarm")


def test_an_alarm_is_not_answered_by_a_trigger_of_events() -> None:
    """A binding of an alarm to such a runbook fills nothing from the metric."""
    found = ask(SIGNAL, Binding(0, "web-check", "start-ec2-instance"))
    assert (found.runbook, found.parameters) == ("start-ec2-instance", {})
