"""One change: its intent in the ledger, then the call, then what came of it; and what to do when nobody knows.

The order is what makes the ledger true (each line was tried with kills, see docs/decisions):

1. the step's START checkpoint, which a zombie cannot write;
2. one transaction: the entry, if it is absent, and the guard's conditions;
3. the call, once;
4. the outcome as a value: AWS errors too, since code and request id do not survive as exceptions.

A step that was interrupted is gone through again under another name. Its entry is there already, so the outcome is
unknown: it is looked at, or the call is repeated, or the run stops for a person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightcrew.authoring.run import Answer, TookEffect
from nightcrew.authoring.size import fits
from nightcrew.authoring.steps import Interrupted, StepFailed
from nightcrew.authoring.work import Work
from nightcrew.aws.calls import Call
from nightcrew.aws.cloud import CallFailed
from nightcrew.aws.plain import plain
from nightcrew.clock import stamp
from nightcrew.errors import Conflict, Unreachable
from nightcrew.ledger.transaction import ConditionFailed

INTERRUPTIONS = 3
TRIES = 4
SETTLE = timedelta(seconds=10)
"""An eventually consistent API may not show a change at once: look no sooner than this after the entry."""

Envelope = dict[str, Any]
"""What the step returns: ``entry`` [number, hash], ``how``, ``at``, ``tries``, ``request``, ``result`` or ``error``;
or ``stopped``.
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
    for interruption in range(INTERRUPTIONS + 1):
        title = change.title if not interruption else f"{change.title}, interrupted {interruption}"
        try:
            envelope: Envelope = work.steps.once(title, lambda: _attempt(change, facts, work))
        except Interrupted:
            continue
        except StepFailed as failed:
            # Something that nobody foresaw, before the call or after it: whether it was made is unknown.
            return {"person": str(failed), "how": "unknown"}
        return envelope
    return {"person": f"it was interrupted {INTERRUPTIONS + 1} times", "how": "unknown"}


def _attempt(change: Change, facts: list[dict[str, Any]], work: Work) -> Envelope:
    work.watching.begin()
    if not change.undoing and work.clock.now() > work.ends(undoing=False):
        return {"stopped": {"ending": "failed", "words": "the runbook's deadline has passed"}}
    try:
        written = work.book.write("change", change.entry(facts, work), work.guard.pieces(undoing=change.undoing))
    except ConditionFailed as failed:
        return {"stopped": work.guard.why(failed)}
    except (Conflict, Unreachable) as error:
        return {
            "stopped": {"ending": "failed", "words": f"its entry could not be written, so nothing was sent: {error}"}
        }
    told = {"parameters": work.clean(change.call.shown()), "undoing": change.undoing, "again": not written.fresh}
    work.watching.tell("change", {"title": change.title, "call": str(change.call), **told})
    outcome = _deal(change, written.entry.at, work, unknown=not written.fresh)
    return {"entry": [written.entry.number, written.entry.hash], "at": stamp(work.clock.now()), **outcome}


def _deal(change: Change, since: Any, work: Work, *, unknown: bool) -> Envelope:
    how = "once"
    for _ in range(TRIES):
        if unknown and change.took_effect is not None:
            work.clock.sleep((since + SETTLE - work.clock.now()).total_seconds())
            seen = _took_effect(change.took_effect, work)
            if seen is None:
                return {"how": "unknown", "person": "whether it took effect could not be seen"}
            if seen:
                return {"how": "looked: it had taken effect", "result": {}}
            how = "looked: it had not; called"
        elif unknown and change.once:
            return {"how": "unknown", "person": "it may or may not have been made, and may not be repeated"}
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


def _took_effect(took_effect: TookEffect, work: Work) -> bool | None:
    """Whether the read shows the change; None where it cannot be read. What does not exist has not been made."""
    call, holds = took_effect
    for tries in range(1, TRIES + 1):
        try:
            return bool(holds(work.cloud.read(call).value))
        except CallFailed as failed:
            if failed.kind == "missing":
                return False
            work.clock.sleep(2.0**tries)
    return None
