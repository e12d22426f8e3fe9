"""Who sent a message: by what SQS says of its sender, and by nothing that the sender says."""

import pytest

from nightcrew.admission.chat import Member
from nightcrew.chat.members import NotFromTheChannel, Vouched, member_of
from nightcrew.chat.wishes import Wish, wish_of
from nightcrew.errors import BadInput
from tests.chat.channel import ROLE

VOUCHED = Vouched.of("U0ADA=ada, 29-x_y=grace@example.com")
PLAN = "0a1b2c3d4e5f"


def test_a_session_of_the_channels_role_names_its_member() -> None:
    """On Slack or Teams; and who that is, where the stack says it."""
    assert member_of(f"{ROLE}:chatbot-session-slack-U0ADA", ROLE, VOUCHED) == Member("slack", "U0ADA", "ada")
    grace = member_of(f"{ROLE}:chatbot-session-teams-29-x_y", ROLE, VOUCHED)
    assert grace.actor == "chat:teams:29-x_y:grace@example.com"
    assert member_of(f"{ROLE}:chatbot-session-slack-U0WHO", ROLE, VOUCHED).actor == "chat:slack:U0WHO"


SESSION = "chatbot-session-slack-U0ADA"


@pytest.mark.parametrize("session", ["", "U0ADA", "chatbot-session-U0ADA", SESSION[:-5], f"x-{SESSION}", f"{SESSION} "])
def test_of_a_session_of_another_form_nothing_is_believed(session: str) -> None:
    assert member_of(f"{ROLE}:{session}", ROLE, VOUCHED) == Member()
    assert Member().actor == "chat:somebody"


@pytest.mark.parametrize("sender", ["", "AIDAX", f"{ROLE}X:{SESSION}", f"X{ROLE}:{SESSION}", f":{SESSION}", SESSION])
def test_a_message_of_another_role_is_nobodys(sender: str) -> None:
    """However its session is called: who may take that role chooses the name."""
    with pytest.raises(NotFromTheChannel):
        member_of(sender, ROLE, VOUCHED)
    with pytest.raises(NotFromTheChannel):
        member_of(sender, "", VOUCHED)


def test_a_member_is_named_once_or_by_nobody() -> None:
    """What cannot be read is told in the log, and names nobody."""
    read = Vouched.of("U0ADA=ada,U0BOB=bob,U0ADA=grace,=x,U0CYD=,nobody,U1=a b")
    assert read.names == {"U0BOB": "bob"}
    assert read.unclear == ("U0ADA=ada", "U0ADA=grace", "=x", "U0CYD=", "nobody", "U1=a b")
    assert Vouched.of("") == Vouched()


def test_an_id_that_ends_in_a_sign_of_its_own_is_read_whole() -> None:
    """Ids of Teams may be text in base 64."""
    assert Vouched.of("MTIz===ada").names == {"MTIz==": "ada"}


def test_a_wish_names_what_is_wanted_the_run_and_the_plan() -> None:
    assert wish_of(f"approve/20261121-030004-k3f9qa2m/{PLAN}\n") == Wish(True, "20261121-030004-k3f9qa2m", PLAN)
    assert wish_of(f"decline/20261121-030004-k3f9qa2m/{PLAN}").approve is False


@pytest.mark.parametrize(
    "text",
    [
        *("", "approve", f"approve//{PLAN}", "approve/20261121-030004-k3f9qa2m/", "approve/20261121-030004-k3f9qa2m"),
        *(f"Approve/20261121-030004-k3f9qa2m/{PLAN}", f"cancel/20261121-030004-k3f9qa2m/{PLAN}"),
        *("approve/20261121-030004-k3f9qa2m/0a1b", f"approve/../{PLAN}", f"approve/$run/{PLAN}", "approve/$run/$plan"),
        *(f"approve/{'a' * 200}/{PLAN}", f"approve/20261121-030004-k3f9qa2m/{PLAN}/x"),
    ],
)
def test_what_no_button_sends_is_no_wish(text: str) -> None:
    """A short plan among it: its beginning would fit many."""
    with pytest.raises(BadInput):
        wish_of(text)
