"""`nightcrew doctor` on a stack that is well, or is made without a part: that is no ailment."""

from typing import Any

import pytest

from nightcrew.clock import SystemClock
from tests.cli.clinic import Clinic
from tests.cli.doctor.ailments import edited


def test_a_healthy_stack_is_well(clinic: Clinic) -> None:
    found = clinic.seen()
    assert [each for each in found if each.state != "ok"] == []
    assert {each.check for each in found} == {
        *("stack", "tables", "rules", "queues", "intake", "executor", "sweeper", "days", "anchors"),
        *("api", "roles", "policy", "news", "alarms", "clock", "you"),
    }


@pytest.mark.parametrize(
    ("described", "words"),
    [
        ({"Outputs": []}, "it has no output LedgerTable, StateTable"),
        ({"StackStatus": "UPDATE_ROLLBACK_COMPLETE"}, "its last deployment failed"),
    ],
)
def test_a_stack_that_is_not_deployed_well_is_said(described: dict[str, Any], words: str, clinic: Clinic) -> None:
    (found,) = clinic.seen("stack", **described)
    assert (found.state, found.advice != ()) == ("problem", True)
    assert words in found.words


def test_without_its_outputs_what_follows_is_said_and_not_raised(clinic: Clinic) -> None:
    found = clinic.seen(Outputs=[])
    assert any(each.words == "the stack has no output Executor" for each in found)


def test_a_stack_that_only_observes_needs_no_roles(clinic: Clinic) -> None:
    given = [{"ParameterKey": "Autonomy", "ParameterValue": "observe"}]
    found = clinic.seen("roles", Parameters=given)
    assert [(each.state, each.words) for each in found] == [
        ("ok", "Autonomy=observe: there is no role that could change anything outside Nightcrew")
    ]
    assert ("iam", "GetRole") not in clinic.scripted.actions()


def test_without_a_parameter_the_packaged_policy_holds(clinic: Clinic) -> None:
    (found,) = clinic.seen("policy", Parameters=[])
    assert found.state == "ok"
    assert "packaged one holds, under Autonomy=observe" in found.words


def test_a_stack_that_was_made_today_has_no_day_to_keep(clinic: Clinic) -> None:
    with edited(clinic, "dynamodb", "GetItem", Item={}):
        found = clinic.seen("days", CreationTime=SystemClock().now())
    assert [each.state for each in found] == ["ok", "ok"]


def test_a_stack_without_anchors_is_well(clinic: Clinic) -> None:
    outputs = [{"OutputKey": key, "OutputValue": value} for key, value in clinic.outputs.items() if key != "Anchors"]
    (found,) = clinic.seen("anchors", Outputs=outputs)
    assert (found.state, found.words.startswith("none: ")) == ("ok", True)


def test_who_may_act_through_the_api_is_told_and_what_names_nobody(clinic: Clinic) -> None:
    given = {"ApiOperators": "arn:aws:iam::123456789012:role/oncall,ada", "ApiApprovers": ""}
    described = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    told = {each.state: each.words for each in clinic.seen("api", Parameters=described)}
    assert "ada can name nobody" in told["warning"]
    assert "role/oncall, ada may act; nobody may decide" in told["ok"]


CONSOLE = {"ConsoleIssuer": "https://login.example.com", "ConsoleClient": "console", "ConsoleViewers": "*@example.com"}


@pytest.mark.parametrize(
    ("given", "state", "words"),
    [
        (
            CONSOLE,
            "ok",
            "https://pages: https://login.example.com signs people in; *@example.com may look; nobody may act",
        ),
        ({**CONSOLE, "ConsoleViewers": ""}, "warning", "nobody may look at the console"),
        ({**CONSOLE, "ConsoleClient": ""}, "warning", "there is no console: one of ConsoleIssuer and ConsoleClient is"),
    ],
)
def test_who_may_what_on_pages_is_told(clinic: Clinic, given: dict[str, str], state: str, words: str) -> None:
    described = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    named = {**clinic.outputs, "Console": "https://pages"}
    outputs = [{"OutputKey": key, "OutputValue": value} for key, value in named.items()]
    found = [(each.state, each.words) for each in clinic.seen("api", Parameters=described, Outputs=outputs)]
    assert any(each == state and said.startswith(words) for each, said in found), found


def test_without_a_console_nothing_is_said_of_one(clinic: Clinic) -> None:
    assert not any("console" in each.words.lower() for each in clinic.seen("api", Parameters=[]))
