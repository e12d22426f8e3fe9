"""Waiting for somebody: the durable pause that a cancel ends, and the approval that a person gives in it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from nightcrew.authoring.desk import Question
from nightcrew.authoring.endings import Declined
from nightcrew.authoring.guard import ending
from nightcrew.aws.calls import Call
from nightcrew.clock import stamp
from nightcrew.durations import in_words
from nightcrew.ledger.transaction import ConditionFailed, Piece

if TYPE_CHECKING:
    from nightcrew.authoring.live import LiveRun

Announce = Callable[[str], None]
"""Tells somebody where the answer goes: the callback's id. May be called again with the same one."""


@dataclass(frozen=True)
class Pushed:
    """Something that answers a wait by itself: ``piece`` leaves word where (a callback's id), and refuses where it has
    happened already; ``value`` is the answer then.
    """

    piece: Callable[[str], Piece]
    value: Any


def pause(
    run: "LiveRun",
    title: str,
    length: timedelta,
    *,
    asked: Mapping[str, Any] | None = None,
    announce: Announce | None = None,
    pushed: Pushed | None = None,
) -> Any:
    """Wait, until the time is over (None) or somebody answers. A cancel ends it, but never an undo's.

    The entry before it says where the run waits: who cancels sets the flag and then reads the ledger's tail, the run
    writes the entry and then reads the flag, so that one of the two sees the other. ``pushed`` is written with the
    entry, where something else may answer; where it stands already the wait is over before it began.
    """
    seconds = max(int(length.total_seconds()), 1)
    body = {"title": title, "within": f"{seconds}s", **(asked or {}), "facts": list(run.facts)}
    ends_early = not run.undos.running

    def tell(callback: str) -> None:
        def write() -> list[Any]:
            if announce is not None:
                announce(callback)
            where = {**body, "callback": callback} if ends_early else body
            try:
                written = run.work.book.write("wait", where, [pushed.piece(callback)] if pushed else ())
            except ConditionFailed:
                # It has happened already. The answer comes before the entry: whoever dies in between answers again.
                run.work.answer(callback, pushed.value if pushed else None)
                written = run.work.book.write("wait", where)
            stop = run.work.guard.asked() if ends_early else None
            if stop is not None:
                # Cancelled before the wait began: the wait is answered by the run itself, and ends like any other.
                run.work.answer(callback, {"stop": stop})
            return [written.entry.number, written.entry.hash]

        run.entered(run.step(f"{title}: entry", write))

    answer = run.work.steps.pause(title, seconds, tell)
    if isinstance(answer, dict) and "stop" in answer:
        raise ending(answer["stop"])
    return answer


def approval(run: "LiveRun", title: str, question: Question, within: timedelta) -> dict[str, Any]:
    """Ask people and wait; returns who approved. Raises Declined where somebody declines, or nobody answers in time."""
    deadline = stamp(run.now + within)
    asked = {**question, "title": title, "deadline": deadline}
    answer = pause(
        run,
        title,
        within,
        asked={"approval": asked["hash"]},
        announce=lambda callback: run.work.desk.ask(callback, asked),
    )
    if answer is None:
        run.note({"asked": title, "answer": "nobody answered"}, None)
        raise Declined(f"{title}: nobody approved it within {in_words(within)}")
    # The answer only wakes the run: whoever may cancel can send one. What was decided, and by whom, the desk knows.
    decided: dict[str, Any] | None = run.step(f"{title}: decision", lambda: run.work.desk.decision(asked["hash"]))
    if decided is None:
        run.note({"asked": title, "answer": "nobody decided"}, None)
        raise Declined(f"{title}: an answer came, and no decision of anybody stands behind it")
    fact = {key: decided[key] for key in ("decision", "by", "reason", "hash") if decided.get(key)}
    run.note({"asked": title, **fact}, decided.get("at"))
    if decided.get("decision") != "approved":
        raise Declined(
            f"{title}: declined by {' and '.join(decided.get('by', ['?']))}: {decided.get('reason') or 'no reason'}"
        )
    return decided


def one_change(title: str, call: Call, clean: Callable[[Any], Any]) -> Question:
    """The question about a single change that cannot be taken back: its own parameters are its plan. It is asked where
    many read it: ``clean`` takes out what the runbook declares secret.
    """
    shown = call.shown()
    line = {"verb": "change", "title": title, "call": str(call), "parameters": clean(shown), "undo": "irreversible"}
    text = json.dumps([title, str(call), shown], sort_keys=True, ensure_ascii=False)
    return {"hash": hashlib.sha256(text.encode()).hexdigest(), "lines": [line], "wanted": 1}
