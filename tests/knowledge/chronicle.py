"""A ledger that a test writes by itself: runs, refusals and spells at times of its own, chained as real ones are."""

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from nightcrew.clock import stamp
from nightcrew.knowledge.statistics.year import Year
from nightcrew.ledger.book import put_once
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store

NIGHT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
"""A Saturday of 2026-W47."""
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
INSTANCE = "arn:aws:ec2:eu-west-1:123456789012:instance/i-{}"
SYMPTOM = "AWS/EC2:StatusCheckFailed_Instance:high"


class Chronicle:
    """Writes entries into ``store``."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or MemoryStore()
        self._numbers = itertools.count(1)

    def ran(
        self,
        ended: datetime = NIGHT,
        outcome: str = "cured",
        *,
        runbook: str = "restart-ec2-instance",
        family: str = "restart",
        resource: str = "1",
        symptom: str = SYMPTOM,
        took: timedelta = 10 * MINUTE,
        before: timedelta = MINUTE,
        held: timedelta = 5 * MINUTE,
        asked: timedelta | None = None,
    ) -> str:
        """A run that was carried out. Its alarm changed so long ``before`` the opening, and its OK was ``held``; where
        the symptom begins with "by hand" there is none. ``asked``: so long a person thought about it. ``resource`` is
        an instance's number, or an ARN.
        """
        run, opened = f"{ended:%Y%m%d-%H%M%S}-{next(self._numbers):06}", ended - took
        arn = resource if resource.startswith("arn:") else INSTANCE.format(resource)
        opening: dict[str, Any] = {"runbook": runbook, "family": family, "resource": arn, "symptom": symptom}
        opening |= {"ok": [600, int(held.total_seconds())]}
        if not symptom.startswith("by hand"):
            alarm = {"arn": "arn:alarm", "name": "checks", "at": stamp(opened - before), "reason": "high"}
            opening["alarm"] = alarm
        chain: list[tuple[str, datetime, Mapping[str, Any]]] = [("opening", opened, opening)]
        facts: list[Mapping[str, Any]] = []
        if asked is not None:
            chain.append(("wait", opened, {"title": "approve the plan", "approval": "abc", "facts": []}))
            facts = [{"asked": "approve the plan", "decision": "approved", "by": ["bob"], "at": stamp(opened + asked)}]
        chain.append(("change", opened + (asked or timedelta()), {"title": "stop it", "facts": facts}))
        if outcome == "cured" and held:
            chain.append(("wait", ended - held, {"title": "the OK, held", "within": f"{held}", "facts": []}))
        body = {"runbook": runbook, "resource": arn, "symptom": symptom, "outcome": outcome, "started": stamp(opened)}
        self._chain(run, [*chain, ("closing", ended, {**body, "actor": "alarm: checks", "words": "done"})])
        return run

    def refused(
        self,
        at: datetime = NIGHT,
        gate: str = "cool-down",
        *,
        runbook: str = "restart-ec2-instance",
        resource: str = "1",
        symptom: str = SYMPTOM,
    ) -> str:
        """A refusal."""
        run, arn = f"refused-{next(self._numbers):024}", INSTANCE.format(resource)
        body = {"runbook": runbook, "resource": arn, "symptom": symptom, "outcome": "refused", "started": stamp(at)}
        self._chain(run, [("refusal", at, {**body, "actor": "alarm: checks", "words": "no", "gate": gate})])
        return run

    def lasted(
        self,
        ended: datetime = NIGHT,
        length: timedelta = 30 * MINUTE,
        *,
        runbook: str = "restart-ec2-instance",
        resource: str = "1",
        symptom: str = SYMPTOM,
        level: str = "observe",
    ) -> str:
        """An alarm that was only observed."""
        run = f"spell-{next(self._numbers):024}"
        body = {"runbook": runbook, "resource": INSTANCE.format(resource), "symptom": symptom, "level": level}
        body |= {"alarm": "checks", "arn": "arn:alarm", "began": stamp(ended - length), "ended": stamp(ended)}
        self._chain(run, [("spell", ended, body)])
        return run

    def _chain(self, run: str, told: list[tuple[str, datetime, Mapping[str, Any]]]) -> None:
        previous = ""
        for number, (kind, at, body) in enumerate(told):
            entry = Entry(run, number, kind, at, body, previous)
            self.put(entry)
            previous = entry.hash

    def put(self, entry: Entry) -> None:
        """Into the ledger, once."""
        self.store.transact([put_once(entry)])


def missing(store: Store, since: date, until: date) -> list[date]:
    """The days from ``since`` to ``until``, both included, that nobody kept."""
    return Year(store, since, until).missing(since, until)
