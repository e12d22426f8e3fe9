"""Bindings: which alarm's name is answered by which runbook, and names that the catalog does not know."""

import pytest

from nightcrew.admission.policy import Binding, Policy, Rule, When
from nightcrew.admission.policy_errors import BadPolicies
from nightcrew.admission.policy_file import load


@pytest.mark.parametrize(
    ("pattern", "alarm", "matches"),
    [
        ("checkout-5xx", "checkout-5xx", True),
        ("checkout-5xx", "checkout-5xx-eu", False),
        ("checkout-5xx-*", "checkout-5xx-eu", True),
        ("checkout-5xx-*", "Checkout-5xx-eu", False),
        ("*-5xx", "checkout-5xx", True),
        ("db-?", "db-1", True),
        ("db-?", "db-10", False),
        ("db-[12]", "db-2", True),
        ("db-[12]", "db-3", False),
        ("*", "anything at all", True),
    ],
)
def test_a_bindings_pattern_is_the_alarms_whole_name(pattern: str, alarm: str, matches: bool) -> None:
    binding = Binding(0, pattern, "x")
    assert binding.answers(alarm) is matches
    assert Policy("0", bindings=(binding,)).binding_for(alarm) == (binding if matches else None)


def test_the_first_binding_that_matches_wins() -> None:
    bindings = (Binding(0, "db-9", "a"), Binding(1, "db-*", "b"), Binding(2, "db-1", "c"))
    assert Policy("0", bindings=bindings).binding_for("db-1") == bindings[1]


def test_a_runbook_that_is_not_in_the_catalog_is_refused_with_its_line_and_the_nearest_name() -> None:
    asked = Policy(
        "0",
        bindings=(Binding(0, "db-*", "fail-over-aurora-clutser", line=12),),
        rules=(
            Rule(0, When(runbook="restart-ec2-instance"), {}, line=20),
            Rule(1, When(runbook="restart-ec2"), {}, line=24),
        ),
    )
    with pytest.raises(BadPolicies) as caught:
        asked.check_against(["fail-over-aurora-cluster", "restart-ec2-instance"])
    assert (caught.value.line, caught.value.field) == (12, "bindings[0].runbook")
    assert "did you mean fail-over-aurora-cluster?" in caught.value.allowed
    assert [(other.line, other.field) for other in caught.value.others] == [(24, "rules[1].when.runbook")]


def test_a_policy_whose_runbooks_are_all_known_passes() -> None:
    rules = (Rule(0, When(runbook="restart-ec2-instance"), {}), Rule(1, When(family="restart"), {}))
    Policy("0", bindings=(Binding(0, "*", "restart-ec2-instance"),), rules=rules).check_against(
        {"restart-ec2-instance"}
    )


# --- of events

STORAGE = "aws.rds:RDS DB Instance Event:RDS-EVENT-0007"


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [(STORAGE, True), ("aws.rds:*:RDS-EVENT-0007", True), ("aws.rds:*", True), ("*", True), ("aws.ec2:*", False)],
)
def test_a_binding_of_events_is_about_their_names(pattern: str, matches: bool) -> None:
    policy = load(f"bindings:\n  - event: '{pattern}'\n    runbook: grow-rds-storage\n    autonomy: approve\n")
    found = policy.binding_for(STORAGE, "event")
    assert (found is not None) == matches
    assert policy.binding_for(STORAGE) is None, "no alarm has this name"


def test_an_alarm_and_an_event_may_be_called_the_same() -> None:
    both = "bindings:\n  - {alarm: x, runbook: a}\n  - {event: x, runbook: b}\n"
    policy = load(both)
    assert [policy.binding_for("x", of) for of in ("alarm", "event")] == list(policy.bindings)
    assert [str(each) for each in policy.bindings] == ["bindings[0] (alarm: x)", "bindings[1] (event: x)"]


@pytest.mark.parametrize(
    ("text", "field", "line", "allowed"),
    [
        ("  - {runbook: a}\n", "bindings[0].alarm", 2, "it must be there"),
        ("  - {alarm: x, event: y, runbook: a}\n", "bindings[0].event", 2, "either an alarm or an event"),
        ("  - {event: '', runbook: a}\n", "bindings[0].event", 2, "an event's name, or a pattern"),
        ("  - {event: x, runbook: a}\n  - {event: x, runbook: b}\n", "bindings[1].event", 3, "it may stand once"),
    ],
)
def test_a_binding_that_is_about_both_neither_or_twice_the_same_is_refused(
    text: str, field: str, line: int, allowed: str
) -> None:
    with pytest.raises(BadPolicies) as caught:
        load(f"bindings:\n{text}")
    assert (caught.value.field, caught.value.line) == (field, line)
    assert allowed in caught.value.allowed
