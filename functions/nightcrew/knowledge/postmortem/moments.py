"""What happened in one run, moment by moment: read from its entries, each intent beside what came of it.

An entry carries the facts since the one before it, so a change's result stands in the entry after its own, and a wait
ends where the next entry begins. Nothing is told that no entry says.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from nightcrew.clock import moment
from nightcrew.durations import duration, in_words
from nightcrew.knowledge.names import named, person, short
from nightcrew.knowledge.postmortem.facts import error_words, tell
from nightcrew.knowledge.postmortem.moment import IN_TIME, OK_HELD, OK_WITHIN, STILL, US, Moment
from nightcrew.knowledge.saying import Name, Said, say
from nightcrew.knowledge.values import compact
from nightcrew.ledger.cases import HELPED
from nightcrew.ledger.entries import Entry

UNFIT = (AttributeError, KeyError, TypeError, ValueError)


def moments(entries: Iterable[Entry]) -> list[Moment]:
    """The moments of one run, in the order in which its entries tell them."""
    told: list[Moment] = []
    before: Entry | None = None
    for entry in entries:
        facts = facts_of(entry)
        if before is not None and _waited_for_ok(before, entry, facts):
            told.append(_ok(entry, facts))
        for fact in facts:
            try:
                tell(fact, told, entry)
            except UNFIT:
                told.append(_odd(entry))
        try:
            told += _entry(entry)
        except UNFIT:
            told.append(_odd(entry))
        before = entry
    return told


def facts_of(entry: Entry) -> list[Mapping[str, Any]]:
    """The facts since the entry before it."""
    found = entry.body.get("facts")
    return [fact for fact in found if isinstance(fact, Mapping)] if isinstance(found, list) else []


def by(body: Mapping[str, Any]) -> str:
    """Who asked, as people say it."""
    return person(str(body.get("actor", "?")))


def _entry(entry: Entry) -> list[Moment]:
    body = entry.body
    if entry.kind == "opening":
        return _opening(entry)
    if entry.kind == "change":
        kind = "undo" if body.get("undoing") else "change"
        call = say("{} {}", Name(str(body.get("call", "?"))), Name(compact(body.get("parameters", {}))))
        undo = [] if kind == "undo" else [say("its undo: {}", str(body.get("undo", "?")))]
        verb = "takes back" if kind == "undo" else "changes"
        title = str(body.get("title", "?"))
        return [_at(entry, kind, say(f"{verb}: {{}}", title.removeprefix("undo: ")), [call, *undo])]
    if entry.kind == "wait" and "call" not in body:
        if "approval" in body:
            words = say(
                "asked people: {} (plan {}), within {}",
                *(str(body.get("title", "?")), Name(str(body["approval"])[:12]), _length(body)),
            )
            return [_at(entry, "asked", words)]
        return [_at(entry, "paused", say("waits: {}", _paused(body)))]
    return _ending(entry) if entry.kind in ("closing", "refusal") else []


def _opening(entry: Entry) -> list[Moment]:
    body, told = entry.body, []
    alarm = body.get("alarm")
    if isinstance(alarm, Mapping):
        who, what = ("an event", "came") if alarm.get("event") else ("an alarm", "turned to ALARM")
        words = say(f"{{}} {what}: {{}}", Name(str(alarm["name"])), str(alarm.get("reason", "no reason was given")))
        told.append(Moment(moment(str(alarm["at"])), entry.run, "alarm", who, words))
    on = (Name(str(body["runbook"])), Name(short(str(body["resource"]))))
    more = [say("because: {}", named(str(body[name]))) for name in ("reason", "why") if body.get(name)]
    if body.get("autonomy"):
        level, because = body["autonomy"]
        more.append(say("autonomy {}, by {} of policy {}", level, because, Name(str(body.get("policy", "?")))))
    if body.get("parameters"):
        more.append(say("with {}", Name(compact(body["parameters"]))))
    if body.get("break_glass"):
        more.append(say("under break-glass: no gate was asked of the ledger"))
    admitted = say(f"{'admitted' if told else 'started'} {{}} on {{}}", *on)
    return [*told, Moment(entry.at, entry.run, "admitted", US if told else by(body), admitted, more=more)]


def _ending(entry: Entry) -> list[Moment]:
    body = entry.body
    outcome, words = str(body.get("outcome", "?")), named(str(body.get("words", "")))
    if body.get("gate"):
        more = [say("figures: {}", Name(named(compact(body["figures"]))))] if body.get("figures") else []
        if body.get("until"):
            more.append(say("until {:%Y-%m-%d %H:%M:%S}", moment(str(body["until"]))))
        who, what = US, say("{} was refused by the gate {}: {}", Name(str(body["runbook"])), str(body["gate"]), words)
        return [_at(entry, "refused", what, more, good=False, who=who)]
    more = []
    if body.get("error"):
        more.append(say("error {}", error_words(body["error"])))
    if body.get("undone"):
        more.append(say("taken back: {}", ", ".join(map(str, body["undone"]))))
    more += [say("not taken back: {} ({})", left["title"], left["words"]) for left in body.get("not_undone", ())]
    good = True if outcome in HELPED else None if outcome == "not_applicable" else False
    return [_at(entry, "closed", say("closed as {}: {}", outcome.replace("_", " "), words), more, good=good)]


def _waited_for_ok(before: Entry, entry: Entry, facts: list[Mapping[str, Any]]) -> bool:
    """Whether the OK itself ended that wait: it did not where the run had to ask, nor where somebody cancelled."""
    if not str(before.body.get("title", "")).startswith(OK_WITHIN) or before.kind != "wait":
        return False
    asked = [fact.get("read") for fact in facts]
    return IN_TIME not in asked and (STILL in asked or str(entry.body.get("title", "")).startswith(OK_HELD))


def _ok(entry: Entry, facts: list[Mapping[str, Any]]) -> Moment:
    at = entry.at
    stills = [fact for fact in facts if fact.get("read") == STILL and fact.get("at")]
    if stills:  # it was not to be held: the run asked as soon as it came
        at = moment(str(stills[0]["at"]))
    return Moment(at, entry.run, "ok", US, say("the alarm turned OK"), good=True)


def _paused(body: Mapping[str, Any]) -> Said:
    title = str(body.get("title", "?"))
    told = title.startswith((OK_WITHIN, OK_HELD))
    return say("{}", title) if told else say("{} ({})", title, _length(body))


def _length(body: Mapping[str, Any]) -> str:
    """``1800s`` as ``30 min``."""
    text = str(body.get("within", "?"))
    try:
        return in_words(duration(text))
    except (ValueError, OverflowError):
        return text


def _odd(entry: Entry) -> Moment:
    """What no run of ours wrote: somebody edited it, which ``verify`` says; the rest is told all the same."""
    words = say("its entry {} says something that cannot be read", entry.number)
    return Moment(entry.at, entry.run, "odd", US, words, good=False)


def _at(
    entry: Entry, kind: str, what: Said, more: list[Said] | None = None, *, good: bool | None = None, who: str = US
) -> Moment:
    return Moment(entry.at, entry.run, kind, who, what, str(entry.body.get("title", "")), good, more or [])
