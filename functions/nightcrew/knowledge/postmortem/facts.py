"""What the facts of an entry tell: what was read, held, made, waited for, proved, decided and kept for later."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nightcrew.clock import moment
from nightcrew.durations import in_words
from nightcrew.knowledge.names import named, person, short
from nightcrew.knowledge.postmortem.moment import IN_TIME, STILL, US, Moment
from nightcrew.knowledge.saying import Name, Said, listed, say
from nightcrew.knowledge.story.how import HOW
from nightcrew.knowledge.values import compact
from nightcrew.ledger.entries import Entry


def tell(fact: Mapping[str, Any], told: list[Moment], entry: Entry) -> None:
    """Add to ``told`` what a fact of this entry tells, or to the moment that it belongs to."""
    at = moment(str(fact["at"])) if fact.get("at") else told[-1].at if told else entry.at
    if "require" in fact:
        _required(fact, told, at, entry.run)
    elif "read" in fact:
        told.append(_read(fact, at, entry.run))
    elif "changed" in fact:
        _made(fact, told, at, entry.run)
    elif "waited" in fact or "proved" in fact:
        told.append(_polled(fact, at, entry.run))
    elif "asked" in fact:
        told.append(_decided(fact, at, entry.run))
    elif "later" in fact:
        due = moment(str(fact["due"]))
        how = say("by {}, due {:%Y-%m-%d %H:%M:%S}", Name(str(fact["runbook"])), due)
        title = str(fact["later"])
        told.append(Moment(at, entry.run, "later", US, say("keeps for later: {}", title), title, more=[how]))
    elif fact.get("held"):
        groups = listed([Name(short(str(arn))) for arn in fact["held"]])
        told.append(Moment(at, entry.run, "held", US, say("took hold of its groups: {}", groups)))


def _required(fact: Mapping[str, Any], told: list[Moment], at: datetime, run: str) -> None:
    """What holds stands in one line with what held just before."""
    title = str(fact["require"])
    if not fact.get("held"):
        told.append(Moment(at, run, "required", US, say("it does not hold that {}", title), title, good=False))
    elif told and told[-1].kind == "required" and told[-1].good:
        told[-1].what = say("{}; {}", told[-1].what, title)
    else:
        told.append(Moment(at, run, "required", US, say("made sure: {}", title), title, good=True))


def _read(fact: Mapping[str, Any], at: datetime, run: str) -> Moment:
    title, call = str(fact["read"]), Name(str(fact.get("call", "?")))
    asks = title in (IN_TIME, STILL)
    if "error" in fact or ("missing" in fact and "value" not in fact):
        problem = error_words(fact["error"]) if "error" in fact else say("{}", str(fact["missing"]))
        return Moment(at, run, "read", US, say("read: {} ({}): {}", title, call, problem), title, good=False)
    value = fact.get("value")
    seen = Name(compact(value)) if value not in (None, {}, []) else "nothing"
    well = value == "OK" if asks else None
    kind = "ok" if well and title == IN_TIME else "read"
    return Moment(at, run, kind, US, say("read: {} ({}): {}", title, call, seen), title, good=well)


def _made(fact: Mapping[str, Any], told: list[Moment], at: datetime, run: str) -> None:
    """What came of a change: beside its intent where it went well, a line of its own where it did not."""
    title, how = str(fact["changed"]), HOW.get(str(fact.get("how", "")), str(fact.get("how", "")))
    request = say(", request {}", Name(str(fact["request"]))) if fact.get("request") else say("")
    tries = say(", at the {}. try", int(fact["tries"])) if fact.get("tries", 1) != 1 else say("")
    intent = next((each for each in reversed(told) if each.kind in ("change", "undo") and each.title == title), None)
    unknown = say("; {}", how) if how else say("")
    kind = "unknown" if "person" in fact else "made"
    if "person" in fact:
        words = say("{}: nobody knows whether it was made: {}", title, str(fact["person"]))
    elif "error" in fact:
        words = say("{} failed: {}", title, error_words(fact["error"]))
    elif "stopped" in fact:
        words = say("{} was not sent again: {}", title, named(str(fact["stopped"].get("words", ""))))
    else:
        done = say("done at {:%H:%M:%S}{}{}{}", at, tries, request, unknown)
        if intent is None:
            told.append(Moment(at, run, "made", US, say("{}: {}", title, done), title, good=True))
        else:
            intent.good = True
            intent.more.append(done)
        return
    if intent is not None:
        intent.good = False
    told.append(Moment(at, run, kind, US, words, title, good=False, more=[say("{}", how)] if how else []))


def _polled(fact: Mapping[str, Any], at: datetime, run: str) -> Moment:
    proof = "proved" in fact
    title, met = str(fact["proved"] if proof else fact["waited"]), bool(fact.get("met"))
    looks = int(fact.get("tries", 1))
    since = moment(str(fact["since"])) if fact.get("since") else at
    length = f"after {in_words(at - since)}, {looks} {'look' if looks == 1 else 'looks'}"
    verb = ("proved" if proof else "waited until") if met else ("no proof that" if proof else "waited in vain until")
    more = []
    if fact.get("value") not in (None, {}, []):
        more.append(say("{}", Name(compact(fact["value"]))))
    if fact.get("faults"):
        more.append(say("{} looks in vain: AWS did not answer them", int(fact["faults"])))
    if "stopped" in fact:
        more.append(say("stopped: {}", named(str(fact["stopped"].get("words", "")))))
    elif "error" in fact:
        more.append(say("error {}", error_words(fact["error"])))
    elif not met and fact.get("seen"):
        more.append(say("seen last: {}", str(fact["seen"])))
    words = say(f"{verb} {{}} ({length})" if not proof or not met else f"{verb}: {{}} ({length})", title)
    return Moment(at, run, "proved" if proof else "waited", US, words, title, good=met, more=more)


def _decided(fact: Mapping[str, Any], at: datetime, run: str) -> Moment:
    title = str(fact["asked"])
    if "decision" not in fact:
        return Moment(
            at, run, "decided", "nobody", say("{}: {}", title, str(fact.get("answer", ""))), title, good=False
        )
    who = ", ".join(person(str(each)) for each in fact.get("by", ()))
    reason = say(": {}", str(fact["reason"])) if fact.get("reason") else say("")
    words = say("{} what was asked ({}){}", str(fact["decision"]), title, reason)
    plan = [say("plan {}", Name(str(fact["hash"])[:12]))] if fact.get("hash") else []
    return Moment(at, run, "decided", who, words, title, good=fact["decision"] == "approved", more=plan)


def error_words(error: Any) -> Said:
    """An error as an entry keeps it: its code, AWS's words and the request."""
    if not isinstance(error, Mapping):
        return say("{}", str(error))
    request = say(" (request {})", Name(str(error["request"]))) if error.get("request") else say("")
    return say("{}: {}{}", Name(str(error.get("code", "?"))), str(error.get("message", "")), request)
