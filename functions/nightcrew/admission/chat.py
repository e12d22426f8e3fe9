"""What may be decided from a chat channel, where nobody signs in.

What is known of who presses a button there is what AWS says of the session that it opened for them: the channel's role,
and which member. Who that is in AWS, the stack's parameter ``ChatPeople`` says, or nobody does.
"""

from dataclasses import dataclass

from nightcrew.admission.request import Request
from nightcrew.admission.settings import FromChat

RISKIEST = "data-loss"

BY_ITSELF = ("alarm", "event")
"""How a run came that nobody asked for."""


@dataclass(frozen=True)
class Member:
    """Who pressed a button: of which ``platform``, by which ``id`` there, both empty where AWS does not say it; and
    what they are called in AWS, where somebody vouches for that.
    """

    platform: str = ""
    id: str = ""
    name: str = ""

    @property
    def actor(self) -> str:
        """As the ledger names them: ``chat:slack:U0123ABCD:ada``, ``chat:slack:U0123ABCD``, or ``chat:somebody``.

        The last of it is compared with the names of who asked and who else approved: see ``persons``.
        """
        return ":".join(part for part in ("chat", self.platform, self.id or "somebody", self.name) if part)


def may_not_approve(member: Member, request: Request, risk: str) -> str | None:
    """Why this member may not approve this run; None where they may, if they did not ask for it themselves.

    ``risk`` is the runbook's, empty where nobody knows it any more: then the worst is assumed. To decline takes
    nothing: it only stops.
    """
    allowed = request.settings.from_chat.value
    if allowed is FromChat.NOBODY:
        return "policy lets nobody approve it from a chat (from_chat: nobody)"
    if member.name:
        return None
    who = "nobody says who you are in AWS: the stack's parameter ChatPeople could"
    if risk in {RISKIEST, ""}:
        return f"data can be lost, and {who}"
    if allowed is not FromChat.ANYONE:
        return f"{who}, or policy could let anyone approve it (from_chat: anyone)"
    if request.by not in BY_ITSELF:
        return f"somebody asked for it, it could have been you, and {who}"
    return None
