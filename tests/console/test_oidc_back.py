"""Where one comes to after signing in: nowhere but to a page of the console."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.console.oidc.attempt import PREFIX, Attempt, local
from nightcrew.console.oidc.sign_in import BACK, ENTER, OWN
from tests.console.issuer import URL
from tests.console.reader import Newsroom
from tests.console.stack import Stack, back, stack_of


@pytest.fixture
def stack(room: Newsroom) -> Iterator[Stack]:
    with stack_of(room) as made:
        yield made


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/console\\..\\..\\evil",
        "/console/../../evil",
        "/consolevil",
        "/console@evil.example",
        "/console/\nLocation: https://evil.example",
        "javascript:alert(1)",
        "/runs",
        "/console/" + "x" * 600,
        "/console/é",
        "",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(stack: Stack, to: str) -> None:
    assert local(to) == "/console"
    ada = stack.browser()
    ada.open("/console/enter", to=to)
    assert back(ada, stack.issuer.lets_in(ada.sent_to)).path == "/console"


@pytest.mark.parametrize("to", [*sorted(OWN), f"{BACK}?state=x", f"{ENTER}/"])
def test_nobody_is_sent_in_a_circle(stack: Stack, to: str) -> None:
    ada = stack.browser()
    ada.open("/console/enter", to=to)
    assert back(ada, stack.issuer.lets_in(ada.sent_to)).path == "/console"


def test_where_one_comes_to_is_checked_again_when_one_comes_back(stack: Stack) -> None:
    """Somebody may have changed the cookie."""
    ada = stack.browser()
    address = ada.knocks("/console/halt")
    (name,) = (each for each in ada.cookies if each.startswith(PREFIX))
    ada.cookies[name] = ada.cookies[name].rpartition(".")[0] + ".%2F%2Fevil.example"
    assert back(ada, stack.issuer.lets_in(address)).path == "/console"


def test_nothing_of_a_sign_in_follows_from_anything_else_of_it() -> None:
    """What stands in addresses tells nothing of what the code is taken with."""
    now = StoppedClock().now()
    one, other = Attempt.new("/console", now), Attempt.new("/console", now)
    made = [one.secret, one.state, one.nonce, one.verifier, one.challenge]
    assert len({*made, other.secret, other.state, other.nonce, other.verifier}) == 9
    assert all(len(each) == 43 for each in made)


def test_the_address_itself_is_given_to_the_issuer_by_nobody_else(stack: Stack) -> None:
    """Whatever host a request names, the issuer sends browsers back to the console's own."""
    stranger = stack.browser()
    sent = stranger.send("GET", "/console", headers={"host": "evil.example"})
    assert sent.headers["location"] == f"{URL}/console/enter"
    stranger.send("GET", "/console/enter", headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    asked = stranger.send("GET", "/console/enter", headers={"host": "evil.example"}).headers["location"]
    assert dict(parse_qsl(urlsplit(asked).query))["redirect_uri"] == f"{URL}/console/signed-in"
