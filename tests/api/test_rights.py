"""Each call by each kind of person: who looks changes nothing, who operates decides nothing."""

from dataclasses import replace
from typing import Any

import pytest

from nightcrew.api import deciding, halts, lessons, runbooks, start
from nightcrew.api.calls import CALLS, Call
from nightcrew.api.desk import Desk
from nightcrew.api.people import NotAllowed, People, Person, Right
from tests.api.desk import APPROVER, BOTH, HOME, OPERATOR, VIEWER, Office

HAS = {
    VIEWER: {Right.VIEW},
    OPERATOR: {Right.VIEW, Right.OPERATE},
    APPROVER: {Right.VIEW, Right.APPROVE},
    BOTH: set(Right),
}
OUTSIDE = "arn:aws:sts::210987654321:assumed-role/ops/otto"


def path(call: Call) -> str:
    return call.path.replace("{name}", "restart-ec2-instance").replace("{id}", "20261121-030004-k3f9qa2m")


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_is_for_those_who_have_its_right(office: Office, call: Call) -> None:
    """Whoever may is told what is wrong with an empty request; whoever may not learns nothing of it."""
    body: dict[str, Any] | None = {} if call.method == "POST" else None
    for person, rights in HAS.items():
        said = office.ask(call.method, path(call), body, by=person)
        assert (said.status == 403) == (call.right not in rights), said.text
        if said.status == 403:
            assert said.body["type"].endswith(":not-allowed")
            assert said.body["right"] == call.right


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_of_nobody_is_answered_with_401(office: Office, call: Call) -> None:
    assert office.ask(call.method, path(call), {} if call.method == "POST" else None, by=None).status == 401


def test_a_role_of_that_name_in_another_account_only_looks(office: Office) -> None:
    assert office.ask("POST", "/halts", {"reason": "x"}, by=OUTSIDE).status == 403
    assert office.ask("GET", "/halts", by=OUTSIDE).status == 200


def test_where_nobody_is_named_nobody_acts(office: Office) -> None:
    office.people = People.of({})
    assert {office.ask("POST", "/halts", {"reason": "x"}, by=each).status for each in HAS} == {403}


def test_what_answers_asks_for_the_right_itself(office: Office) -> None:
    """A page that calls the same functions passes no route."""
    desk = Desk(office.door, Person(VIEWER), HOME, office.files)
    run = "20261121-030004-k3f9qa2m"
    for act in (
        lambda: deciding.approve(desk, run, plan="0" * 64),
        lambda: deciding.decline(desk, run, reason="x"),
        lambda: deciding.cancel(desk, run, reason="x"),
        lambda: halts.halt(desk, reason="x"),
        lambda: halts.lift(desk),
        lambda: lessons.learn(desk, "x", symptom="y"),
        lambda: lessons.correct(desk, "lesson-1", "x", version=0),
        lambda: runbooks.plan(desk, "restart-ec2-instance", {}),
        lambda: start.start(desk, "restart-ec2-instance", {}, key="k"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_only_reading_calls_are_for_everybody() -> None:
    writing = {call for call in CALLS if call.method != "GET"}
    assert {str(call) for call in writing if call.right is Right.VIEW} == {"POST /policy/explain"}


def test_an_approver_is_no_operator(office: Office) -> None:
    desk = Desk(office.door, Person(APPROVER, frozenset({Right.VIEW, Right.APPROVE})), HOME, office.files)
    with pytest.raises(NotAllowed):
        halts.halt(desk, reason="x")
    assert halts.halt(replace(desk, person=Person(OPERATOR, frozenset({Right.OPERATE}))), reason="x")
