"""What a browser, somebody in between or a token can do wrong at a sign-in: nobody is signed in, and it is said."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from nightcrew.console.oidc.attempt import LASTS, PREFIX
from nightcrew.console.oidc.sessions import COOKIE
from tests.console.reader import Newsroom, Opened
from tests.console.stack import BOB, Stack, back, nobody, stack_of


@pytest.fixture
def stack(room: Newsroom) -> Iterator[Stack]:
    with stack_of(room) as made:
        yield made


# --- the browser's answer


def test_an_answer_without_a_state_of_this_browser_signs_nobody_in(stack: Stack) -> None:
    """Else somebody could have another sign in as themselves, unnoticed."""
    ada, mallory = stack.browser(), stack.browser()
    his = stack.issuer.lets_in(mallory.knocks(), BOB)
    ada.knocks()
    assert "not begun in this browser" in nobody(stack, ada, back(ada, his))
    assert stack.issuer.forms == [], "the code is not even taken to the issuer"


@pytest.mark.parametrize("state", ["", "x", "x" * 43, "é", "x" * 5000])
def test_a_made_up_state_signs_nobody_in(stack: Stack, state: str) -> None:
    ada = stack.browser()
    ada.knocks()
    nobody(stack, ada, ada.open("/console/signed-in", code="code-0", state=state))


def test_a_stolen_state_is_good_for_nothing(stack: Stack) -> None:
    """It stands in an address, which a proxy's log may keep: the secret from which it was made does not."""
    ada, thief = stack.browser(), stack.browser()
    address = ada.knocks()
    thief.knocks()
    nobody(stack, thief, back(thief, stack.issuer.lets_in(address)))
    state = dict(parse_qsl(urlsplit(address).query))["state"]
    now = int(stack.issuer.now().timestamp())
    thief.cookies[f"{PREFIX}{state[:12]}"] = f"{state}.{now}.%2Fconsole"
    nobody(stack, thief, back(thief, stack.issuer.lets_in(address)))
    assert stack.issuer.forms == [], "no code is even taken to the issuer"


def test_a_stolen_code_is_good_for_nothing(stack: Stack) -> None:
    """Who has read Ada's code, and begins a sign-in of his own, has not what it was asked with (RFC 7636)."""
    ada, thief = stack.browser(), stack.browser()
    code = dict(parse_qsl(urlsplit(stack.issuer.lets_in(ada.knocks())).query))["code"]
    asked = dict(parse_qsl(urlsplit(thief.knocks()).query))
    assert "invalid_grant" in nobody(stack, thief, back(thief, stack.issuer.back(asked, code=code)))


def test_a_code_is_good_once(stack: Stack) -> None:
    """To go back in the browser, and on again, begins no second session."""
    ada = stack.browser()
    answer = stack.issuer.lets_in(ada.knocks())
    kept = dict(ada.cookies)
    assert back(ada, answer).status == 200
    again = stack.browser()
    assert "not begun in this browser" in _why(stack, back(ada, answer))
    again.cookies |= kept
    assert "invalid_grant" in _why(stack, back(again, answer))
    assert len(stack.table.wrote) == 1


def test_a_browser_is_told_to_forget_a_sign_in_after_ten_minutes(stack: Stack) -> None:
    ada = stack.browser()
    ada.knocks()
    assert f"; Max-Age={int(LASTS.total_seconds())};" in ada.set[0]
    assert timedelta(minutes=10) == LASTS


def test_a_sign_in_is_over_after_ten_minutes_whatever_the_browser_keeps(stack: Stack) -> None:
    """Some bring their cookies back with their windows, days later."""
    ada, late = stack.browser(), stack.browser()
    address, another = ada.knocks(), late.knocks()
    stack.later(LASTS - timedelta(minutes=1))
    assert back(ada, stack.issuer.lets_in(address)).status == 200
    stack.later(timedelta(minutes=1))
    assert "too long ago" in _why(stack, back(late, stack.issuer.lets_in(another)))
    assert COOKIE not in late.cookies
    assert len(stack.issuer.forms) == 1, "its code is not even taken to the issuer"


