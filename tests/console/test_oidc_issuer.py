"""What an issuer can do wrong, and what it may do in its own way."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.console.oidc.fetching import MOST, PATIENCE, Fetching
from nightcrew.console.oidc.issuer import DISCOVERY, KEPT, TRIED_AGAIN
from tests.console.issuer import Answered
from tests.console.reader import Newsroom
from tests.console.stack import Stack, back, nobody, stack_of


@pytest.fixture
def stack(room: Newsroom) -> Iterator[Stack]:
    with stack_of(room) as made:
        yield made


def answering(status: int, body: bytes) -> Callable[[], Answered]:
    """One who always answers so."""
    return lambda: (status, body)


@pytest.mark.parametrize("path", [DISCOVERY, "/token"])
@pytest.mark.parametrize(
    "answer",
    [
        (302, b"{}"),
        (500, b"{}"),
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"\xff{}"),
        (200, b"[" * 100_000),
    ],
    ids=["redirect", "trouble", "empty", "html", "list", "no text", "deep"],
)
def test_an_issuer_that_answers_nonsense_signs_nobody_in(stack: Stack, path: str, answer: Answered) -> None:
    """Nobody is sent anywhere by it, and no redirect is followed."""
    ada = stack.browser()
    address = "" if path == DISCOVERY else ada.knocks()
    stack.issuer.instead[path] = answering(*answer)
    page = ada.open("/console/enter") if path == DISCOVERY else back(ada, stack.issuer.lets_in(address))
    nobody(stack, ada, page, 503)
    assert not any("elsewhere" in each for each in stack.issuer.asked)


def test_an_issuer_that_says_too_much_is_not_read_to_the_end(stack: Stack) -> None:
    """However right the rest is: else one answer could fill the function's memory."""
    stack.issuer.discovery = {"padding": "x" * MOST}
    ada = stack.browser()
    assert "more than is read" in nobody(stack, ada, ada.open("/console/enter"), 503)


def test_an_issuer_that_is_slow_is_given_up(stack: Stack) -> None:
    """However it drips: a sign-in takes no longer than the function has."""

    def slow() -> Answered:
        stack.later(PATIENCE + timedelta(seconds=1))
        return 200, b"{}"

    stack.issuer.instead[DISCOVERY] = slow
    ada = stack.browser()
    assert "too long" in nobody(stack, ada, ada.open("/console/enter"), 503)


def test_an_issuer_that_is_not_there_is_said_to_be_so(stack: Stack) -> None:
    """Without an address in the words; and once it is back, all is well, ten seconds later at most."""

    def broken() -> Answered:
        raise ConnectionAbortedError

    stack.issuer.instead[DISCOVERY] = broken
    ada = stack.browser()
    why = nobody(stack, ada, ada.open("/console/enter"), 503)
    assert "http" not in why
    stack.issuer.instead.clear()
    stack.later(TRIED_AGAIN)
    assert ada.signs_in(stack.issuer).status == 200


@pytest.mark.parametrize(
    "answer",
    [(500, b"{}"), (200, b""), (200, b'{"issuer":"https://evil.example"}')],
    ids=["trouble", "empty", "astray"],
)
def test_an_issuer_in_trouble_is_asked_once_in_ten_seconds(stack: Stack, answer: Answered) -> None:
    """Else whoever knocks then, five times, holds the function for five times eight seconds. All read the same why."""
    stack.issuer.instead[DISCOVERY] = answering(*answer)
    ada = stack.browser()
    said = {nobody(stack, ada, ada.open("/console/enter"), 503) for _ in range(5)}
    assert (len(said), stack.issuer.asked) == (1, [DISCOVERY])
    stack.later(TRIED_AGAIN - timedelta(seconds=1))
    ada.open("/console/enter")
    assert stack.issuer.asked == [DISCOVERY]
    stack.later(timedelta(seconds=1))
    ada.open("/console/enter")
    assert stack.issuer.asked == [DISCOVERY, DISCOVERY]


def test_the_ten_seconds_begin_when_a_try_has_failed(stack: Stack) -> None:
    """Not when it began: one that took eight of them would be made again after two."""

    def slow() -> Answered:
        stack.later(TRIED_AGAIN)
        return 200, b""

    stack.issuer.instead[DISCOVERY] = slow
    ada = stack.browser()
    for _ in range(2):
        nobody(stack, ada, ada.open("/console/enter"), 503)
    assert stack.issuer.asked == [DISCOVERY]


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": "https://user:word@evil.example/token"},
        {"token_endpoint": 7},
    ],
)
def test_a_discovery_document_that_leads_astray_is_not_believed(stack: Stack, told: dict[str, Any]) -> None:
    """It must be the issuer's own, and all that it names of HTTPS."""
    stack.issuer.discovery = told
    ada = stack.browser()
    nobody(stack, ada, ada.open("/console/enter"), 503)
    assert ada.sent_to == ""


def test_where_an_issuer_has_what_is_asked_anew_after_an_hour(stack: Stack) -> None:
    ada = stack.browser()
    ada.knocks()
    stack.later(KEPT)
    ada.knocks()
    assert stack.issuer.asked == [DISCOVERY, DISCOVERY]


def test_an_issuers_name_may_have_a_path(stack: Stack) -> None:
    """And its address for browsers a query of its own; Cognito's, Entra's and Okta's names are such."""
    stack.issuer.path = "/eu-west-1_AbCdEf"
    stack.environment["NIGHTCREW_CONSOLE_ISSUER"] = stack.issuer.url
    stack.issuer.discovery = {"authorization_endpoint": f"{stack.issuer.url}/authorize?policy=b2c&state=x"}
    ada = stack.browser()
    assert ada.signs_in(stack.issuer).status == 200
    assert "policy=b2c" in ada.sent_to


def test_groups_are_asked_for_where_the_issuer_knows_that_wish(stack: Stack) -> None:
    """Some give them only then, and others refuse who asks for what they do not know."""
    assert "scope=openid+email&" in stack.browser().knocks()
    stack.issuer.discovery = {"scopes_supported": ["openid", "groups"]}
    assert "scope=openid+email+groups&" in stack.browser().knocks()


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example.com",
        "http://127.0.0.1:1/",
        "ftp://login.example.com",
        "https://",
        "https://a@b.example",
        "https://login.example.com:x/",
        "https://login.example.com/#x",
        "https://login.example.com/ x",
        "https://login.example.com/\n",
        "//login.example.com",
    ],
)
def test_only_https_is_asked(url: str) -> None:
    """This machine, too: a stack has no issuer there."""
    assert not Fetching(StoppedClock()).allows(url)
    assert Fetching(StoppedClock()).allows("https://login.example.com:8443/realms/x")
