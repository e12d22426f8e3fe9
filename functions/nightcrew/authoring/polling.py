"""Waiting for something to be so: a read, polled durably, with back-off and a deadline.

Everything that a poll decides stands in the state that its checkpoint keeps, so that a replay decides the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightcrew.authoring.run import ENDS_THE_RUN, Answer
from nightcrew.authoring.size import fits
from nightcrew.authoring.work import Work
from nightcrew.aws.calls import Call
from nightcrew.aws.cloud import CallFailed
from nightcrew.aws.plain import plain
from nightcrew.clock import moment, stamp
from nightcrew.errors import Unknown

LONG = timedelta(minutes=5)
"""A wait that is declared as long as this has an entry before it."""

FIRST, GROWTH, SLOWEST = 2.0, 1.5, 30.0

State = dict[str, Any]
"""``since``, ``deadline``, ``tries``, ``faults``; at the end ``met`` and ``value``, or ``stopped``, ``error`` or
``slip``.
"""


@dataclass(frozen=True)
class Wait:
    """What is waited for."""

    title: str
    call: Call
    holds: Callable[[Answer], object]
    within: timedelta
    pick: Callable[[Answer], Answer] | None
    undoing: bool
    missing: Answer = ENDS_THE_RUN

    @property
    def long(self) -> bool:
        """Whether it has an entry before it; by what is declared, not by how long it took, or numbers would differ."""
        return self.within >= LONG

    def entry(self, facts: list[dict[str, Any]], work: Work) -> dict[str, Any]:
        """The body of the entry before it."""
        within = f"{int(self.within.total_seconds())}s"
        return {
            "title": self.title,
            "call": str(self.call),
            "parameters": work.clean(self.call.shown()),
            "within": within,
            "facts": facts,
        }


def poll(wait: Wait, facts: list[dict[str, Any]], work: Work) -> State:
    """Poll until it holds, or its deadline has passed, or the run may not go on."""

    def check(state: State | None) -> tuple[State, float | None]:
        work.watching.begin()
        if state is None:
            state = _begin(wait, facts, work)
        else:
            state = {**state, "tries": state["tries"] + 1}
        stop = None if wait.undoing else work.guard.peek()
        if stop is not None:
            return {**state, "stopped": stop, "at": stamp(work.clock.now())}, None
        try:
            state = _look(wait, state, work)
        except Exception as slip:  # noqa: BLE001  the author's; raised from here, the entry would be forgotten
            return {**state, "slip": f"{type(slip).__name__}: {slip}"[:300], "at": stamp(work.clock.now())}, None
        if "met" in state or "error" in state:
            return state, None
        left = (moment(state["deadline"]) - work.clock.now()).total_seconds()
        if left <= 0:
            return {**state, "met": False, "at": stamp(work.clock.now())}, None
        return state, max(min(FIRST * GROWTH ** (state["tries"] - 1), SLOWEST, left), 1.0)

    final: State = work.steps.poll(wait.title, check)
    return final


def _begin(wait: Wait, facts: list[dict[str, Any]], work: Work) -> State:
    entry = work.book.write("wait", wait.entry(facts, work)).entry if wait.long else None
    # An entry that stands already keeps its time: whoever comes by again goes on with the same deadline.
    since = entry.at if entry is not None else work.clock.now()
    deadline = min(since + wait.within, work.ends(undoing=wait.undoing))
    state: State = {"since": stamp(since), "deadline": stamp(deadline), "tries": 1, "faults": 0}
    if entry is not None:
        state["entry"] = [entry.number, entry.hash]
    work.watching.tell(
        "wait", {"title": wait.title, "within": int(wait.within.total_seconds()), "undoing": wait.undoing}
    )
    return state


def _look(wait: Wait, state: State, work: Work) -> State:
    """One read: met, not yet, or an error that waiting does not mend. What does not exist may still come, unless it is
    waited for its end (``missing``).

    Only what ``pick`` took is kept: whole answers are long, and each KB in the ledger costs.
    """
    try:
        value = work.cloud.read(wait.call).value
        value = plain(wait.pick(value)) if wait.pick else value
    except Unknown as missing:
        return {**state, "seen": str(missing)}
    except CallFailed as failed:
        if failed.kind == "refused":
            return {**state, "error": failed.to_dict(), "at": stamp(work.clock.now())}
        if failed.kind != "missing" or wait.missing is ENDS_THE_RUN:
            return {**state, "faults": state["faults"] + 1, "seen": f"{failed.code}: {failed.message}"[:200]}
        value = wait.missing
    if not wait.holds(value):
        return {**state, "seen": str(value)[:200]} if wait.pick else state
    kept = work.clean(fits(wait.title, value)) if wait.pick else None
    return {**state, "met": True, "value": kept, "at": stamp(work.clock.now())}
