"""The verbs of ``Run`` for real: each a durable step, each change written down before it is made."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from nightcrew.authoring.asking import approval, one_change, pause
from nightcrew.authoring.change import Change, make
from nightcrew.authoring.desk import Question
from nightcrew.authoring.endings import Ending, Failed, Ineffective, NeedsPerson, NotApplicable
from nightcrew.authoring.follow_up import FollowUp
from nightcrew.authoring.guard import ending
from nightcrew.authoring.part import carry_out
from nightcrew.authoring.polling import State, Wait, poll
from nightcrew.authoring.run import ENDS_THE_RUN, TEN_MINUTES, Answer, Run, TookEffect, Undo
from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.size import fits
from nightcrew.authoring.steps import StepFailed
from nightcrew.authoring.undoing import Undos, undo_words
from nightcrew.authoring.work import Work
from nightcrew.aws.calls import Call
from nightcrew.aws.cloud import CallFailed
from nightcrew.aws.plain import plain
from nightcrew.clock import moment, stamp
from nightcrew.durations import in_words
from nightcrew.errors import Unknown

OPERATIONS = 2500
"""Of the 3,000 that an execution may have: the rest is for the undos."""


class LiveRun(Run):
    """A run that changes things. Keeps the facts since the last entry, the undos, and how it ended."""

    def __init__(self, work: Work) -> None:
        self.id = work.run
        self.work = work
        self.facts: list[dict[str, Any]] = []
        self.undos = Undos()
        self.ended: Ending | None = None
        self.changes = 0
        self.first_change: str | None = None
        """When the first one was made; None before, and where nobody knows."""
        self.proofs: list[str] = []
        """Titles of the proofs since the last change."""
        self._now = work.started
        self._operations = 0

    @property
    def resource(self) -> str:
        return self.work.resource

    @property
    def now(self) -> datetime:
        return self._now

    def token(self, title: str) -> str:
        return hashlib.sha256(f"{self.id}|{title}".encode()).hexdigest()[:32]

    def read(
        self,
        title: str,
        call: Call,
        *,
        pick: Callable[[Answer], Answer] | None = None,
        missing: Answer = ENDS_THE_RUN,
    ) -> Answer:
        with self._verb():
            self.work.cloud.allow(call, reading=True)
            seen = self.step(title, lambda: self._read(title, call, pick))
            absent = _absent(seen)
            if absent and missing is not ENDS_THE_RUN:
                seen = {"at": seen["at"], "missing": absent, "value": missing}
            fact = {
                "read": title,
                "call": str(call),
                **{key: seen[key] for key in ("value", "error", "missing") if key in seen},
            }
            self.note(fact, seen["at"])
            if "value" in seen:
                return seen["value"]
            if absent:
                raise self._precondition(f"{title}: {absent}")
            raise Failed(f"{title}: {seen['error']['code']}: {seen['error']['message']}", error=seen["error"])

    def require(self, title: str, held: object) -> None:
        with self._verb():
            fact = {"require": title, "held": bool(held)}
            self.facts.append(fact)
            self.work.watching.tell("require", fact)
            if not held:
                raise self._precondition(f"it does not hold that {title}")

    def change(
        self,
        title: str,
        call: Call,
        *,
        undo: Undo | None = None,
        irreversible: bool = False,
        took_effect: TookEffect | None = None,
        once: bool = False,
        pick: Callable[[Answer], Answer] | None = None,
    ) -> Answer:
        with self._verb():
            self.work.cloud.allow(call, reading=False)
            self._spend(1)
            call = call.with_token(self.token(title))
            if irreversible and not self.undos.running:
                self.ask(f"approve: {title}", one_change(title, call, self.work.clean))
            words = undo_words(undo, irreversible=irreversible)
            made = make(
                Change(title, call, words, self.undos.running, took_effect, once, pick), list(self.facts), self.work
            )
            if "entry" in made:
                self.entered(made["entry"])
            if "how" in made:
                if not self.changes:
                    self.first_change = made.get("at")
                self.changes += 1
                self.proofs = []
                self.note({"changed": title, **{key: made[key] for key in made if key != "entry"}}, made.get("at"))
            if "stopped" in made:
                raise ending(made["stopped"])
            if "person" in made:
                raise NeedsPerson(f"{title}: {made['person']}", error=made.get("error"))
            if "error" in made:
                raise Failed(f"{title}: {made['error']['code']}: {made['error']['message']}", error=made["error"])
            if undo is not None:
                self.undos.push(title, undo)
            return made["result"]

    def wait_until(
        self,
        title: str,
        call: Call,
        holds: Callable[[Answer], object],
        *,
        within: timedelta = TEN_MINUTES,
        or_else: tuple[str, Call] | None = None,
        missed: Answer = ENDS_THE_RUN,
        missing: Answer = ENDS_THE_RUN,
        pick: Callable[[Answer], Answer] | None = None,
    ) -> Answer:
        with self._verb():
            state = self._poll(Wait(title, call, holds, within, pick, self.undos.running, missing), "waited")
            if not state["met"] and or_else is not None:
                self.change(*or_else)
                again = Wait(f"{title}, again", call, holds, within, pick, self.undos.running, missing)
                state = self._poll(again, "waited")
            if not state["met"]:
                if missed is not ENDS_THE_RUN:
                    return missed
                raise Failed(f"{title}: not within {in_words(within)}")
            return state["value"]

    def prove(
        self,
        title: str,
        call: Call,
        holds: Callable[[Answer], object],
        *,
        within: timedelta = TEN_MINUTES,
        missing: Answer = ENDS_THE_RUN,
        pick: Callable[[Answer], Answer] | None = None,
    ) -> Answer:
        with self._verb():
            state = self._poll(Wait(title, call, holds, within, pick, self.undos.running, missing), "proved")
            if not state["met"]:
                raise Ineffective(f"no proof that {title} within {in_words(within)}")
            self.proofs.append(title)
            return state["value"]

    def wait(self, title: str, length: timedelta) -> None:
        with self._verb():
            seconds = max(int(length.total_seconds()), 1)
            self.work.watching.tell("wait", {"title": title, "within": seconds, "pause": True})
            self._spend(3)
            pause(self, title, length)

    def approve(self, title: str, *, within: timedelta | None = None, wanted: int = 1) -> tuple[str, ...]:
        with self._verb():
            if within is not None:
                self._in_deadline(title, within)
            question = {"hash": self.token(title), "lines": [], "wanted": wanted}
            return self.ask(title, question, within)

    def ask(self, title: str, question: Question, within: timedelta | None = None) -> tuple[str, ...]:
        """Ask people about something that has a hash; who approved. Raises Declined."""
        self._spend(5)
        decided = approval(self, title, question, within or self.work.approval)
        return tuple(decided["by"])

    def later(self, title: str, runbook: str, parameters: Mapping[str, Any], *, after: timedelta) -> None:
        with self._verb():
            follow_up = FollowUp(title, runbook, dict(parameters), self.now + after)
            name = f"{self.id}#{self.token(title)[:8]}"

            def keep() -> bool:
                self.work.follow_up(name, follow_up)
                return True

            self.step(title, keep)
            self.note(
                {"later": title, "runbook": runbook, "parameters": dict(parameters), "due": stamp(follow_up.due)}, None
            )

    def runbook(self, part: Runbook, **parameters: Any) -> str:
        self.raise_if_ended()
        return carry_out(self, part, parameters)

    def unwind(self) -> dict[str, Any]:
        """Run the undos in reverse; nothing stops them, and one that fails hides neither the others nor the first
        error.
        """
        report = self.undos.run(self.change, self._begin_anew)
        self._begin_anew()
        return report

    def _begin_anew(self) -> None:
        self.ended = None

    def raise_if_ended(self) -> None:
        """An ending that was swallowed on its way is raised again."""
        if self.ended is not None:
            raise self.ended

    def _read(self, title: str, call: Call, pick: Callable[[Answer], Answer] | None) -> dict[str, Any]:
        at = stamp(self.work.clock.now())
        try:
            value = self.work.cloud.read(call).value
            value = plain(pick(value)) if pick else value
        except Unknown as missing:
            return {"at": at, "missing": str(missing)}
        except CallFailed as failed:
            return {"at": at, "error": failed.to_dict()}
        return {"at": at, "value": self.work.clean(fits(title, value))}

    def step(self, title: str, body: Callable[[], Any]) -> Any:
        def live() -> Any:
            self.work.watching.begin()
            return body()

        self._spend(1)
        try:
            return self.work.steps.repeat(title, live)
        except StepFailed as failed:
            raise Failed(f"{title}: {failed}") from failed

    def _poll(self, wait: Wait, verb: str) -> State:
        self._in_deadline(wait.title, wait.within)
        self.work.cloud.allow(wait.call, reading=True)
        try:
            state = poll(wait, list(self.facts), self.work)
        except StepFailed as failed:
            raise Failed(f"{wait.title}: {failed}") from failed
        self._spend(state["tries"])
        if "entry" in state:
            self.entered(state["entry"])
        kept = {
            key: state[key]
            for key in ("met", "value", "tries", "faults", "since", "at", "error", "stopped", "slip")
            if state.get(key)
        }
        if not state.get("met"):
            kept["seen"] = state.get("seen", "")
        self.note({verb: wait.title, **kept}, state.get("at"))
        if "stopped" in state:
            raise ending(state["stopped"])
        if "slip" in state:
            raise Failed(f"{wait.title}: {state['slip']}")
        if "error" in state:
            raise Failed(f"{wait.title}: {state['error']['code']}: {state['error']['message']}", error=state["error"])
        return state

    def _in_deadline(self, title: str, within: timedelta) -> None:
        """The lease ends with the deadline: who waits longer could find the resource another's."""
        if within > self.work.deadline:
            most = in_words(self.work.deadline)
            raise Failed(f"{title}: within {in_words(within)} is beyond the runbook's deadline of {most}")

    def _precondition(self, words: str) -> Ending:
        return Failed(words) if self.changes else NotApplicable(words)

    def entered(self, head: list[Any]) -> None:
        self.work.book.follow(head[0], head[1])
        self.facts.clear()

    def note(self, fact: dict[str, Any], at: str | None) -> None:
        self.facts.append({**fact, "at": at} if at else fact)
        if at:
            self._now = max(self._now, moment(at))
        self.work.watching.tell("fact", fact)

    def _spend(self, operations: int) -> None:
        self._operations += operations
        if self._operations > OPERATIONS and not self.undos.running:
            raise Failed(f"it used {OPERATIONS} operations, and the rest of an execution's 3,000 is for the undos")

    @contextmanager
    def _verb(self) -> Iterator[None]:
        """An ending is sticky: once it has left a verb, each later verb raises it again."""
        self.raise_if_ended()
        try:
            yield
        except Ending as end:
            self.ended = self.ended or end
            raise


def _absent(seen: dict[str, Any]) -> str | None:
    """Why there was nothing to read, if that is what the read found out."""
    if "missing" in seen:
        return str(seen["missing"])
    error = seen.get("error", {})
    return str(error["message"] or error["code"]) if error.get("kind") == "missing" else None
