"""One change: its intent in the ledger, then the call, then what came of it; and what to do when nobody knows.

The order is what makes the ledger true (each line was tried with kills, see docs/decisions):

1. the step's START checkpoint, which a zombie cannot write;
2. one transaction: the entry, if it is absent, and the guard's conditions;
3. the call, once;
4. the outcome as a value: AWS errors too, since code and request id do not survive as exceptions.

A step that was interrupted is gone through again under another name. Where its entry is there already, the outcome is
unknown: it is looked at, or the call is repeated, or the run stops for a person. That is a step of its own, so that an
older life that finds the entry of a younger one is turned away at its checkpoint before it does anything. Whoever comes
late (the deadline is over, somebody cancelled, the lock is another run's) finds out what he can, and sends nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.authoring.guard import Stop
from nightcrew.authoring.run import Answer, TookEffect
from nightcrew.authoring.size import fits
from nightcrew.authoring.steps import Interrupted, StepFailed
from nightcrew.authoring.work import Work
from nightcrew.aws.calls import Call
from nightcrew.aws.cloud import CallFailed
from nightcrew.aws.plain import plain
from nightcrew.clock import moment, stamp
from nightcrew.errors import Conflict, Unreachable
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.transaction import ConditionFailed

INTERRUPTIONS = 3
TRIES = 4
SETTLE = timedelta(seconds=10)
"""An eventually consistent API may not show a change at once: look no sooner than this after the entry."""
_LATE = "the runbook's deadline has passed"

Envelope = dict[str, Any]
"""What it came to: ``entry`` [number, hash], ``how``, ``at``, ``tries``, ``request``, ``result`` or ``error``, or
``person``, in words; and how often it was ``interrupted``. ``stopped`` where the run ends; without ``how`` there is no
entry.
"""


@dataclass(frozen=True)
class Change:
    """What a runbook said about one change."""

    title: str
    call: Call
    undo: str
    undoing: bool
    took_effect: TookEffect | None
    once: bool
    pick: Callable[[Answer], Answer] | None

    def entry(self, facts: list[dict[str, Any]], work: Work) -> dict[str, Any]:
        """The body of its entry: what was seen since the last one, and what is about to be done."""
        body: dict[str, Any] = {
            "title": self.title,
            "call": str(self.call),
            "parameters": work.clean(self.call.shown()),
            "undo": self.undo,
            "facts": facts,
        }
        if self.undoing:
            body["undoing"] = True
        return body


def make(change: Change, facts: list[dict[str, Any]], work: Work) -> Envelope:
    """Make the change, whatever kills us on the way; up to three interruptions, then a person must look."""
    before = work.book.head
    made = _through(change.title, lambda: _attempt(change, facts, work), work)
    if "person" in made and "entry" not in made:
        # Nobody knows how it ended; its entry, if it was written, is the chain's head all the same.
        work.book.follow(*before)
        entry = work.steps.repeat(f"{change.title}, its entry", lambda: _entry(change, facts, work))
        return {**made, "entry": entry} if entry else {"stopped": _failed(f"{made['person']}; nothing was sent")}
    if "stands" not in made:
        return made
    found: Envelope = _through(f"{change.title}, found", lambda: _settle(change, moment(made["stands"]), work), work)
    return {**found, "entry": made["entry"]}


def _through(title: str, attempt: Callable[[], Envelope], work: Work) -> Envelope:
    """What an attempt came to: after an interruption of another one, under another name."""
    for interruption in range(INTERRUPTIONS + 1):
        try:
            made: Envelope = work.steps.once(f"{title}, interrupted {interruption}" if interruption else title, attempt)
        except Interrupted:
            continue
        except StepFailed as failed:
            # Something that nobody foresaw, before the call or after it: whether it was made is unknown.
            return {"how": "unknown", "person": str(failed)}
        return {**made, "interrupted": interruption} if interruption and "how" in made else made
    return {"how": "unknown", "person": f"it was interrupted {INTERRUPTIONS + 1} times"}


def _attempt(change: Change, facts: list[dict[str, Any]], work: Work) -> Envelope:
    """Write the entry and send the call; ``stands``, the entry's time, where it stood there before."""
    work.watching.begin()
    body = change.entry(facts, work)
    try:
        if _is_late(change, work):
            stands = work.book.find("change", body)
            return _standing(stands) if stands else {"stopped": _failed(_LATE)}
        written = work.book.write("change", body, work.guard.pieces(undoing=change.undoing))
    except ConditionFailed as failed:
        return {"stopped": work.guard.why(failed)}
    except (Conflict, Unreachable) as error:
        # It may be that only the reply was lost.
        stands = work.book.find("change", body)
        words = f"its entry could not be written, so nothing was sent: {error}"
        return _standing(stands) if stands else {"stopped": _failed(words)}
    if not written.fresh:
        return _standing(written.entry)
    _tell(change, work, again=False)
    outcome = _deal(change, written.entry.at, work, unknown=False)
    return {"entry": [written.entry.number, written.entry.hash], "at": stamp(work.clock.now()), **outcome}


