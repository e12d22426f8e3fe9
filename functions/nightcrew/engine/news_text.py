"""A piece of news as people read it on a phone: what happened first, then where, then what to type."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nightcrew.clock import moment

SUBJECT = 99
"""Characters. SNS wants less than 100, without control characters; the older of its documents also want ASCII."""

MOST_LINES = 5
"""How many changes that stand as they are get a line of their own."""

Told = Mapping[str, Any]

_HEADS: dict[str, Callable[[Told], str]] = {
    "opened": lambda told: "started",
    "approval wanted": lambda told: "APPROVE?",
    "refused": lambda told: f"refused by {told.get('gate', 'a gate')}",
    "failed": lambda told: "FAILED",
    "undone": lambda told: f"{_plain(told.get('outcome'))}, taken back",
    "closed": lambda told: _plain(told.get("outcome")) or "closed",
    "suggested": lambda told: "SUGGESTED",
    "policy refused": lambda told: "POLICY not valid",
    "digest": lambda told: "digest",
    "game day": lambda told: f"GAME DAY, {_plain(told.get('outcome')) or 'no run'}",
}


def subject(told: Told) -> str:
    """``FAILED: restart-ec2-instance on i-0abc``, in plain ASCII on one line; of a digest what it says first."""
    if told["kind"] == "digest":
        return _line(f"{_head(told)}: {told['words']}")
    about = f"{told['runbook']} on {_name(told['resource'])}" if {"runbook", "resource"} <= told.keys() else ""
    return _line(f"{_head(told)}: {about or told.get('runbook') or 'Nightcrew'}")


def text(told: Told) -> str:
    """The message: headline, words, what stands as it is, the particulars, and the commands. A digest's is its own."""
    if told["kind"] == "digest" and "text" in told:
        return "\n".join([str(told["text"]), "", *commands(told)])
    lines = [subject(told), str(told["words"]), *left(told), ""]
    lines += [f"{label}: {value}" for label, value in particulars(told)]
    typed = commands(told)
    return "\n".join([*lines, "", *typed] if typed else lines)


def left(told: Told) -> Iterator[str]:
    """What a person must look at: it was changed, and stands so."""
    stays = told.get("not_undone", ())
    for each in stays[:MOST_LINES]:
        yield f"NOT taken back: {each.get('title')} ({each.get('words')})"
    if len(stays) > MOST_LINES:
        yield f"NOT taken back: {len(stays) - MOST_LINES} more"


def particulars(told: Told) -> Iterator[tuple[str, str]]:
    """What is known of it beside the words, each with its label."""
    for name in ("deadline", "until"):
        if name in told:
            yield name, f"{moment(str(told[name])):%Y-%m-%d %H:%M} UTC"
    if told.get("undone"):
        yield "taken back", ", ".join(map(str, told["undone"]))
    if "autonomy" in told:
        yield "autonomy", " – ".join(map(str, told["autonomy"]))
    for name in ("outcome", "resource", "alarm", "event", "actor", "reason", "run"):
        if told.get(name):
            yield name, str(told[name])
    if "account" in told:
        yield "in", f"{told['account']}, {told.get('region', '')}".rstrip(", ")


def commands(told: Told) -> list[str]:
    """What to type next."""
    run = told.get("run")
    if told["kind"] == "digest":
        days = f" --since {told['first_day']} --until {told['last_day']}" if "first_day" in told else ""
        return [f"nightcrew digest{days}"]
    if told["kind"] == "approval wanted":
        return [f"nightcrew approve {run}", f"nightcrew decline {run} --reason TEXT"]
    if told["kind"] == "suggested" and told.get("symptom"):
        return [
            f"nightcrew recall --symptom {shlex.quote(str(told['symptom']))}",
            f"nightcrew runbooks {told['runbook']}",
        ]
    if told["kind"] == "refused" and "resource" in told:
        return [f"nightcrew why {told['resource']}"]
    return [f"nightcrew show {run}"] if run else []


def _line(text: str) -> str:
    return re.sub(r"[^ -~]", "?", text)[:SUBJECT]


def _head(told: Told) -> str:
    head = _HEADS.get(str(told["kind"]))
    words = head(told) if head is not None else str(told["kind"])
    return f"BREAK-GLASS, {words}" if told.get("break_glass") else words


def _plain(outcome: object) -> str:
    return str(outcome or "").replace("_", " ")


def _name(arn: str) -> str:
    """``i-0abc`` of an ARN."""
    return re.split(r"[/:]", arn.split(":", 5)[-1])[-1]
