"""Who sent a message: SQS says it, and the sender cannot.

A button runs its command in a session of the channel's role, which only Amazon Q Developer in chat applications can
open. SQS writes role and session on each message (Amazon SQS API reference, ReceiveMessage: of a role the ``SenderId``
is its id, a colon, and the session's name). The session is named after the member: ``chatbot-session-slack-U0123ABCD``.
That form is seen in CloudTrail, and promised nowhere: of any other one nothing is believed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nightcrew.admission.chat import Member
from nightcrew.errors import NightcrewError

VARIABLE = "NIGHTCREW_CHAT_PEOPLE"
"""In the function's environment: ``U0123ABCD=ada``, with commas between them."""

_SESSION = re.compile(r"chatbot-session-([a-z]+)-([A-Za-z0-9_=.@-]+)")
_PERSON = re.compile(r"([A-Za-z0-9_=.@-]+?)=([A-Za-z0-9_+.@-]+)")


class NotFromTheChannel(NightcrewError):
    """The message came from somebody else than the channel's role."""


@dataclass(frozen=True)
class Vouched:
    """Who the members of channels are in AWS. ``unclear`` is what stands there and names nobody, for the log."""

    names: Mapping[str, str] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> "Vouched":
        """From the variable. Of a member who is named twice nothing is believed."""
        given = [each.strip() for each in text.split(",") if each.strip()]
        read = {each: _PERSON.fullmatch(each) for each in given}
        members = [found[1] for found in read.values() if found]
        twice = {member for member in members if members.count(member) > 1}
        names = {found[1]: found[2] for found in read.values() if found and found[1] not in twice}
        return cls(names, tuple(each for each, found in read.items() if found is None or found[1] in twice))


def member_of(sender: str, role: str, vouched: Vouched) -> Member:
    """The member who sent it, by its ``SenderId``. ``role`` is the id of the channel's role, like ``AROA…``.

    Raises NotFromTheChannel.
    """
    principal, _, session = sender.partition(":")
    if not role or principal != role:
        raise NotFromTheChannel(f"{sender} is not the channel's role")
    found = _SESSION.fullmatch(session)
    if found is None:
        return Member()
    return Member(found[1], found[2], vouched.names.get(found[2], ""))