@pytest.mark.parametrize("since", ["{later}", "", "x", "-1", "٣", "9" * 12, "9" * 5000])
def test_who_changes_when_a_sign_in_began_has_no_answer_to_it(stack: Stack, since: str) -> None:
    """What was sent to the issuer follows from that time, too."""
    ada = stack.browser()
    address = ada.knocks()
    (name,) = (each for each in ada.cookies if each.startswith(PREFIX))
    secret, began, to = ada.cookies[name].split(".")
    stack.later(LASTS)
    ada.cookies[name] = f"{secret}.{since.format(later=int(began) + 600)}.{to}"
    assert "too long ago" in nobody(stack, ada, back(ada, stack.issuer.lets_in(address)))
    assert stack.issuer.forms == []


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("access_denied", "access_denied"),
        ("<script>alert(1)</script>", "it says not why"),
        ("x" * 500, "it says not why"),
    ],
)
def test_who_is_turned_away_by_the_issuer_reads_why(stack: Stack, why: str, said: str) -> None:
    """By its code: anybody may have written a description."""
    ada = stack.browser()
    asked = dict(parse_qsl(urlsplit(ada.knocks()).query))
    page = back(ada, stack.issuer.back(asked, error=why, error_description="call +1 555 0100"))
    assert said in nobody(stack, ada, page)
    assert "555" not in page.text
    assert "<script>alert" not in page.text


def test_an_answer_without_a_code_signs_nobody_in(stack: Stack) -> None:
    ada = stack.browser()
    asked = dict(parse_qsl(urlsplit(ada.knocks()).query))
    assert "no code" in nobody(stack, ada, back(ada, stack.issuer.back(asked)))


@pytest.mark.parametrize("named", ["https://evil.example", None])
def test_an_answer_of_another_issuer_signs_nobody_in(stack: Stack, named: str | None) -> None:
    """RFC 9207: where an issuer says its name in each answer, one without it is another's."""
    stack.issuer.named = True
    ada = stack.browser()
    assert back(ada, stack.issuer.lets_in(ada.knocks())).status == 200
    other = stack.browser()
    asked = dict(parse_qsl(urlsplit(other.knocks()).query))
    stack.issuer.named = False
    answer = stack.issuer.back(asked, code="code-9", **({"iss": named} if named else {}))
    assert "another issuer" in _why(stack, back(other, answer))


# --- the token


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"nonce": "x"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"nonce": "\ud800"}, "another sign-in"),
        ({"nonce": "é"}, "another sign-in"),
        ({"nonce": 7}, "another sign-in"),
        ({"aud": "another"}, "another application"),
        ({"aud": ["console", "another"]}, "another application"),
        ({"aud": None}, "another application"),
        ({"azp": "another"}, "another application"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "no exp"),
        ({"exp": "soon"}, "no exp"),
        ({"exp": True}, "no exp"),
        ({"iat": 1}, "not of this moment"),
        ({"iat": 10**10}, "not of this moment"),
        ({"iat": None}, "no iat"),
        ({"iat": 1e400}, "cannot be read|no iat"),
        ({"sub": None}, "names nobody"),
        ({"sub": ""}, "names nobody"),
        ({"sub": 7}, "names nobody"),
        ({"sub": "a\nb"}, "names nobody"),
        ({"sub": "\ud800"}, "names nobody"),
        ({"sub": "x" * 256}, "names nobody"),
    ],
)
def test_a_token_that_is_not_this_one_signs_nobody_in(stack: Stack, claims: dict[str, Any], why: str) -> None:
    """OpenID Connect Core 1.0, 3.1.3.7."""
    stack.issuer.claims = claims
    ada = stack.browser()
    said = nobody(stack, ada, back(ada, stack.issuer.lets_in(ada.knocks())))
    assert any(each in said for each in why.split("|"))


@pytest.mark.parametrize("claims", [{"aud": ["console"]}, {"azp": "console"}, {"at_hash": "x"}])
def test_a_token_may_say_more(stack: Stack, claims: dict[str, Any]) -> None:
    stack.issuer.claims = claims
    ada = stack.browser()
    assert back(ada, stack.issuer.lets_in(ada.knocks())).status == 200


def test_a_group_with_half_a_character_is_none(stack: Stack) -> None:
    """DynamoDB keeps no such text: whoever is in one could else not sign in."""
    stack.issuer.claims = {"groups": ["\ud800", "oncall-eu"]}
    ada = stack.browser()
    assert back(ada, stack.issuer.lets_in(ada.knocks())).status == 200
    assert [(each.put or {})["groups"] for each in stack.table.items] == [["oncall-eu"]]


def test_the_clocks_may_differ_a_little(stack: Stack) -> None:
    now = int(stack.issuer.now().timestamp())
    stack.issuer.claims = {"iat": now + 60, "exp": now - 60}
    ada = stack.browser()
    assert back(ada, stack.issuer.lets_in(ada.knocks())).status == 200


@pytest.mark.parametrize("header", ['{"alg":"none"}', "{}", "[]", "?", ""])
def test_a_token_that_is_not_signed_signs_nobody_in(stack: Stack, header: str) -> None:
    stack.issuer.header = header
    ada = stack.browser()
    nobody(stack, ada, back(ada, stack.issuer.lets_in(ada.knocks())))


def _why(stack: Stack, page: Opened) -> str:
    assert page.status == 403
    return stack.told[-1][1]
