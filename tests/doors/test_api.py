"""The API as Lambda calls it: in the environment that the template sets, on the tables, with one line of log for each
request.
"""

import pytest

import api
from nightcrew.api.people import VARIABLES, Right
from nightcrew.demo.embedded import ACCOUNT, REGION
from tests.api.desk import OPERATOR, PEOPLE, RUNBOOK, VIEWER, event
from tests.doors.conftest import Context, Lines


@pytest.fixture
def stack(environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """With people who may do more than look."""
    for name, text in PEOPLE.items():
        environment.setenv(name, text)
    return environment


def test_it_answers_from_the_stacks_tables(stack: pytest.MonkeyPatch, context: Context) -> None:
    answer = api.handler(event("GET", "/halts", by=VIEWER), context)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, False)


def test_home_is_the_executors_account_and_region(stack: pytest.MonkeyPatch, context: Context) -> None:
    body = {"runbook": RUNBOOK, "resource": "i-0abc1234def567890"}
    answer = api.handler(event("POST", "/policy/explain", body), context)
    assert f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0abc1234def567890" in answer["body"]


def test_each_request_is_one_line_without_a_value(stack: pytest.MonkeyPatch, context: Context, api_log: Lines) -> None:
    body = {"runbook": RUNBOOK, "parameters": {"instance_id": "hunter2"}}
    api.handler(event("POST", "/runs", body, headers={"Idempotency-Key": "k"}), context)
    lines = [line for line in api_log() if line["message"] == "answered"]
    assert [(line["actor"], line["call"], line["status"]) for line in lines] == [(OPERATOR, "POST /runs", 422)]
    assert "hunter2" not in str(api_log())
    assert lines[0]["function_request_id"] == context.aws_request_id


def test_without_people_named_everybody_only_looks(environment: pytest.MonkeyPatch, context: Context) -> None:
    assert api.handler(event("POST", "/halts", {"reason": "x"}), context)["statusCode"] == 403


def test_what_names_nobody_is_told_once(stack: pytest.MonkeyPatch, context: Context, api_log: Lines) -> None:
    stack.setenv(VARIABLES[Right.OPERATE], "oncall,arn:aws:iam::123456789012:role/ops")
    for _ in range(2):
        api.handler(event("GET", "/halts"), context)
    assert [line["pattern"] for line in api_log() if line["message"] == "names nobody"] == ["oncall"]


def test_what_is_not_there_is_no_traceback(stack: pytest.MonkeyPatch, context: Context) -> None:
    """The template names tables that are not there: what AWS says of that is for the log."""
    stack.setenv("NIGHTCREW_STATE", "no-such-table")
    answer = api.handler(event("GET", "/halts", by=VIEWER), context)
    assert answer["statusCode"] >= 500
    assert "Traceback" not in answer["body"]


def test_an_event_of_another_kind_is_answered_too(stack: pytest.MonkeyPatch, context: Context) -> None:
    assert api.handler({"Records": []}, context)["statusCode"] == 401
