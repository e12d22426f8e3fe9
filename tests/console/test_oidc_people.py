"""Whom the console lets look, act and decide, by what an issuer says of them."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from nightcrew.admission.persons import same_person
from nightcrew.api.people import Right
from nightcrew.clock import StoppedClock
from nightcrew.console.oidc.people import VARIABLES, People, actor_of
from nightcrew.console.oidc.token import MOST_GROUPS, Claims, claims_of
from nightcrew.knowledge.names import named, person

NOW = StoppedClock().now()
ADA = Claims("1", "ada@example.com", ())
LOOKS, ACTS, DECIDES = {Right.VIEW}, {Right.VIEW, Right.OPERATE}, {Right.VIEW, Right.APPROVE}


def rights(claims: Claims, viewers: str = "", operators: str = "", approvers: str = "") -> set[Right]:
    """What somebody may, with these parameters."""
    given = dict(zip(VARIABLES.values(), (viewers, operators, approvers), strict=True))
    return set(People.of(given).person("login.example.com", claims).rights)


def read(**claims: Any) -> Claims:
    """What a token of this moment with these claims says."""
    now = int(NOW.timestamp())
    made = {"iss": "https://i", "aud": "c", "nonce": "n", "iat": now, "exp": now + 60, "sub": "1", **claims}
    parts = (json.dumps(each).encode() for each in ({"alg": "RS256"}, made))
    token = ".".join(urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)
    return claims_of(f"{token}.x", issuer="https://i", client="c", nonce="n", now=NOW)


# --- what a token says


@pytest.mark.parametrize("verified", [None, False, "false", 1, "yes", []])
def test_an_address_that_is_not_verified_names_nobody(verified: object) -> None:
    """In many directories anybody may write any address into their own profile."""
    assert read(email="ada@example.com", email_verified=verified).email is None
    assert read(email="ada@example.com").email is None


@pytest.mark.parametrize("verified", [True, "true"])
def test_a_verified_address_is_read_in_small_letters(verified: object) -> None:
    """Cognito writes the word as text for who comes from another issuer."""
    assert read(email="Ada.Lovelace+Oncall@Example.COM", email_verified=verified).email == (
        "ada.lovelace+oncall@example.com"
    )


def test_entra_id_says_by_a_claim_of_its_own_that_an_address_is_verified() -> None:
    """Which counts where the usual one says nothing."""
    assert read(email="ada@example.com", xms_edov=True).email == "ada@example.com"
    assert read(email="ada@example.com", xms_edov=False).email is None
    assert read(email="ada@example.com", xms_edov=True, email_verified=False).email is None


@pytest.mark.parametrize(
    "address",
    [
        *("ada", "@example.com", "ada@", "a@b@example.com", "ada@example.com\n", "ada lovelace@example.com", 7, None),
        *(
            "ada:x@example.com",
            "\u0430da@example.com",
            "ada@exa(mple.com",
            "\u212aim@example.com",
            "x" * 65 + "@example.com",
        ),
        *('"ada@example.com"@evil.example', "ada@example.com,bob@example.com"),
    ],
)
def test_what_does_not_look_like_an_address_names_nobody(address: object) -> None:
    """Nothing divides an actor but what we put there, and no letter only looks like another."""
    assert read(email=address, email_verified=True).email is None


def test_groups_are_read_from_either_claim() -> None:
    """Some issuers write the only one as text."""
    assert read(groups=["a", "b", "a"]).groups == ("a", "b")
    assert read(groups="a").groups == ("a",)
    assert read(**{"cognito:groups": ["c"], "groups": ["a"]}).groups == ("a", "c")
    assert read(groups=["a", 7, None, "", "x" * 300, {"a": 1}]).groups == ("a",)
    assert read(groups={"a": 1}).groups == ()
    assert len(read(groups=[str(each) for each in range(1000)]).groups) == MOST_GROUPS


# --- what they may


def test_nobody_is_named_by_default() -> None:
    assert rights(Claims("1", "ada@example.com", ("admins",))) == set()
    assert People.of({}).person("i", ADA).rights == frozenset()


def test_who_may_act_or_decide_may_look() -> None:
    assert rights(ADA, operators="ada@example.com") == ACTS
    assert rights(ADA, approvers="ada@example.com") == DECIDES
    assert rights(ADA, viewers="ada@example.com") == LOOKS


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("ada@example.com", True),
        ("ADA@Example.com", True),
        ("*@example.com", True),
        ("a?a@example.com", True),
        ("bob@example.com , ada@example.com", True),
        ("*@*", True),
        ("*@*.com", True),
        ("bob@example.com", False),
        ("*@example.org", False),
        ("*@ample.com", False),
        ("ada@example.com.evil.example", False),
        ("*", False),
        ("*@", False),
        ("ada", False),
        ("ada@example?com?", False),
        ("*@*@*", False),
        ("[a-z]*@example.com", False),
        ("ada@example.com|x", False),
        ("", False),
    ],
)
def test_a_pattern_names_whom_it_says_and_nobody_else(pattern: str, *, named: bool) -> None:
    assert rights(ADA, viewers=pattern) == (LOOKS if named else set())


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("oncall-eu", True),
        ("oncall-*", True),
        ("/teams/*", True),
        ("/*", False),
        ("Oncall-eu", False),
        ("oncall", False),
    ],
)
def test_a_group_is_named_as_it_is_written(pattern: str, *, named: bool) -> None:
    """What stands between slashes is one name."""
    claims = Claims("1", "ada@example.com", ("oncall-eu", "/teams/night"))
    assert rights(claims, operators=pattern) == (ACTS if named else set())


def test_a_group_that_looks_like_an_address_is_none() -> None:
    """Who may name groups in the directory shall not thereby name people."""
    assert rights(Claims("1", None, ("ada@example.com",)), viewers="ada@example.com") == set()
    assert rights(Claims("ada@example.com", None, ()), viewers="ada@example.com") == set()


def test_who_has_no_verified_address_only_looks() -> None:
    """Whether they are who asked for a run nobody could tell: they might approve their own."""
    claims = Claims("1", None, ("leads", "oncall"))
    assert rights(claims, operators="oncall", approvers="leads") == LOOKS


def test_an_actor_is_the_issuers_host_and_the_address() -> None:
    assert actor_of("login.example.com", ADA) == "oidc:login.example.com:ada@example.com"
    assert actor_of("login.example.com", Claims("auth0|x:ada", None, ())) == "oidc:login.example.com:auth0%7Cx%3Aada"


def test_people_read_the_address_and_not_the_issuer() -> None:
    actor = actor_of("login.example.com:8443", ADA)
    assert person(actor) == "ada@example.com"
    assert named(f"approved by {actor}, and {actor}.") == "approved by ada@example.com, and ada@example.com."


def test_who_signs_in_is_the_person_that_they_are_in_aws() -> None:
    """So nobody approves on a page what they asked for at a terminal."""
    actor = actor_of("login.example.com:8443", ADA)
    assert same_person(actor, "arn:aws:iam::123456789012:user/ada")
    assert same_person(actor, "arn:aws:sts::123456789012:assumed-role/ops/Ada@example.org")
    assert not same_person(actor, "arn:aws:iam::123456789012:user/bob")
