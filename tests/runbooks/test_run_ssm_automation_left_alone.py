"""run-ssm-automation: what it leaves alone, and what is refused before it is admitted."""

from typing import Any

import pytest

from nightcrew.errors import BadParameter
from tests.house import House
from tests.runbooks.own import HARMLESS, MANAGED, a_document, an_alarm, start_document


def not_applicable(house: House, document: str, why: str, **given: Any) -> None:
    """It ends so, says why, and sent no change."""
    _, ended = start_document(house, document, **given)
    assert (ended["outcome"], why in ended["words"]) == ("not_applicable", True), ended["words"]
    assert house.scripted.changes() == []


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        (MANAGED, "say the same as the call"),
        ({**MANAGED, "nightcrew:risk": "disruptive"}, "say the same as the call"),
        ({**HARMLESS, "nightcrew:family": "restore"}, "say the same as the call"),
        ({**HARMLESS, "nightcrew:risk": "costly"}, "say the same as the call"),
        ({"nightcrew:family": "restart", "nightcrew:risk": "disruptive"}, "it is tagged nightcrew=managed"),
    ],
)
def test_nobody_makes_a_document_harmless_by_saying_so(house: House, tags: dict[str, str], why: str) -> None:
    """What its owner says by tags holds; a call may only say the worst instead."""
    not_applicable(house, a_document(house, tags=tags), why)


def test_what_is_no_automation_document_is_left_alone(house: House) -> None:
    not_applicable(house, a_document(house, kind="Command"), "it is an Automation document")


def test_a_document_that_is_not_there_is_not_applicable(house: House) -> None:
    not_applicable(house, "Restart-nobody", "find Restart-nobody")


def test_a_document_that_is_being_changed_is_left_alone(house: House) -> None:
    """API reference, DocumentDescription: Status."""
    house.scripted.after("ssm", "DescribeDocument", lambda _, answer: answer["Document"].update(Status="Updating"))
    not_applicable(house, a_document(house), "it is active")


@pytest.mark.parametrize("role", [None, "arn:aws:iam::123456789012:role/administrator"])
def test_a_document_without_a_role_of_its_own_is_left_alone(house: House, role: str | None) -> None:
    """It would have the rights of the run, which are for starting it; and a remediator passes no other role."""
    not_applicable(house, a_document(house, role=role), "it runs as a role of its own")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ('{"Mode": "fats"}', "Mode is fats: it must be one of fast, slow"),
        ("{}", "Mode is missing: the document has no default for it"),
        ('{"Mode": "fast", "Nodes": "3"}', "Nodes: the document has no such parameter; did you mean Mode?"),
        ('{"Mode": "fast", "Count": "many"}', "Count is many: it must be a whole number"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named_with_what_is_allowed(house: House, given: str, why: str) -> None:
    declared = {
        "Mode": {"type": "String", "allowedValues": ["fast", "slow"]},
        "Count": {"type": "Integer", "default": 1},
    }
    not_applicable(house, a_document(house, parameters=declared), why, parameters=given)


@pytest.mark.parametrize(
    "given",
    ['{"Password": "hunter2"}', '{"Key": "{{ssm-secure:checkout}}"}', '{"Key": ["AKIAIOSFODNN7EXAMPLE"]}', "[1]", "{"],
)
def test_a_secret_is_refused_before_anything_is_written(house: House, given: str) -> None:
    """The opening entry keeps the parameters for ever."""
    with pytest.raises(BadParameter) as wrong:
        start_document(house, "Restart-1", parameters=given, undo_document="Restart-1")
    assert wrong.value.field == "parameters"
    assert "hunter2" not in str(wrong.value)
    assert "AKIAIOSFODNN7EXAMPLE" not in str(wrong.value)


def test_an_alarm_that_is_ok_already_proves_nothing(house: House) -> None:
    """Already healthy."""
    not_applicable(house, a_document(house), "is not OK already", alarm_ok=an_alarm(house, "OK"))


def test_a_target_elsewhere_is_refused(house: House) -> None:
    """A lock on it would hold nothing here."""
    with pytest.raises(BadParameter, match="where the run acts"):
        start_document(
            house, "Restart-1", undo_document="Restart-1", target="arn:aws:rds:us-east-1:123456789012:db:orders"
        )


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("document", "no good", "it must be the name of an Automation document, like RestartCheckout"),
        ("healthy_targets", "checkout", "it must be the ARN of a target group, like arn:aws:elasticloadbalancing:"),
        ("risk", "none", "it must be one of low, disruptive, costly, data-loss"),
    ],
)
def test_what_can_be_told_of_a_wrong_value_is_told(house: House, field: str, value: str, allowed: str) -> None:
    with pytest.raises(BadParameter) as wrong:
        start_document(house, **{"document": "Restart-1", "undo_document": "Restart-1", field: value})
    assert (wrong.value.field, wrong.value.value) == (field, value)
    assert wrong.value.allowed.startswith(allowed)
