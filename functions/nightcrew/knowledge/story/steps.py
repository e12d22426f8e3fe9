"""The story of one run, out of its ledger entries: what was seen, done and proved, in order, each intent beside what
came of it.

An entry carries the facts since the one before it, so a change's result stands in the entry after its own. Here they
meet. What cannot be read, since somebody edited it, is a step that says so: ``verify`` says more.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from nightcrew.clock import moment
from nightcrew.durations import duration, in_words
from nightcrew.knowledge.names import person
from nightcrew.knowledge.story.how import HOW
from nightcrew.knowledge.story.step import OPEN, Step
from nightcrew.knowledge.values import compact
from nightcrew.ledger.entries import Entry

_UNFIT = (AttributeError, KeyError, OverflowError, TypeError, ValueError)
_PAUSES = ("pause", "approve")


def steps(entries: Iterable[Entry]) -> list[Step]:
    """The steps of a run, in the order in which they began."""
    told: list[Step] = []
    pauses: list[Step] = []
    for entry in entries:
        begun = len(told)
        try:
            for fact in entry.body.get("facts", ()):
                _fact(fact, told)
        except _UNFIT:
            told.append(_odd(entry))
        for step in pauses:
            # Whatever ended it, the run went on: this entry is after it.
            step.ended = step.ended or entry.at
            step.state = "done" if step.state == OPEN else step.state
        try:
            announced = _announced(entry)
        except _UNFIT:
            announced = _odd(entry)
        told += [announced] if announced is not None else []
        pauses = [announced] if announced is not None and announced.verb in _PAUSES else []
        for step in told[begun:]:
            step.entry = entry.number
    return told


def _odd(entry: Entry) -> Step:
    return Step("odd", f"entry {entry.number} says something that cannot be read", entry.at, "failed")


def _announced(entry: Entry) -> Step | None:
    """What an entry says is about to happen."""
    body = entry.body
    if entry.kind == "change":
        call, undo = str(body["call"]), str(body["undo"])
        details = [f"{call} {compact(body['parameters'])}", f"undo: {undo}"]
        asked: dict[str, Any] = {"call": call, "parameters": body["parameters"]}
        if body.get("undoing"):
            return Step("undo", str(body["title"]), entry.at, OPEN, details[:1], **asked)
        return Step("change", str(body["title"]), entry.at, OPEN, details, undo=undo, **asked)
    if entry.kind == "wait":
        # A poll names its call; a pause waits for time, or for somebody.
        verb = "wait" if "call" in body else "approve" if "approval" in body else "pause"
        asked = {"call": str(body.get("call", "")), "parameters": body.get("parameters")}
        until = entry.at + duration(str(body["within"])) if "within" in body else None
        return Step(verb, str(body["title"]), entry.at, OPEN, until=until, **asked)
    return None


def _fact(fact: Mapping[str, Any], told: list[Step]) -> None:
    if "require" in fact:
        told.append(Step("require", str(fact["require"]), None, "done" if fact["held"] else "failed"))
    elif "read" in fact:
        told.append(_read(fact))
    elif "changed" in fact:
        step = _opened(told, ("change", "undo"), fact["changed"]) or _new(told, "change", fact["changed"], fact)
        step.state = "failed" if "error" in fact or "person" in fact or "stopped" in fact else "done"
        step.result, step.ended, step.value = list(_made(fact)), _at(fact), fact.get("result")
    elif "waited" in fact or "proved" in fact:
        verb = "prove" if "proved" in fact else "wait"
        title = fact["proved"] if verb == "prove" else fact["waited"]
        step = _opened(told, ("wait",), title) or _new(told, verb, title, fact)
        step.verb, step.state = verb, "done" if fact.get("met") else "failed"
        step.result, step.ended, step.value = list(_waited(fact)), _at(fact), fact.get("value")
    elif "asked" in fact:
        _decided(fact, told)
    elif "later" in fact:
        due = f"due {moment(fact['due']):%Y-%m-%d %H:%M:%S}"
        told.append(
            Step("later", str(fact["later"]), None, "done", [f"{fact['runbook']} {compact(fact['parameters'])}", due])
        )
    elif fact.get("held"):
        told.append(Step("hold", "took hold of its groups, too", _at(fact), "done", [", ".join(fact["held"])]))


def _read(fact: Mapping[str, Any]) -> Step:
    step = Step("read", str(fact["read"]), _at(fact), "done", [str(fact["call"])], call=str(fact["call"]))
    if "error" in fact:
        step.state, step.result = "failed", [_error(fact["error"])]
    elif "missing" in fact:
        # With a value it was not there, and might be so.
        step.state, step.result = "done" if "value" in fact else "failed", [str(fact["missing"])]
    elif fact.get("value") not in (None, {}, []):
        step.result, step.value = [compact(fact["value"])], fact["value"]
    return step


def _decided(fact: Mapping[str, Any], told: list[Step]) -> None:
    """Who agreed or did not: beside the question, which stands open until then."""
    step = _opened(told, _PAUSES, fact["asked"]) or _new(told, "approve", fact["asked"], fact)
    step.state, step.ended = "done" if fact.get("decision") == "approved" else "failed", _at(fact)
    if "decision" not in fact:
        step.result = [str(fact.get("answer") or "nobody answered")]
        return
    step.result = [f"{fact['decision']} by {' and '.join(person(str(each)) for each in fact.get('by', ()))}"]
    step.result += [f"because: {fact['reason']}"] if fact.get("reason") else []


def _made(fact: Mapping[str, Any]) -> Iterator[str]:
    how = str(fact.get("how", ""))
    words = HOW.get(how, how)
    if words:
        yield words
    if "person" in fact:
        yield f"a person must look: {fact['person']}"
    if "error" in fact:
        yield _error(fact["error"])
    elif "stopped" in fact:
        yield f"not sent again: {fact['stopped']['words']}"
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
    if "slip" in fact:
        yield str(fact["slip"])
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
