"""Whether two actors are one person: the same human acts by several names, as a user, in a role, by a browser, in chat.

Names are compared rather loosely. Two people taken for one cost a third person's approval; one taken for two would let
somebody agree with themselves.
"""

import re
import unicodedata

_AWS = re.compile(r"arn:[^:]*:(?:iam|sts):[^:]*:[^:]*:(.+)")
_BY_OTHERS = ("oidc:", "chat:")
"""Who was let in by an issuer of tokens or by a chat: its name comes first, theirs last."""

_USER = re.compile(r"arn:[^:]*:iam:[^:]*:[^:]*:user/")
"""Somebody gave a user its name, be it a number of many digits."""

_BY_A_PROGRAM = re.compile(r"(?:[a-z-]*(?:sdk|session|token|profile|provider)[a-z-]*)?[0-9]{10,}|default_session")
"""How the AWS CLI and the SDKs call a session that nobody gave a name: by the time, as botocore-session-1732244400,
web-identity-token-1732244400123.
"""

NAMELESS = "a session without a name"
"""What stands for whoever acts in one."""


def same_person(one: str, other: str) -> bool:
    """Whether these two may be the same human."""
    return one == other or person(one) == person(other)


def person(actor: str) -> str:
    """What stands for the human behind an actor, to be compared, not to be shown.

    It is the last of their names, without its domain: ``ada`` for the user ``ada``, the session ``Ada@example.com`` of
    any role, and ``oidc:https://login.example.com:ada@example.org``. Letters' case and what stands between them do not
    count. All sessions that a program named are one: whose they are, nobody can tell. An alarm is no person's name.
    """
    called = _called(actor)
    if called is None:
        return actor
    if not _USER.match(actor) and _BY_A_PROGRAM.fullmatch(called.lower()):
        return NAMELESS
    plain = unicodedata.normalize("NFKC", called).casefold()
    mine = re.split(r"[@+]", plain, maxsplit=1)[0]
    return "".join(sign for sign in mine if sign.isalnum()) or plain


def _called(actor: str) -> str | None:
    """The last name; None for what is no person's."""
    if found := _AWS.fullmatch(actor):
        return found[1].rsplit("/", 1)[-1]
    if actor.startswith(_BY_OTHERS):
        return actor.rsplit(":", 1)[-1]
    return None if ":" in actor else actor
