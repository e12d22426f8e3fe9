"""A wish from a channel: whether its member may, and then the same as for anybody who decides through the API."""

from dataclasses import dataclass
from pathlib import Path

from nightcrew.admission.chat import Member, may_not_approve
from nightcrew.admission.opened import request_of
from nightcrew.api import deciding
from nightcrew.api.desk import Desk, Home
from nightcrew.api.people import Person, Right
from nightcrew.chat.wishes import Wish
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.engine.installation import Installation
from nightcrew.errors import BadInput, Refused, Unknown, Unreachable
from nightcrew.ledger.history import opening

SAYS_NO = (BadInput, Refused, Unknown)
"""What is an answer for who asked, and will be the same however often it is asked."""


@dataclass(frozen=True)
class Answered:
    """What became of a wish, for the log and for the run's thread."""

    done: bool
    words: str
    actor: str
    run: str


def answer(installation: Installation, member: Member, wish: Wish) -> Answered:
    """Decide, and wake the run. Raises Conflict and Unreachable: then it may be tried again."""
    try:
        words = _decided(installation, member, wish)
    except SAYS_NO as no:
        said = no.words if isinstance(no, Refused) else no.allowed if isinstance(no, BadInput) else str(no)
        return Answered(False, f"not {'approved' if wish.approve else 'declined'}: {said}", member.actor, wish.run)
    return Answered(True, words, member.actor, wish.run)


def _decided(installation: Installation, member: Member, wish: Wish) -> str:
    if wish.approve:
        _must(installation, member, wish)
    desk = _desk(installation, member)
    if wish.approve:
        done = deciding.approve(desk, wish.run, plan=wish.plan, reason="from a chat")
    else:
        done = deciding.decline(desk, wish.run, plan=wish.plan, reason="from a chat")
    return str(done["words"])


def _must(installation: Installation, member: Member, wish: Wish) -> None:
    """Raises Unknown, Refused."""
    entry = opening(installation.store, wish.run)
    if entry is None or entry.kind != "opening":
        raise Unknown(f"there is no run {wish.run}")
    request = request_of(entry)
    why = may_not_approve(member, request, installation.catalog.risk_of(request.runbook, request.parameters))
    if why is not None:
        raise Refused("approval", f"{member.actor} may not approve it here: {why}")


def _desk(installation: Installation, member: Member) -> Desk:
    person = Person(member.actor, frozenset({Right.VIEW, Right.APPROVE}))
    return Desk(Dispatcher(installation, _starts_nothing), person, Home("", ""), Path())


def _starts_nothing(run: str) -> None:
    raise Unreachable(f"nothing is started from a chat, nor {run}")
