"""Whose run it is, as far as a row tells: indexes hold only the end of a long ARN."""

import re

from nightcrew.ledger.rows import BREAK_GLASS, BY_HAND

_NAMED = re.compile(r"(?P<session>\S+) \((?P<role>\S+)\)")
_CUT = "…"


def started_by(person: str, symptom: str | None, actor: str) -> bool:
    """Whether this person started the run that has this symptom and actor: nobody does what an alarm starts."""
    return (symptom or "").startswith((BY_HAND, BREAK_GLASS)) and is_called(person, actor)


def is_called(person: str, actor: str) -> bool:
    """Whether this is who it means: ``person`` is an ARN, a name (``ada``), or a name with its role (``ada (Admin)``),
    in capitals or not. Where only the end of the actor is known, the end must fit.
    """
    shown = actor.casefold()
    left = shown.removeprefix(_CUT)
    cut = left != shown
    for each in _ends(person.strip().casefold()):
        if left.endswith(each) or (left in (each[1:], each) and not cut) or (cut and each.endswith(left)):
            return True
    return False


def _ends(person: str) -> tuple[str, ...]:
    """How the actor may end who is this person: AWS names people behind a slash, issuers of tokens behind a colon."""
    if person.startswith(("arn:", "oidc:", "chat:")):
        return (person,)
    named = _NAMED.fullmatch(person)
    return (f"/{named['role']}/{named['session']}",) if named else (f"/{person}", f":{person}")
