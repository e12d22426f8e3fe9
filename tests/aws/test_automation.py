"""What Systems Manager's answers say of an Automation document and of its executions."""

import json
from typing import Any

import pytest

from nightcrew.aws.automation import (
    as_called,
    ended_or_asks,
    execution,
    execution_id,
    goes_on,
    may_be_passed,
    only_document,
    uuid_of,
    why_not,
)
from nightcrew.aws.document_parameters import given_in, misfit
from nightcrew.aws.owners_word import agrees, document_tags, function_tags, is_managed

ROLE = "arn:aws:iam::123456789012:role/ops/nightcrew-automation-web"


def went(status: str, *steps: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    """A GetAutomationExecution answer; a step is its name, action and status."""
    told = [{"StepName": name, "Action": action, "StepStatus": state} for name, action, state in steps]
    return {"AutomationExecution": {"AutomationExecutionStatus": status, "StepExecutions": told, **more}}


def test_a_documents_version_and_hash_are_kept() -> None:
    answer = {
        "DocumentType": "Automation",
        "Status": "Active",
        "DocumentVersion": "7",
        "Hash": "ab",
        "HashType": "Sha256",
    }
    assert only_document({"Document": answer}) == {
        "type": "Automation",
        "status": "Active",
        "version": "7",
        "hash": "Sha256:ab",
    }


@pytest.mark.parametrize(
    ("assumed", "given", "role"),
    [
        (ROLE, {}, ROLE),
        ("{{ Role }}", {"Role": [ROLE]}, ROLE),
        ("{{Role}}", {}, "arn:aws:iam::123456789012:role/default"),
        ("", {}, None),
    ],
)
def test_the_role_is_the_documents_own_or_the_one_that_a_parameter_names(
    assumed: str, given: dict[str, list[str]], role: str | None
) -> None:
    declared = {"Role": {"type": "String", "default": "arn:aws:iam::123456789012:role/default"}}
    steps = [{"name": "ask", "action": "aws:approve"}, {"name": "do", "action": "aws:executeScript"}]
    content = json.dumps({"assumeRole": assumed, "parameters": declared, "mainSteps": steps})
    assert as_called(given)({"Content": content}) == {"role": role, "approvals": ["ask"], "misfit": ""}


@pytest.mark.parametrize(
    ("role", "may"),
    [(ROLE, True), ("arn:aws:iam::123456789012:role/admin", False), ("nightcrew-automation-x", False), (None, False)],
)
def test_only_a_role_that_was_made_for_documents_is_passed(role: str | None, may: bool) -> None:
    assert may_be_passed(role) is may


@pytest.mark.parametrize(
    ("about", "value", "allowed"),
    [
        ({"type": "Boolean"}, "yes", "it must be true or false"),
        ({"type": "Integer"}, "3.5", "it must be a whole number"),
        ({"type": "String", "allowedValues": ["a", "b"]}, "c", "it must be one of a, b"),
        ({"type": "String", "allowedPattern": "^i-[0-9a-f]+$"}, "vol-1", "it must match ^i-[0-9a-f]+$"),
        ({"type": "String", "maxChars": 3}, "four", "it must have 0 to 3 characters"),
        ({"type": "String"}, ["a", "b"], "it must be one value"),
        ({"type": "StringList", "minItems": 2, "maxItems": 3}, ["a"], "it must have 2 to 3 values"),
    ],
)
def test_a_value_that_the_document_does_not_allow_is_named(about: dict[str, Any], value: Any, allowed: str) -> None:
    found = misfit({"Mode": about}, given_in({"Mode": value}))
    assert found is not None
    assert found.startswith("Mode is ")
    assert found.endswith(f": {allowed}")


@pytest.mark.parametrize(
    ("about", "value"),
    [
        ({"type": "Boolean"}, True),
        ({"type": "Integer", "allowedValues": [1, 2]}, 2),
        ({"type": "StringMap"}, {"a": "b"}),
        ({"type": "List<AWS::EC2::Instance::Id>"}, ["i-1", "i-2"]),
        ({"type": "String", "allowedPattern": "(?<Java>x)"}, "what only Java understands is for AWS to check"),
    ],
)
def test_a_value_that_it_allows_is_let_through(about: dict[str, Any], value: Any) -> None:
    assert misfit({"Mode": about}, given_in({"Mode": value})) is None


def test_an_execution_is_told_by_its_statuses_and_not_by_what_it_took_or_gave() -> None:
    answer = went("InProgress", ("one", "aws:executeScript", "Success"), ("two", "aws:sleep", "InProgress"))
    answer["AutomationExecution"]["StepExecutions"][0]["Outputs"] = {"Key": ["hunter2"]}
    seen = execution(answer)
    assert seen["steps"] == ["one: Success", "two: InProgress"]
    assert (seen["over"], seen["ok"], seen["asks"], ended_or_asks(seen), goes_on(seen)) == (
        False,
        False,
        "",
        False,
        True,
    )
    assert "hunter2" not in str(seen)


def test_a_document_of_many_steps_is_told_by_its_last_twenty() -> None:
    steps = [(f"s{number}", "aws:executeScript", "Success") for number in range(50)]
    assert execution(went("Success", *steps))["steps"][0] == "s30: Success"


@pytest.mark.parametrize("status", ["Success", "CompletedWithSuccess"])
def test_what_ended_well(status: str) -> None:
    seen = execution(went(status))
    assert (seen["over"], seen["ok"], why_not(seen)) == (True, True, "")


@pytest.mark.parametrize("status", ["Failed", "TimedOut", "Cancelled", "Rejected", "CompletedWithFailure", "Exited"])
def test_what_did_not(status: str) -> None:
    seen = execution(went(status, FailureMessage="token=abc123 was refused"))
    assert (seen["over"], seen["ok"]) == (True, False)
    assert why_not(seen) == f" ({status}: token=redacted was refused)"


def test_a_step_that_waits_for_a_person_is_named() -> None:
    seen = execution(went("Waiting", ("ask", "aws:approve", "Waiting")))
    assert seen["asks"] == ", once a person answers in Systems Manager: ask (aws:approve) waits"
    assert execution(went("PendingApproval"))["asks"].endswith(": it waits")


def test_an_execution_that_does_not_show_yet_has_no_id() -> None:
    assert execution_id({"AutomationExecutionMetadataList": []}) == {"id": None}
    assert execution_id({"AutomationExecutionMetadataList": [{"AutomationExecutionId": "e"}]}) == {"id": "e"}


def test_a_token_has_the_form_of_a_uuid() -> None:
    """ClientToken: 36 characters, in groups of 8, 4, 4, 4 and 12."""
    assert uuid_of("0123456789abcdef0123456789abcdef") == "01234567-89ab-cdef-0123-456789abcdef"
    assert uuid_of("⟦token of start it⟧") == "⟦token of start it⟧"


SAID = {"nightcrew": "managed", "nightcrew:family": "restart", "nightcrew:risk": "low"}


@pytest.mark.parametrize(
    ("tags", "family", "risk", "may"),
    [
        (SAID, "restart", "low", True),
        (SAID, "restart", "data-loss", True),
        (SAID, "restore", "low", False),
        (SAID, "restore", "data-loss", False),
        (SAID, "restart", "costly", False),
        ({}, "restart", "data-loss", True),
        ({}, "restart", "low", False),
        ({"nightcrew:risk": "low"}, "restart", "low", False),
    ],
)
def test_a_call_says_what_the_owner_says_or_the_worst(tags: dict[str, str], family: str, risk: str, may: bool) -> None:
    assert agrees(tags, family, risk) is may


def test_of_tags_only_those_that_matter_are_kept() -> None:
    listed = [{"Key": name, "Value": value} for name, value in {**SAID, "owner": "ada"}.items()]
    assert document_tags({"TagList": listed}) == function_tags({"Tags": {**SAID, "owner": "ada"}}) == SAID
    assert (is_managed(SAID), is_managed({})) == (True, False)
