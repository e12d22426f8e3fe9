"""The story of one run, out of its ledger entries: what was seen, done and proved, in order, each intent beside what
came of it.

An entry carries the facts since the one before it, so a change's result stands in the entry after its own. Here they
meet.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nightcrew.cli.values import compact
from nightcrew.clock import moment
from nightcrew.durations import in_words
from nightcrew.knowledge.postmortem.facts import HOW
from nightcrew.ledger.entries import Entry

OPEN = "open"
"""Of a step: it began, and the ledger does not tell how it ended."""


@dataclass
class Step:
    """One step. ``verb`` is read, hold, require, change, undo, wait, prove, pause or later; ``state`` is "done",
    "failed" or "open".
    """

    verb: str
    title: str
    at: datetime | None
    state: str = "done"
    details: list[str] = field(default_factory=list)
    result: list[str] = field(default_factory=list)


def steps(entries: Iterable[Entry]) -> list[Step]:
    """The steps of a run, in the order in which they began."""
    told: list[Step] = []
    for entry in entries:
        for fact in entry.body.get("facts", ()):
            _fact(fact, told)
        for step in told:
            if step.verb == "pause":
                # Whatever ended it, the run went on: this entry is after it.
                step.state = "done"
        announced = _announced(entry)
        if announced is not None:
            told.append(announced)
    return told


def _announced(entry: Entry) -> Step | None:
    """What an entry says is about to happen."""
    body = entry.body
    if entry.kind == "change":
        details = [f"{body['call']} {compact(body['parameters'])}", f"undo: {body['undo']}"]
        undoing = bool(body.get("undoing"))
        return Step(
            "undo" if undoing else "change", str(body["title"]), entry.at, OPEN, details[:1] if undoing else details
        )
    if entry.kind == "wait":
        # A poll names its call; a pause waits for time, or for somebody.
        return Step("wait" if "call" in body else "pause", str(body["title"]), entry.at, OPEN)
    return None


def _fact(fact: Mapping[str, Any], told: list[Step]) -> None:
    if "require" in fact:
        told.append(Step("require", str(fact["require"]), None, "done" if fact["held"] else "failed"))
    elif "read" in fact:
        told.append(_read(fact))
    elif "changed" in fact:
        step = _opened(told, ("change", "undo"), fact["changed"]) or _new(told, "change", fact["changed"], fact)
        step.state = "failed" if "error" in fact or "person" in fact else "done"
        step.result = list(_made(fact))
    elif "waited" in fact or "proved" in fact:
        verb = "prove" if "proved" in fact else "wait"
        title = fact["proved"] if verb == "prove" else fact["waited"]
        step = _opened(told, ("wait",), title) or _new(told, verb, title, fact)
        step.verb, step.state = verb, "done" if fact.get("met") else "failed"
        step.result = list(_waited(fact))
    elif "later" in fact:
        due = f"due {moment(fact['due']):%Y-%m-%d %H:%M:%S}"
        told.append(
            Step("later", str(fact["later"]), None, "done", [f"{fact['runbook']} {compact(fact['parameters'])}", due])
        )
    elif fact.get("held"):
        told.append(Step("hold", "took hold of its groups, too", _at(fact), "done", [", ".join(fact["held"])]))


def _read(fact: Mapping[str, Any]) -> Step:
    step = Step("read", str(fact["read"]), _at(fact), "done", [str(fact["call"])])
    if "error" in fact:
        step.state, step.result = "failed", [_error(fact["error"])]
    elif "missing" in fact:
        step.state, step.result = "failed", [str(fact["missing"])]
    elif fact.get("value") not in (None, {}, []):
        step.result = [compact(fact["value"])]
    return step


def _made(fact: Mapping[str, Any]) -> Iterator[str]:
    how = str(fact.get("how", ""))
    words = HOW.get(how, how)
    if words:
        yield words
    if "person" in fact:
        yield f"a person must look: {fact['person']}"
    if "error" in fact:
        yield _error(fact["error"])
    elif fact.get("request"):
        yield f"done, request {fact['request']}" + (
            f", at the {fact['tries']}. try" if fact.get("tries", 1) > 1 else ""
        )


def _waited(fact: Mapping[str, Any]) -> Iterator[str]:
    looks = int(fact.get("tries", 1))
    length = ""
    if "since" in fact and "at" in fact:
        spent = moment(fact["at"]) - moment(fact["since"])
        length = f" in {in_words(spent)}" if spent.total_seconds() >= 1 else ""
    met = "met" if fact.get("met") else "not met"
    faults = f", {fact['faults']} of them in vain" if fact.get("faults") else ""
    yield f"{met} after {looks} {'look' if looks == 1 else 'looks'}{length}{faults}"
    if fact.get("value") not in (None, {}, []):
        yield compact(fact["value"])
    if "stopped" in fact:
        yield str(fact["stopped"]["words"])
    if "error" in fact:
        yield _error(fact["error"])
    elif not fact.get("met") and fact.get("seen"):
        yield f"seen last: {fact['seen']}"


def _opened(told: list[Step], verbs: tuple[str, ...], title: str) -> Step | None:
    return next(
        (step for step in reversed(told) if step.state == OPEN and step.verb in verbs and step.title == title), None
    )


def _new(told: list[Step], verb: str, title: str, fact: Mapping[str, Any]) -> Step:
    step = Step(verb, str(title), _at(fact, "since") or _at(fact))
    told.append(step)
    return step


def _at(fact: Mapping[str, Any], name: str = "at") -> datetime | None:
    return moment(fact[name]) if fact.get(name) else None


def _error(error: Mapping[str, Any]) -> str:
    request = f" (request {error['request']})" if error.get("request") else ""
    return f"{error.get('code')}: {error.get('message')}{request}"
