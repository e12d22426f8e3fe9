"""Carries runs on in this process as far as they go: to their end, or to where a person is asked."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from nightcrew.admission.approvals import Approval, find
from nightcrew.clock import Clock
from nightcrew.engine.local.engine import Ended, LocalEngine
from nightcrew.engine.local.journal import Journal
from nightcrew.errors import Unknown
from nightcrew.ledger.store import Store


@dataclass(frozen=True)
class Means:
    """What it takes to carry a run on: an engine, its journal, the ledger, and the time."""

    engine: LocalEngine
    journal: Journal
    store: Store
    clock: Clock


@dataclass(frozen=True)
class Stands:
    """Where a run stands: how driving it ended, and the approval that it waits for, if it waits for one."""

    ended: Ended
    approval: Approval | None = None


def carry(means: Means, run: str) -> Stands:
    """Drive a run until it has ended, or a person is asked, or another process drives it. Raises Unknown.

    From wait to wait: on a clock that skips them a person's time to approve would be over in no time.
    """
    ended = means.engine.drive(run, until=means.clock.now())
    while ended.status == "WAITING":
        approval = pending(run, means.store, means.journal)
        due = means.journal.due(run)
        if approval is not None or due is None:
            return Stands(ended, approval)
        ended = means.engine.drive(run, until=due)
    return Stands(ended)


def pending(run: str, store: Store, journal: Journal) -> Approval | None:
    """The approval that a run waits for now, by this journal."""
    waits = journal.callbacks(run)
    approval = find(store, run) if waits else None
    return approval if approval is not None and approval.decided is None and approval.callback in waits else None


class Worker:
    """Carries the runs that are handed to it, one after the other, in the thread that calls ``work``.

    Who hands them over, by a start or by an answer, is in other threads, and goes on at once. ``slip`` is told what
    nobody meant or reached: that run stays as after a crash, and the next one is carried.
    """

    def __init__(self, means: Means, slip: Callable[[Exception], None]) -> None:
        self._means = means
        self._slip = slip
        self._handed: SimpleQueue[str | None] = SimpleQueue()
        self._asked: set[str] = set()

    def start(self, run: str) -> None:
        """Record an admitted run, and carry it: what a dispatcher starts with. Twice starts it once."""
        self._means.engine.start(run, {"run": run})
        self.take(run)

    def answer(self, callback: str, value: Any) -> bool:
        """Answer a run that waits, and carry it on; False if nobody waits there any more.

        One that another process drives at this moment is left to it: it hears the answer, too.
        """
        try:
            run = self._means.journal.run_of(callback)
            heard = self._means.engine.answer(callback, value)
        except Unknown:  # another journal's
            return False
        if heard and self._means.journal.status(run) == "WAITING":
            self.take(run)
        return heard

    def take(self, run: str) -> None:
        """Carry it on when its turn comes."""
        self._handed.put(run)

    def wake(self) -> None:
        """Let ``work`` return sooner. Safe in a signal's handler."""
        self._handed.put(None)

    def work(self, seconds: float) -> None:
        """Wait for a run for so long, and carry it, or else what people were asked and did not answer in time."""
        run = None
        with suppress(Empty):
            run = self._handed.get(timeout=seconds)
        for each in [run] if run is not None else self._late():
            try:
                self._carry(each)
            except Exception as error:  # noqa: BLE001  no run may keep the others from being carried
                self._slip(error)

    def _carry(self, run: str) -> None:
        self._asked.discard(run)
        if carry(self._means, run).approval is not None:
            self._asked.add(run)

    def _late(self) -> list[str]:
        now, due = self._means.clock.now(), self._means.journal.due
        return [run for run in self._asked if (at := due(run)) is not None and at <= now]
