"""The page of what went wrong: in a sentence what, and what whoever reads it can do."""

from dataclasses import replace

import pytest

from nightcrew.api.desk import Desk
from nightcrew.api.people import Person
from nightcrew.console.words import sentence
from nightcrew.errors import Conflict, Denied, Unreachable
from tests.console.conftest import signed_in
from tests.console.looking import looking
from tests.console.reader import Newsroom, Opened, Reader

NO_RIGHT = "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: dynamodb:Query"
AWAY = "the table nightcrew-ledger: Could not connect"


def troubled(room: Newsroom, error: Exception) -> Reader:
    """Somebody who is signed in where each page meets this error."""

    def desk_for(person: Person) -> Desk:
        raise error

    reader = signed_in(room)
    return Reader(replace(reader.console, desk_for=desk_for), reader.cookies)


def sent(room: Newsroom, error: Exception) -> Opened:
    """A form that meets it on its way."""
    form = signed_in(room).open("/console/halt").form("/console/halt").fields
    reader = troubled(room, error)
    token = {**form, "token": reader.console.sign_in._token}  # type: ignore[attr-defined]
    return reader.send("POST", "/console/halt", {**token, "reason": "a storm"})


def test_who_has_no_right_on_aws_is_told_which_and_whom_to_ask(room: Newsroom) -> None:
    """At night nobody knows by heart whose rights a page acts with."""
    page = troubled(room, Denied(NO_RIGHT)).open("/console")
    assert page.status == 503
    for words in (f"{NO_RIGHT}.", "sign in to AWS anew", "ask who keeps the account"):
        assert words in page.words, words


def test_out_of_reach_is_tried_again_at_the_same_address(room: Newsroom) -> None:
    """And there is a way without the tables."""
    page = troubled(room, Unreachable(AWAY)).open("/console/history", runbook="x")
    assert "The table nightcrew-ledger: Could not connect." in page.words
    assert page.links["Try again"] == ""
    for words in ("nightcrew doctor", "--break-glass"):
        assert words in page.words, words


@pytest.mark.parametrize("error", [Unreachable(AWAY), Conflict("somebody else wrote")])
def test_of_a_form_whose_answer_got_lost_nobody_says_that_nothing_was_done(room: Newsroom, error: Exception) -> None:
    """A second click does it once; to open its address anew does nothing."""
    page = sent(room, error)
    assert "Whether it was done is not known." in page.words
    assert "Try again" not in page.links


def test_who_may_not_is_told_who_may(room: Newsroom) -> None:
    page = looking(room).open("/console/halt")
    assert page.status == 403
    assert "The console" not in page.words
    assert "who keeps the stack can add you" in page.words


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("there is no such page", "There is no such page."),
        ("restart-ec2-instance is gone", "restart-ec2-instance is gone."),
        ("User: no", "User: no."),
        ("say why.", "Say why."),
        ("", ""),
    ],
)
def test_what_an_error_says_is_a_sentence(said: str, shown: str) -> None:
    """A name keeps its letters."""
    assert sentence(said) == shown
