"""Each error is a problem with its own status; a slip tells nothing of ours."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.api.people import NotAllowed, NotNamed, Right
from nightcrew.api.problem import NotJson, NotThisWay, TooLarge, problem_of
from nightcrew.errors import (
    BadInput,
    BadParameter,
    BadPolicy,
    BrokenChain,
    Conflict,
    Forbidden,
    NightcrewError,
    Refused,
    Unknown,
    Unreachable,
)
from tests.api.desk import Office

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "status", "more"),
    [
        (BadInput("limit", 7, "1 to 5"), 422, {"field": "limit", "value": 7, "allowed": "1 to 5"}),
        (BadParameter("size", {"a": 1}, "text"), 422, {"field": "size", "value": "{'a': 1}"}),
        (BadInput("words", "x" * 9000, "less"), 422, {"value": "x" * 199 + "…"}),
        (NotNamed("nobody"), 401, {}),
        (NotAllowed("ada", Right.APPROVE, "ApiApprovers"), 403, {"right": "approver"}),
        (Unknown("there is no run x"), 404, {"detail": "there is no run x"}),
        (NotThisWay("PUT", "/runs", ["GET"]), 405, {}),
        (
            Refused("lock", "taken", figures={"run": "r"}, until=NOON, run="r"),
            409,
            {"gate": "lock", "figures": {"run": "r"}, "until": "2026-11-21T12:00:00.000Z", "run": "r"},
        ),
        (Conflict("others wrote"), 409, {"detail": "others wrote: try again"}),
        (TooLarge("big"), 413, {}),
        (NotJson("xml"), 415, {}),
        (BrokenChain("r", 3, "touched"), 500, {"run": "r"}),
        (Unreachable("DynamoDB"), 503, {}),
        (BadPolicy("policy.yaml", 3, "autonomy", "x", "auto"), 500, {"type": "urn:nightcrew:problem:slip"}),
        (Forbidden("ec2:Terminate"), 500, {"type": "urn:nightcrew:problem:slip"}),
        (KeyError("password"), 500, {"type": "urn:nightcrew:problem:slip"}),
    ],
)
def test_an_error_has_its_status_and_its_members(error: Exception, status: int, more: dict[str, Any]) -> None:
    body = problem_of(error).to_dict()
    assert body["status"] == status
    assert more.items() <= body.items()
    assert body.keys() >= {"type", "title", "status", "detail"}


def test_every_error_of_ours_has_a_problem() -> None:
    """One that is added is a slip until somebody decides: never an answer by chance."""

    class New(NightcrewError):
        pass

    assert problem_of(New("x")).status == 500


def test_what_may_be_asked_again_says_when() -> None:
    assert dict(problem_of(Unreachable("x")).headers) == {"Retry-After": "5"}
    assert dict(problem_of(Conflict("x")).headers) == {"Retry-After": "1"}


def test_a_slip_is_told_to_the_log_and_to_nobody_else(office: Office) -> None:
    def broken(_: object) -> Any:
        raise RuntimeError("password=hunter2 in /var/task/x.py")

    office.answering.desk_for = broken
    said = office.ask("GET", "/runs")
    assert (said.status, said.body["request"]) == (500, "request-1")
    assert "hunter2" not in said.text
    assert [str(each) for each in office.slips] == ["password=hunter2 in /var/task/x.py"]


def test_problems_have_their_media_type_and_are_not_kept(office: Office) -> None:
    for said in (office.ask("GET", "/nope"), office.ask("GET", "/runs/none"), office.ask("GET", "/runs", by=None)):
        assert said.headers["content-type"] == "application/problem+json"
        assert said.headers["cache-control"] == "no-store"


def test_a_path_that_there_is_not_is_404_and_a_wrong_method_405(office: Office) -> None:
    assert office.ask("GET", "/").status == 404
    assert office.ask("GET", "/runs/").status == 404
    said = office.ask("PATCH", "/halts")
    assert (said.status, said.headers["allow"]) == (405, "GET, POST, DELETE")


def test_all_that_is_wrong_is_said_at_once(office: Office) -> None:
    said = office.ask("GET", "/runs", query={"limit": "many", "outcome": "fine"})
    assert {each["field"] for each in said.body["errors"]} == {"limit", "outcome"}