def _settle(change: Change, since: datetime, work: Work) -> Envelope:
    """Find out about a change whose entry stands, and see it through."""
    work.watching.begin()
    barred = _failed(_LATE) if _is_late(change, work) else work.guard.peek()
    if change.undoing and barred and barred["ending"] == "cancelled":
        barred = None
    _tell(change, work, again=True)
    return {"at": stamp(work.clock.now()), **_deal(change, since, work, unknown=True, barred=barred)}


def _entry(change: Change, facts: list[dict[str, Any]], work: Work) -> list[Any] | None:
    found = work.book.find("change", change.entry(facts, work))
    return [found.number, found.hash] if found else None


def _standing(entry: Entry) -> Envelope:
    return {"entry": [entry.number, entry.hash], "stands": stamp(entry.at)}


def _is_late(change: Change, work: Work) -> bool:
    return not change.undoing and work.clock.now() > work.ends(undoing=False)


def _failed(words: str) -> Stop:
    return {"ending": "failed", "words": words}


def _tell(change: Change, work: Work, *, again: bool) -> None:
    told = {"parameters": work.clean(change.call.shown()), "undoing": change.undoing, "again": again}
    work.watching.tell("change", {"title": change.title, "call": str(change.call), **told})


def _deal(change: Change, since: datetime, work: Work, *, unknown: bool, barred: Stop | None = None) -> Envelope:
    """Send it, once it is known that it has not taken effect; not where it is ``barred``."""
    how = "once"
    for _ in range(TRIES):
        if unknown and change.took_effect is not None:
            work.clock.sleep((since + SETTLE - work.clock.now()).total_seconds())
            seen = _took_effect(change.took_effect, work, deleting=change.call.operation.startswith("Delete"))
            if seen is None:
                return {"how": "unknown", "person": "whether it took effect could not be seen"}
            if seen:
                return {"how": "looked: it had taken effect", "result": {}}
            if barred:
                return {"how": "looked: it had not", "stopped": barred}
            how = "looked: it had not; called"
        elif unknown and (change.once or barred):
            why = barred["words"] if barred else "it may not be repeated"
            return {"how": "unknown", "person": f"it may or may not have been made, and {why}"}
        elif unknown:
            how = "repeated"
        sent = _send(change, work)
        if sent.pop("lost", False):
            unknown = True
            continue
        return {"how": how, **sent}
    return {"how": "unknown", "person": f"AWS did not answer {TRIES} times"}


def _send(change: Change, work: Work) -> Envelope:
    """Send it; throttling is waited out here, since nothing has happened then."""
    for tries in range(1, TRIES + 1):
        try:
            reply = work.cloud.change(change.call)
        except CallFailed as failed:
            if failed.kind == "throttled" and tries < TRIES:
                work.clock.sleep(2.0**tries)
                continue
            return {"error": failed.to_dict(), "request": failed.request, "tries": tries, "lost": failed.kind == "lost"}
        return {"result": _result(change, reply.value, work), "request": reply.request, "tries": tries}
    raise AssertionError("the loop returns at its last try")


def _result(change: Change, answer: Answer, work: Work) -> Answer:
    """What is kept of the answer. The change is made by now: nothing here may hide that by raising."""
    try:
        return work.clean(fits(change.title, plain(change.pick(answer)) if change.pick else answer))
    except Exception as error:  # noqa: BLE001  the author's pick, or an answer of more than 16 KB
        return {"omitted": f"{type(error).__name__}: {error}"[:200]}


def _took_effect(took_effect: TookEffect, work: Work, *, deleting: bool) -> bool | None:
    """Whether the read shows the change; None where it cannot be read. What does not exist has not been made, and has
    been deleted.
    """
    call, holds = took_effect
    for tries in range(1, TRIES + 1):
        try:
            return bool(holds(work.cloud.read(call).value))
        except CallFailed as failed:
            if failed.kind == "missing":
                return deleting
            work.clock.sleep(2.0**tries)
    return None
