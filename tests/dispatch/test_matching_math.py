"""Matching where the alarm's own metric does not tell it all: metric math, composites, metrics of other accounts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from nightcrew.admission.policy import Binding, Level, Setting
from nightcrew.dispatch.matching import MATH, Watching
from nightcrew.signals import Metric, Signal
from tests.dispatch.alarms import CHECK, CHILD, COMPOSITE, ERRORS, OTHER_ACCOUNT, REQUESTS, SIGNAL, ask

# Metric math: the direction is the expression's.

RATIO = replace(SIGNAL, form="expression", metrics=(ERRORS, REQUESTS))


def test_a_runbook_found_under_an_expression_waits_for_a_person() -> None:
    """Errors divided by requests are high when requests are low, and nobody wants to grow a group then."""
    found = ask(RATIO)
    assert (found.reason, found.runbook) == ("triggered", "scale-out-auto-scaling-group")
    assert found.autonomy_limit == MATH
    assert found.symptom == "AWS/ApplicationELB:RequestCount:high"


def test_a_binding_of_an_expression_has_no_such_ceiling_and_the_alarm_is_its_own_symptom() -> None:
    found = ask(RATIO, Binding(0, "*", "scale-out-auto-scaling-group"))
    assert (found.parameters, found.autonomy_limit) == ({"group": "web"}, None)
    assert found.symptom == "web-check"


def test_an_anomaly_is_answered_like_a_metric() -> None:
    assert ask(replace(SIGNAL, form="anomaly")).autonomy_limit is None


@pytest.mark.parametrize(
    ("tag", "form", "level"),
    [
        ("suggest", "metric", Level.SUGGEST),
        ("auto", "metric", Level.AUTO),
        ("never", "metric", Level.OBSERVE),
        ("suggest", "expression", Level.SUGGEST),
        ("auto", "expression", Level.APPROVE),
    ],
)
def test_the_alarms_own_tag_is_a_ceiling_whoever_named_the_runbook(tag: str, form: str, level: Level) -> None:
    signal = replace(SIGNAL, form=form, tags={"nightcrew:autonomy": tag})
    limit = ask(signal).autonomy_limit
    assert limit is not None
    assert limit.value is level
    bound = ask(signal, Binding(0, "*", "roll-ecs-service")).autonomy_limit
    assert isinstance(bound, Setting)
    assert bound.because.startswith(f"alarm tag nightcrew:autonomy={tag}")


# Composites.


def children(*watching: Watching) -> Any:
    def look_up(arns: Sequence[str]) -> Sequence[Watching]:
        assert list(arns) == [CHILD]
        return watching

    return look_up


def test_a_composite_is_answered_for_what_its_children_watch() -> None:
    """The child's direction decides, and makes the symptom: a composite has none of its own."""
    found = ask(COMPOSITE, children=children(SIGNAL))
    assert (found.reason, found.runbook) == ("triggered", "restart-ec2-instance")
    assert found.symptom == "AWS/EC2:StatusCheckFailed_Instance:high"


@pytest.mark.parametrize(
    ("child", "kind", "reason"),
    [
        (replace(SIGNAL, direction="low"), "none", "no-trigger"),
        (replace(SIGNAL, direction=None), "none", "no-direction"),
        (replace(SIGNAL, metrics=()), "none", "no-metric"),
        (RATIO, "chosen", "triggered"),
    ],
)
def test_a_composites_child_is_judged_like_an_alarm(child: Signal, kind: str, reason: str) -> None:
    found = ask(COMPOSITE, children=children(child))
    assert (found.kind, found.reason) == (kind, reason)
    assert found.autonomy_limit == (MATH if child.form == "expression" else None)


def test_children_with_different_answers_are_suggested_and_not_started() -> None:
    other = replace(SIGNAL, metrics=(Metric("AWS/EC2", "CPUUtilization", {"AutoScalingGroupName": "web"}),))
    found = ask(COMPOSITE, children=children(SIGNAL, other))
    assert found.kind == "several"
    assert {each.runbook for each in found.candidates} == {"restart-ec2-instance", "scale-out-auto-scaling-group"}
    assert found.symptom == "web-down"


def test_a_bound_composite_takes_what_is_missing_from_its_children_and_its_own_name_as_symptom() -> None:
    found = ask(COMPOSITE, Binding(0, "web-*", "restart-ec2-instance"), children=children(SIGNAL))
    assert (found.parameters, found.symptom) == ({"instance_id": "i-1"}, "web-down")


def test_children_are_looked_up_only_where_they_matter() -> None:
    """Each look-up is a call to AWS, in a storm one for each alarm."""

    def never(arns: Sequence[str]) -> Sequence[Watching]:
        raise AssertionError(arns)

    assert ask(SIGNAL, children=never).runbook == "restart-ec2-instance"
    given = Binding(0, "web-*", "restart-ec2-instance", {"instance_id": "i-9"})
    assert ask(COMPOSITE, given, children=never).parameters == {"instance_id": "i-9"}
    assert ask(replace(COMPOSITE, children=()), children=never).reason == "composite"
    assert ask(replace(COMPOSITE, state="OK"), children=never).reason == "ok"


# Metrics of other accounts.


@pytest.mark.parametrize(
    ("bindings", "reason"),
    [
        ([], "triggered"),
        ([Binding(0, "*", "restart-ec2-instance")], "bound"),
        ([Binding(0, "*", "restart-ec2-instance", {"instance_id": "i-1"})], "bound"),
    ],
)
def test_the_resource_is_in_the_account_that_the_metric_comes_from(bindings: list[Binding], reason: str) -> None:
    """A table of the same name in the alarm's own account is another table."""
    found = ask(replace(SIGNAL, metrics=(replace(CHECK, account=OTHER_ACCOUNT),)), *bindings)
    assert (found.reason, found.account) == (reason, OTHER_ACCOUNT)


def test_the_same_name_in_two_accounts_is_two_resources() -> None:
    metrics = (CHECK, replace(CHECK, account=OTHER_ACCOUNT))
    found = ask(replace(SIGNAL, form="expression", metrics=metrics))
    assert found.kind == "several"
