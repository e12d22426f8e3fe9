"""What the API answers, as the errors that the same command has elsewhere: the same words, hints and exit codes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.cli.exits import NotHere
from nightcrew.clock import moment
from nightcrew.errors import BadInput, Conflict, NightcrewError, Refused, Unknown, Unreachable

_SHOWN = 300


@dataclass(frozen=True)
class Answered:
    """An answer of the API: its status, its headers in small letters, its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def data(self) -> Any:
        """What it says, where it says well. Raises one of our errors otherwise."""
        told = self._read()
        if 200 <= self.status < 300 and told is not None:
            return told
        raise _error(self.status, told if isinstance(told, Mapping) else {}, self.headers)

    def _read(self) -> Any:
        """None for what is no JSON: a proxy's page, or another server's."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def _error(status: int, told: Mapping[str, Any], headers: Mapping[str, str]) -> NightcrewError:
    """By the status, and by what the problem says (RFC 9457)."""
    words = str(told.get("detail") or told.get("title") or told.get("message") or f"status {status}")[:_SHOWN]
    match status:
        case 401 | 403:
            return _turned_away(words, told)
        case 404 if "type" in told or "title" in told:
            return Unknown(words)
        case 404:
            return NotHere(
                f"there is no such call at this address: {words}", "is it Nightcrew's, and as new as this command?"
            )
        case 400 | 413 | 415 | 422:
            return _bad_input(words, told)
        case 409 if told.get("gate"):
            return Refused(
                str(told["gate"]),
                str(told.get("words") or words),
                figures=told.get("figures") if isinstance(told.get("figures"), Mapping) else None,
                until=_moment(told.get("until")),
                run=told.get("run"),
            )
        case 409:
            return Conflict(words)
        case 429:
            return Unreachable(f"the API is asked too often: {words}; try again in a moment")
        case 502 if told.get("code"):
            return NightcrewError(f"AWS refused it: {words}")
        case 502 | 503 | 504:
            after = headers.get("retry-after", "")
            return Unreachable(
                f"{words}; try again in {after} s" if after.isdecimal() else f"{words}; try again in a moment"
            )
        case _ if 200 <= status < 300:
            return NotHere("what answers at this address is not Nightcrew's API: it speaks no JSON")
    return NightcrewError(f"the API failed ({status}): {words}")


def _bad_input(words: str, told: Mapping[str, Any]) -> BadInput:
    field, allowed = str(told.get("field") or "request"), str(told.get("allowed") or words)
    return BadInput(field, told.get("value"), allowed)


def _turned_away(words: str, told: Mapping[str, Any]) -> NotHere:
    """API Gateway says who may not make the call, in one word; the function says what it takes."""
    if "type" in told or "title" in told:
        return NotHere(words, "the stack's parameters ApiOperators and ApiApprovers name who may")
    hints = (
        "looking takes the stack's ViewerAccess, acting OperatorAccess, deciding ApproverAccess: its outputs name them",
        "`aws sts get-caller-identity` says who you are; --profile, before the command, says who else",
        "is the --url the stack's output Api, and of this account?",
    )
    return NotHere(f"the API does not let you: {words}", *hints)


def _moment(text: object) -> datetime | None:
    try:
        return moment(str(text)) if text else None
    except ValueError:
        return None
