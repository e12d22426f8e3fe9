"""Matching: which runbook answers a signal, with which parameters, or why none does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.admission.policy import Binding, Policy
from nightcrew.authoring.triggers import TriggerIndex
from nightcrew.dispatch.matching import match
from nightcrew.signals import Contributor, Metric
from tests.dispatch.alarms import ACCOUNT, CHECK, CHILD, ERRORS, KNOWN, PAGE, RESTART, SIGNAL, ask


def test_a_trigger_names_the_runbook_and_fills_its_parameters() -> None:
    found = ask(SIGNAL)
    assert (found.kind, found.reason) == ("chosen", "triggered")
    assert (found.runbook, found.parameters) == ("restart-ec2-instance", {"instance_id": "i-1"})
    assert (found.metric, found.account) == (CHECK, ACCOUNT)
    assert found.symptom == "AWS/EC2:StatusCheckFailed_Instance:high"
    assert found.why == "restart-ec2-instance answers AWS/EC2 StatusCheckFailed_Instance, high"
    assert found.autonomy_limit is None


MUTED_UNTIL = datetime(2026, 11, 21, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"state": "OK"}, "ok", "nothing to remedy"),
        ({"state": "INSUFFICIENT_DATA"}, "insufficient-data", "too little data"),
        ({"form": "query", "metrics": ()}, "query", "its contributors answer for it"),
        ({"muted_until": MUTED_UNTIL}, "muted", "a mute rule holds until 2026-11-21T04:00:00.000Z"),
        ({"suppressed_by": "WaitPeriod"}, "suppressed", "suppressed by WaitPeriod"),
    ],
)
def test_what_is_never_acted_on_is_not_acted_on_when_bound_or_tagged_either(
    changes: dict[str, Any], reason: str, words: str
) -> None:
    signal = replace(SIGNAL, **changes)
    bound = Binding(0, "*", "restart-ec2-instance", {"instance_id": "i-9"})
    tagged = replace(signal, tags={"nightcrew:runbook": "restart-ec2-instance"})
    for found in (ask(signal), ask(signal, bound), ask(tagged)):
        assert (found.kind, found.reason, found.runbook, found.candidates) == ("none", reason, None, ())
        assert words in found.why


def test_a_muted_signal_says_when_that_ends() -> None:
    assert ask(replace(SIGNAL, muted_until=MUTED_UNTIL)).until == MUTED_UNTIL


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"name": "TargetTracking-table/orders-AlarmHigh-1"}, "target-tracking", "bind it to say otherwise"),
        ({"direction": None}, "no-direction", "whether AWS/EC2 StatusCheckFailed_Instance is too high or too low"),
        ({"direction": "low"}, "no-trigger", "restart-ec2-instance: it answers high, and the alarm is low"),
        ({"metrics": (ERRORS,)}, "no-trigger", "no runbook answers AWS/ApplicationELB HTTPCode_Target_5XX_Count"),
        ({"metrics": (ERRORS,), "direction": None}, "no-trigger", "no runbook answers AWS/ApplicationELB"),
        ({"metrics": ()}, "no-metric", "a binding or a tag can name a runbook"),
        ({"form": "composite", "metrics": (), "children": (CHILD,)}, "composite", "its children answer for themselves"),
    ],
)
def test_what_nothing_answers_says_why(changes: dict[str, Any], reason: str, words: str) -> None:
    found = ask(replace(SIGNAL, **changes))
    assert (found.kind, found.reason, found.runbook) == ("none", reason, None)
    assert words in found.why


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "TargetTracking-table/orders-AlarmHigh-1"},
        {"direction": None},
        {"direction": "low"},
        {"metrics": ()},
        {"form": "composite", "metrics": (), "children": (CHILD,)},
    ],
)
def test_a_binding_and_a_tag_answer_what_no_trigger_does(changes: dict[str, Any]) -> None:
    signal = replace(SIGNAL, **changes)
    bound = ask(signal, Binding(0, "*", "roll-ecs-service", {"cluster": "prod"}))
    assert (bound.reason, bound.runbook, bound.parameters) == ("bound", "roll-ecs-service", {"cluster": "prod"})
    tags = {"nightcrew:runbook": "roll-ecs-service", "nightcrew:param:cluster": "prod", "team": "web"}
    tagged = ask(replace(signal, tags=tags))
    assert (tagged.reason, tagged.runbook, tagged.parameters) == ("tagged", "roll-ecs-service", {"cluster": "prod"})


def test_a_binding_goes_before_tags_and_tags_before_triggers() -> None:
    tagged = replace(SIGNAL, tags={"nightcrew:runbook": "roll-ecs-service"})
    binding = Binding(0, "web-*", "scale-out-auto-scaling-group", {"group": "web"})
    assert ask(tagged, binding).runbook == "scale-out-auto-scaling-group"
    assert ask(tagged, binding).binding == binding
    assert ask(tagged, binding).why == "bindings[0] (alarm: web-*) names scale-out-auto-scaling-group"
    assert ask(tagged).runbook == "roll-ecs-service"
    assert ask(tagged).why == "the alarm's tag nightcrew:runbook names roll-ecs-service"


def test_the_tags_parameters_belong_to_the_tags_runbook() -> None:
    """Whoever may tag an alarm does not decide about the parameters of a runbook that policy named."""
    tags = {"nightcrew:runbook": "restart-ec2-instance", "nightcrew:param:instance_id": "i-7"}
    tagged = replace(SIGNAL, tags=tags)
    assert ask(tagged).parameters == {"instance_id": "i-7"}
    assert ask(tagged, Binding(0, "*", "restart-ec2-instance")).parameters == {"instance_id": "i-1"}
    assert ask(replace(tagged, tags={"nightcrew:param:instance_id": "i-7"})).parameters == {"instance_id": "i-1"}


@pytest.mark.parametrize("by", ["binding", "tag"])
def test_a_runbook_that_is_not_there_is_named_and_no_trigger_steps_in(by: str) -> None:
    binding = [Binding(0, "*", "restart-ec2-instnace")] if by == "binding" else []
    tags = {} if by == "binding" else {"nightcrew:runbook": "restart-ec2-instnace"}
    found = ask(replace(SIGNAL, tags=tags), *binding)
    assert (found.kind, found.reason, found.runbook) == ("none", "unknown-runbook", None)
    assert "did you mean restart-ec2-instance?" in found.why


@pytest.mark.parametrize(
    ("metrics", "given", "parameters"),
    [
        ((CHECK,), {}, {"instance_id": "i-1"}),
        ((CHECK,), {"instance_id": "i-9"}, {"instance_id": "i-9"}),
        ((CHECK,), {"within": "20m"}, {"within": "20m", "instance_id": "i-1"}),
        (
            (Metric("CWAgent", "mem_used_percent", {"InstanceId": "i-2", "ImageId": "ami-1"}),),
            {},
            {"instance_id": "i-2"},
        ),
        ((ERRORS, CHECK), {}, {"instance_id": "i-1"}),
        ((ERRORS,), {}, {}),
        ((), {}, {}),
    ],
)
def test_what_a_binding_does_not_give_is_filled_by_the_dimensions_that_the_runbooks_triggers_name(
    metrics: tuple[Metric, ...], given: Mapping[str, str], parameters: Mapping[str, str]
) -> None:
    """One pattern binds many alarms, so it cannot name the resource; any metric of an instance can."""
    found = ask(replace(SIGNAL, metrics=metrics), Binding(0, "*", "restart-ec2-instance", given))
    assert (found.kind, found.parameters) == ("chosen", parameters)


def test_a_bound_alarm_over_two_resources_is_suggested_for_each_and_started_for_none() -> None:
    metrics = (CHECK, Metric("AWS/EC2", "CPUUtilization", {"InstanceId": "i-2"}))
    found = ask(replace(SIGNAL, form="expression", metrics=metrics), Binding(0, "*", "restart-ec2-instance"))
    assert (found.kind, found.reason, found.runbook) == ("several", "several", None)
    assert [each.parameters for each in found.candidates] == [{"instance_id": "i-1"}, {"instance_id": "i-2"}]


def test_several_runbooks_and_no_binding_are_all_suggested_and_none_is_started() -> None:
    known = {**KNOWN, PAGE.name: PAGE}
    index = TriggerIndex((each.name, trigger) for each in known.values() for trigger in each.triggers)
    lost = Metric("Team/Orders", "LostRows", {"TableName": "orders"})
    signal = replace(SIGNAL, name="orders-lost", metrics=(lost,))
    found = match(signal, index, Policy("0"), known)
    assert (found.kind, found.reason, found.runbook) == ("several", "several", None)
    assert [each.runbook for each in found.candidates] == ["restore-dynamodb-table", "page-somebody"]
    assert found.symptom == "Team/Orders:LostRows:high"
    bound = match(signal, index, Policy("0", bindings=(Binding(0, "orders-*", "restore-dynamodb-table"),)), known)
    assert (bound.runbook, bound.parameters) == ("restore-dynamodb-table", {"table": "orders"})


@pytest.mark.parametrize("by", ["binding", "tag"])
def test_where_several_resources_are_meant_only_they_are_told_and_nothing_that_was_given(by: str) -> None:
    """It goes into a log, and nothing has been checked: what somebody gave may be a secret."""
    both = tuple(replace(SIGNAL.metrics[0], dimensions={"InstanceId": name}) for name in ("i-1", "i-2"))
    signal = replace(SIGNAL, form="expression", metrics=both)
    given = {"password": "hunter2"}
    tags = {"nightcrew:runbook": "restart-ec2-instance", "nightcrew:param:password": "hunter2"}
    bound = [Binding(0, "*", "restart-ec2-instance", given)] if by == "binding" else []
    found = ask(replace(signal, tags={} if bound else tags), *bound)
    assert found.kind == "several"
    assert "(instance_id=i-1; instance_id=i-2)" in found.why
    assert "hunter2" not in found.why


def test_two_triggers_of_one_runbook_on_one_resource_are_one_answer() -> None:
    twice = TriggerIndex([(RESTART.name, trigger) for trigger in RESTART.triggers * 2])
    assert match(SIGNAL, twice, Policy("0"), KNOWN).runbook == "restart-ec2-instance"


def test_a_contributor_is_answered_with_its_own_attributes() -> None:
    attributes = {"TableName": "orders"}
    signal = replace(
        SIGNAL,
        form="contributor",
        contributor=Contributor("c-1", attributes),
        metrics=(Metric("Team/Orders", "LostRows", attributes),),
        previous=None,
    )
    assert ask(signal).parameters == {"table": "orders"}
    assert ask(signal, Binding(0, "*", "restore-dynamodb-table")).parameters == {"table": "orders"}
