"""Plan mode: every read for real, no change at all; what would be changed, with its exact parameters and a hash.

The hash covers the changes (title, operation, parameters, undo) and not what was read: it stays the same while only
timestamps move, and becomes another when a change would be another.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nightcrew.authoring.endings import Ending, Failed, NotApplicable
from nightcrew.authoring.part import carry_out
from nightcrew.authoring.run import ENDS_THE_RUN, TEN_MINUTES, Answer, Run, TookEffect, Undo
from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.undoing import undo_words
from nightcrew.aws.calls import Call
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.aws.placeholder import DecidedOnPlanned, Planned, holds_planned
from nightcrew.aws.plain import plain
from nightcrew.clock import Clock
from nightcrew.durations import in_words
from nightcrew.errors import Unknown
from nightcrew.ledger.redaction import redact

Line = dict[str, Any]
"""A line of a plan: ``verb`` and ``title``; ``call`` and ``parameters``; ``undo``; ``within``; ``note``."""


@dataclass
class Plan:
    """What a run would do now. ``outcome`` is "planned", "not_applicable" or "failed"; ``ends`` says why it stops
    short.
    """

    runbook: str
    parameters: dict[str, Any]
    resource: str
    lines: list[Line] = field(default_factory=list)
    outcome: str = "planned"
    words: str = ""
    ends: str | None = None
    hash: str = ""
    """SHA-256 over the changes; an approval names it."""

    @property
    def changes(self) -> list[Line]:
        """The lines that would change something, in order."""
        return [line for line in self.lines if line["verb"] == "change"]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        lines = [{key: value for key, value in line.items() if key != "hashed"} for line in self.lines]
        kept = {
            "runbook": self.runbook,
            "parameters": self.parameters,
            "resource": self.resource,
            "outcome": self.outcome,
        }
        return {**kept, "words": self.words, "ends": self.ends, "hash": self.hash, "lines": lines}


def plan(runbook: Runbook, parameters: dict[str, Any], resource: str, cloud: Cloud, clock: Clock) -> Plan:
    """Go through the runbook without changing anything. ``parameters`` are validated ones."""
    made = Plan(runbook.name, runbook.form.dump(parameters), resource)
    run = PlanRun(made, cloud.held_to(runbook.own(resource)), clock)
    try:
        words = runbook.function(run, **parameters)
        run.raise_if_ended()
        made.words = str(words or "")
    except Ending as end:
        made.outcome, made.words = end.outcome, end.words
    except DecidedOnPlanned as decided:
        made.ends = str(decided)
    _seal(made, runbook.secret)
    return made


def _seal(made: Plan, secrets: frozenset[str]) -> None:
    """Give it its hash, and each change its own; from then on what the runbook declares secret is not in it."""
    changes = [[line["title"], line["call"], line["hashed"], line["undo"]] for line in made.changes]
    made.hash = _hash([made.runbook, changes])
    for line, change in zip(made.changes, changes, strict=True):
        line["hashed"] = _hash(change)
    made.lines[:] = redact(made.lines, secrets) if secrets else made.lines


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


class PlanRun(Run):
    """The verbs of ``Run`` on paper."""

    id = "plan"

    def __init__(self, made: Plan, cloud: Cloud, clock: Clock) -> None:
        self._plan = made
        self._lines = made.lines
        self._cloud = cloud
        self._now = clock.now()
        self._ended: Ending | None = None

    @property
    def resource(self) -> str:
        return self._plan.resource

    @property
    def now(self) -> datetime:
        return self._now

    def token(self, title: str) -> str:
        return f"⟦token of {title}⟧"

    def raise_if_ended(self) -> None:
        """An ending is sticky here too."""
        if self._ended is not None:
            raise self._ended

    def read(
        self,
        title: str,
        call: Call,
        *,
        pick: Callable[[Answer], Answer] | None = None,
        missing: Answer = ENDS_THE_RUN,
    ) -> Answer:
        self._cloud.allow(call, reading=True)
        line = self._line("read", title, call)
        if holds_planned(dict(call.parameters)):
            line["note"] = "it depends on a change that a plan does not make"
            return Planned(title)
        if self._plan.changes:
            line["note"] = "as it is now, before the changes"
        return self._read(title, call, pick, missing)

    def require(self, title: str, held: object) -> None:
        self.raise_if_ended()
        if isinstance(held, Planned):
            note = "known only once the change was made"
            self._lines.append({"verb": "require", "title": title, "held": None, "note": note})
            return
        self._lines.append({"verb": "require", "title": title, "held": bool(held)})
        if not held:
            self._end((Failed if self._plan.changes else NotApplicable)(f"it does not hold that {title}"))

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
        self._cloud.allow(call, reading=False)
        line = self._line("change", title, call)
        members = call.token_members
        line["hashed"] = {key: value for key, value in line["parameters"].items() if key not in members}
        shown = undo is not None and not irreversible
        line["undo"] = self._undo(undo) if shown and undo is not None else undo_words(None, irreversible=irreversible)
        line["unknown"] = "looked at" if took_effect else "stopped for a person" if once else "repeated"
        return Planned(title)

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
        return self._poll("wait until", title, call, within, pick, or_else, missing)

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
        return self._poll("prove", title, call, within, pick, None, missing)

    def approve(self, title: str, *, within: timedelta | None = None, wanted: int = 1) -> tuple[str, ...]:
        self.raise_if_ended()
        self._lines.append({"verb": "approve", "title": title, "wanted": wanted})
        return ("⟦who approves⟧",) * wanted

    def later(self, title: str, runbook: str, parameters: Mapping[str, Any], *, after: timedelta) -> None:
        self.raise_if_ended()
        shown = {key: str(value) for key, value in parameters.items()}
        self._lines.append(
            {"verb": "later", "title": title, "call": runbook, "parameters": shown, "within": in_words(after)}
        )

    def wait(self, title: str, length: timedelta) -> None:
        self.raise_if_ended()
        self._lines.append({"verb": "wait", "title": title, "within": in_words(length)})

    def runbook(self, part: Runbook, **parameters: Any) -> str:
        self.raise_if_ended()
        return carry_out(self, part, parameters)

    def _poll(
        self,
        verb: str,
        title: str,
        call: Call,
        within: timedelta,
        pick: Callable[[Answer], Answer] | None,
        or_else: tuple[str, Call] | None,
        missing: Answer,
    ) -> Answer:
        self._cloud.allow(call, reading=True)
        line = self._line(verb, title, call)
        line["within"] = in_words(within)
        if or_else is not None:
            self._cloud.allow(or_else[1], reading=False)
            line["or_else"] = {"title": or_else[0], "call": str(or_else[1]), "parameters": or_else[1].shown()}
        if self._plan.changes or self._lines is not self._plan.lines:
            return Planned(title)
        return self._read(title, call, pick, missing)

    def _read(
        self,
        title: str,
        call: Call,
        pick: Callable[[Answer], Answer] | None,
        instead: Answer = ENDS_THE_RUN,
    ) -> Answer:
        try:
            value = self._cloud.read(call).value
            return plain(pick(value)) if pick else value
        except Unknown as missing:
            if instead is not ENDS_THE_RUN:
                return instead
            return self._end(NotApplicable(f"{title}: {missing}"))
        except CallFailed as failed:
            if failed.kind == "missing" and instead is not ENDS_THE_RUN:
                return instead
            kind = NotApplicable if failed.kind == "missing" and not self._plan.changes else Failed
            return self._end(kind(f"{title}: {failed.code}: {failed.message}", error=failed.to_dict()))

    def _line(self, verb: str, title: str, call: Call) -> Line:
        self.raise_if_ended()
        line: Line = {"verb": verb, "title": title, "call": str(call), "parameters": call.shown()}
        self._lines.append(line)
        return line

    def _undo(self, undo: Undo) -> Any:
        """What would take the change back: a call, or the lines of a function, gone through on paper as well."""
        if isinstance(undo, Call):
            return {"call": str(undo), "parameters": undo.shown()}
        outer, self._lines = self._lines, []
        try:
            undo()
        except DecidedOnPlanned as decided:
            self._lines.append({"verb": "end", "title": str(decided)})
        finally:
            lines, self._lines = self._lines, outer
        return [
            {key: value for key, value in line.items() if key not in {"hashed", "unknown", "note"}} for line in lines
        ]

    def _end(self, end: Ending) -> Any:
        self._ended = end
        raise end
