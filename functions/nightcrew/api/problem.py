"""What went wrong, as ``application/problem+json`` (RFC 9457): a status, words for people, and fields for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nightcrew.api.people import NotAllowed, NotNamed
from nightcrew.api.told import told
from nightcrew.aws.cloud import CallFailed
from nightcrew.errors import (
    BadDeclaration,
    BadInput,
    BadPolicy,
    BrokenChain,
    Conflict,
    Denied,
    NightcrewError,
    Refused,
    Unknown,
    Unreachable,
)

MEDIA_TYPE = "application/problem+json"
_KIND = "urn:nightcrew:problem:"
_MOST = 200  # characters of a value, as it is said back
_SOON = {"Retry-After": "1"}
_LATER = {"Retry-After": "5"}


class TooLarge(NightcrewError):
    """The request's body is larger than anything that is asked for here."""


class NotJson(NightcrewError):
    """The request's body is of another kind than JSON."""


class NotThisWay(NightcrewError):
    """There is something at this path, but not by this method; ``allowed`` are those that there are."""

    def __init__(self, method: str, path: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{method} {path}: there is {', '.join(allowed)}")
        self.allowed = tuple(allowed)


@dataclass(frozen=True)
class Problem:
    """``more`` are members beside RFC 9457's own: ``field``, ``value`` and ``allowed``; ``gate``, ``figures``,
    ``until`` and ``run``.
    """

    status: int
    kind: str
    title: str
    detail: str
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The body."""
        said = {"type": _KIND + self.kind, "title": self.title, "status": self.status, "detail": self.detail}
        return {**said, **{name: told(value) for name, value in self.more.items()}}


def problem_of(error: Exception, request: str = "") -> Problem:
    """The problem that an error is, for who asked. One that nobody meant tells only the id of the ``request``: what
    happened stands in the function's log.
    """
    match error:
        case BadPolicy() | BadDeclaration():
            return _slip(request)  # not what was given now, but what is deployed
        case BadInput():
            return invalid([wrong(error.field, error.value, error.allowed)])
        case NotNamed():
            return Problem(401, "not-signed", "Nobody is named", str(error))
        case NotAllowed():
            return Problem(403, "not-allowed", "Not yours to do", str(error), {"right": str(error.right)})
        case Unknown():
            return Problem(404, "unknown", "There is no such thing", str(error))
        case NotThisWay():
            allow = {"Allow": ", ".join(error.allowed)}
            return Problem(405, "method", "Not by this method", str(error), headers=allow)
        case Refused():
            return _refused(error)
        case Conflict():
            return Problem(409, "conflict", "Try again", f"{error}: try again", headers=_SOON)
        case TooLarge():
            return Problem(413, "too-large", "Too large", str(error))
        case NotJson():
            return Problem(415, "not-json", "Not JSON", str(error))
        case BrokenChain():
            return Problem(500, "broken-chain", "The ledger was touched", str(error), {"run": error.run})
        case Denied():
            return Problem(503, "denied", "IAM does not allow it", str(error), headers=_LATER)
        case CallFailed() if error.kind == "refused":
            return Problem(502, "aws", "AWS refused it", str(error), {"code": error.code})
        case CallFailed() | Unreachable():
            return Problem(503, "unreachable", "Out of reach", str(error), headers=_LATER)
        case _:
            return _slip(request)


def wrong(name: str, value: Any, allowed: str) -> dict[str, Any]:
    """One value that is not allowed, as JSON; a long one is cut."""
    said = told(value)
    if isinstance(said, dict | list):
        said = str(said)
    if isinstance(said, str) and len(said) > _MOST:
        said = said[: _MOST - 1] + "…"
    return {"field": name, "value": said, "allowed": allowed}


def invalid(found: Sequence[Mapping[str, Any]]) -> Problem:
    """Values that are not allowed: the first one in the problem itself, all of them in ``errors``."""
    first = found[0]
    detail = f"{first['field']}: {first['allowed']}"
    return Problem(422, "invalid", "Not allowed", detail, {**first, "errors": list(found)})


def _refused(error: Refused) -> Problem:
    more = {"gate": error.gate, "figures": error.figures, "until": error.until, "run": error.run}
    return Problem(409, "refused", "Refused", error.words, more)


def _slip(request: str) -> Problem:
    words = "this is our fault, not yours; the function's log says more"
    return Problem(500, "slip", "Something went wrong", words, {"request": request} if request else {})
