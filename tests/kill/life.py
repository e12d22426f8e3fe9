"""One life of a process that carries out runs: it comes to point after point, and at one of them it is killed."""

import json
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nightcrew.clock import Clock, moment, stamp
from nightcrew.engine.local import Invocation, Journal

KILLED = -signal.SIGKILL


@dataclass
class Life:
    """Writes down each point in ``log`` before it goes on; dies at ``deadly`` by SIGKILL, as if the power went.

    With ``faints`` it does not die there, but stands still (SIGSTOP) until it is woken up: a zombie. It does so as soon
    as no thread is ``at_work`` on what others wait for: a file that it has locked, a cloud that reads its request.

    A point that comes again is told by its number: ``invocation: begun (2)``. ``changing`` is the title of the change
    that is being made.
    """

    number: int
    log: Path
    clock: Clock
    deadly: str | None
    changing: str = ""
    faints: bool = False
    _times: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _rest: threading.Condition = field(default_factory=threading.Condition)
    _works: int = 0

    def come_to(self, point: str) -> None:
        with self._lock:
            self._times[point] += 1
            name = point if self._times[point] == 1 else f"{point} ({self._times[point]})"
            self.tell({"point": name})
            if name == self.deadly and self.faints:
                self._faint()
            elif name == self.deadly:
                os.kill(os.getpid(), signal.SIGKILL)

    def begins_work(self) -> None:
        """A thread begins what must not be left half done; it waits where the process is about to faint."""
        with self._rest:
            self._works += 1

    def ends_work(self) -> None:
        """It has ended."""
        with self._rest:
            self._works -= 1
            self._rest.notify_all()

    def _faint(self) -> None:
        with self._rest:
            self._rest.wait_for(lambda: self._works == 0)
            # It hangs if it takes too long; to sleep is not to take long.
            left = signal.alarm(0)
            # To this thread: another one that took it would let this one go on for a moment.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
            signal.alarm(left)

    def tell(self, what: Mapping[str, Any]) -> None:
        """Write it down, with the time."""
        with self.log.open("a") as file:
            file.write(json.dumps({**what, "at": stamp(self.clock.now())}) + "\n")


@dataclass(frozen=True)
class Told:
    """What a life wrote down: its points in order, the clients that it made, the kinds of news that it sent, what it
    said last, and when.
    """

    points: tuple[str, ...]
    clients: tuple[tuple[str, str], ...]
    news: tuple[str, ...]
    last: Mapping[str, Any]
    at: datetime

    @classmethod
    def read(cls, log: Path) -> "Told":
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        points = tuple(line["point"] for line in lines if "point" in line)
        clients = tuple((line["service"], line["use"]) for line in lines if "service" in line)
        news = tuple(line["news"] for line in lines if "news" in line)
        return cls(points, clients, news, lines[-1], moment(lines[-1]["at"]))


class KilledJournal(Journal):
    """A journal that is a place to die at: before and after each checkpoint, and where a run is opened, invoked, left
    to wait or ended.
    """

    def __init__(self, path: Path, clock: Clock, life: Life) -> None:
        super().__init__(path, clock, self._checkpoint)
        self._life = life
        # A kill takes no power away: what a process wrote is there, whether or not the disk has it yet.
        self._store.read("PRAGMA synchronous = OFF")
        self._transaction = self._store.transaction
        self._store.transaction = self._at_work  # type: ignore[method-assign]

    def open(self, name: str, payload: str) -> bool:
        self._life.come_to("start: before the journal has it")
        new = super().open(name, payload)
        self._life.come_to("start: after the journal has it")
        return new

    def begin(self, name: str) -> Invocation | None:
        invocation = super().begin(name)
        self._life.come_to("invocation: begun")
        return invocation

    def finish(
        self, invocation: Invocation, status: str, *, result: str | None = None, error: str | None = None
    ) -> bool:
        self._life.come_to(f"invocation: before its end, {status}, is on disk")
        taken = super().finish(invocation, status, result=result, error=error)
        self._life.come_to(f"invocation: after its end, {status}, is on disk")
        return taken

    def fire(self, name: str, now: datetime) -> int:
        self._life.come_to("waiting: before what is due has passed")
        passed = super().fire(name, now)
        self._life.come_to("waiting: after what is due has passed")
        return passed

    def callback_succeed(self, callback_id: str, result: str | None = None) -> bool:
        self._life.come_to("answer: before the journal has it")
        taken = super().callback_succeed(callback_id, result)
        self._life.come_to("answer: after the journal has it")
        return taken

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        self._life.begins_work()
        try:
            with self._transaction():
                yield
        finally:
            self._life.ends_work()

    def _checkpoint(self, run: str, point: str, detail: str) -> None:
        kind, action, title = (*detail.split(" ", 2), "")[:3]
        if action == "START":
            # A change goes on under another name where an earlier life left it.
            self._life.changing = re.sub(r"(, found)?(, interrupted \d)?$", "", title)
        self._life.come_to(f"{title or kind}: {point} the checkpoint {kind} {action}")
