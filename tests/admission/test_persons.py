"""Whether two actors are one person: loosely, since one human taken for two could agree with themselves."""

import pytest

from nightcrew.admission.persons import NAMELESS, person, same_person

USER = "arn:aws:iam::123456789012:user/teams/night/ada"
SESSION = "arn:aws:sts::123456789012:assumed-role/ops/ada"
LEADS = "arn:aws:sts::210987654321:assumed-role/leads/Ada@example.com"
SIGNED_IN = "oidc:https://login.example.com/pool:ada@example.com"
IN_CHAT = "chat:slack:U0123ABCD:ada"
UNNAMED = "arn:aws:sts::123456789012:assumed-role/ops/botocore-session-1763780400"
ALARM = "alarm: ada"


@pytest.mark.parametrize("other", [USER, SESSION, LEADS, SIGNED_IN, IN_CHAT, "ada"])
def test_a_human_is_one_person_by_each_way_in(other: str) -> None:
    """As a user, in any role of any account, from a browser, in chat; and both ways round."""
    for one in (USER, SESSION, LEADS, SIGNED_IN, IN_CHAT, "ada"):
        assert same_person(one, other)
        assert same_person(other, one)


@pytest.mark.parametrize(
    "other",
    [
        "oidc:https://login.example.com:ADA@EXAMPLE.COM",
        "oidc:https://login.example.com:ada+night@example.com",
        "oidc:https://elsewhere.example:ada@example.org",
        "oidc:https://login.example.com:\uff41da@example.com",
        "arn:aws-cn:sts::123456789012:assumed-role/aws-reserved/Ada",
        "arn:aws:sts::123456789012:federated-user/ada",
    ],
)
def test_case_domain_and_what_a_mail_has_behind_a_plus_do_not_make_another_person(other: str) -> None:
    """Letters of other widths neither."""
    assert same_person(SESSION, other)


def test_what_stands_between_two_names_does_not_make_another_person() -> None:
    """A user ``ada-lovelace`` and a mail ``ada.lovelace@…``."""
    names = ("ada-lovelace", "oidc:https://login.example.com:Ada.Lovelace@example.com", f"{USER}_lovelace")
    assert len({person(each) for each in names}) == 1


@pytest.mark.parametrize(
    "other",
    [
        USER.replace("ada", "adam"),
        SESSION.replace("/ada", "/bob"),
        SIGNED_IN.replace("ada@", "bob@"),
        "arn:aws:sts::123456789012:assumed-role/ada/bob",
        "arn:aws:iam::123456789012:user/ada/bob",
        "oidc:https://ada:bob@ada.example",
        "bob@ada",
    ],
)
def test_another_last_name_is_another_person(other: str) -> None:
    """A role, a path, an issuer and a domain are shared by many."""
    assert not same_person(SESSION, other)


def test_an_alarm_is_no_person_whatever_it_is_called() -> None:
    """Else one could be named so that somebody can never approve."""
    for alarm in (ALARM, "event: x/ada", "alarm: oidc:x:ada@example.com", "arn:aws:cloudwatch:eu-west-1:1:alarm:ada"):
        assert not same_person(alarm, SESSION)
        assert not same_person(SESSION, alarm)


@pytest.mark.parametrize(
    "name",
    [
        "botocore-session-1763780499",
        "aws-go-sdk-1763780499123456789",
        "aws-sdk-java-1763780499123",
        "web-identity-token-1763780499123",
        "assume-role-from-profile-1763780499123",
        "1763780499123",
    ],
)
def test_sessions_that_only_a_program_named_are_one_person(name: str) -> None:
    """One human gets another such name each time that they take a role."""
    other = f"arn:aws:sts::123456789012:assumed-role/leads/{name}"
    assert person(other) == NAMELESS
    assert same_person(UNNAMED, other)
    assert not same_person(SESSION, other)


def test_a_user_whose_name_is_a_long_number_is_a_person() -> None:
    """Else nobody in a team of such could ever approve what another one asked for."""
    one, other = (f"arn:aws:iam::123456789012:user/{number}" for number in (4915112345678, 4915187654321))
    assert not same_person(one, other)
    assert not same_person(one, UNNAMED)


@pytest.mark.parametrize("name", ["i-0123456789abcdef0", "4711", "ada-1763780499", "..."])
def test_a_machine_or_a_number_of_staff_is_a_name(name: str) -> None:
    """Of ``...`` something is left to compare, too."""
    actor = f"arn:aws:sts::123456789012:assumed-role/leads/{name}"
    assert person(actor) not in {NAMELESS, ""}
    assert not same_person(actor, SESSION)
