"""Lives of one run, of which each may be held at any of its points while another goes on.

A point is before and after each checkpoint of the journal, each write to the ledger, each change of the cloud.
"""

import json
import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ReadTimeoutError

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.aws.cloud import CHANGING, ClientMaker, Cloud
from nightcrew.clock import Clock
from nightcrew.demo.embedded import crew
from nightcrew.demo.scripted import Scripted
from nightcrew.engine.local import Ended
from nightcrew.ledger.store import Tables, client_config
from tests.concurrency.arena import PATIENCE
from tests.concurrency.weather import hurried, turned_away

Trouble = tuple[str, str]
"""What befalls which write: ("conflict" | "throttled" | "lost", "change send it")."""


@dataclass
class Points:
    """Where a life has been. At ``held`` it stops until it is let go; ``troubles`` are how often what befalls it."""

    held: str | None = None
    troubles: Counter[Trouble] = field(default_factory=Counter)
    passed: list[str] = field(default_factory=list)
    there: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, point: str) -> None:
        self.passed.append(point)
        if point == self.held and not self.there.is_set():
            self.there.set()
            assert self.go.wait(PATIENCE), f"nobody let it go on from {point}"

    def befalls(self, trouble: str, what: str) -> bool:
        """Whether this befalls that now; then it does so once less."""
        left = self.troubles[trouble, what]
        self.troubles[trouble, what] = max(left - 1, 0)
        return left > 0


class Seat:
    """Where lives take place, one after the other: clients on which the present one's points are told, and a log of
    what it changed. Making clients is slow, so they stay.
    """

    def __init__(self, clients: ClientMaker, policy: Policy, catalog: Catalog) -> None:
        self.points = Points()
        self.scripted = Scripted(clients)
        self._ledger = hurried(clients("dynamodb", client_config()))
        self._policy, self._catalog = policy, catalog
        events = self._ledger.meta.events
        for write in ("TransactWriteItems", "PutItem"):
            events.register(f"before-send.dynamodb.{write}", lambda request, **_: self._entry(request))
        changing = self.scripted("sqs", CHANGING)
        changing.meta.events.register("before-send.sqs", lambda request, **_: self._call(request, changing))

    def live(self, run: str, tables: Tables, journal: Path, clock: Clock, points: Points) -> "Life":
        """A new life of a run, over a journal."""
        self.points = points
        self.scripted.reset()
        mine = crew(
            self._policy,
            clients=lambda service, config: self._ledger,
            clock=clock,
            journal=journal,
            catalog=self._catalog,
            tables=tables,
            checkpoint=lambda name, when, update: points(f"{when} {update}"),
            clouds=lambda who, permissions, resource, family: Cloud(self.scripted, permissions, who),
        )
        mine.engine.start(run, {"run": run})

        def drive() -> Ended:
            try:
                return mine.engine.drive(run)
            finally:
                mine.engine._journal.close()

        return Life(points, ThreadPoolExecutor(1).submit(drive))

    def _entry(self, request: Any) -> Any:
        members = json.loads(request.body)
        what, points = _written(members), self.points
        points(f"before {what}")
        if points.befalls("conflict", what):
            return turned_away(request, members, "TransactionConflict", "TransactionConflictException")
        if points.befalls("throttled", what):
            return turned_away(request, members, "ThrottlingError", "ThrottlingException")
        answer = self._ledger._endpoint.http_session.send(request)
        points(f"after {what}")
        if points.befalls("lost", what):
            raise ReadTimeoutError(endpoint_url=request.url)
        return answer

    def _call(self, request: Any, client: Any) -> Any:
        what, points = request.headers["X-Amz-Target"].decode().partition(".")[2], self.points
        points(f"before {what}")
        answer = client._endpoint.http_session.send(request)
        points(f"after {what}")
        return answer


def _written(members: dict[str, Any]) -> str:
    """What a write is, in words: ``change send it``, ``closing``, ``hold``."""
    puts = [item["Put"] for item in members.get("TransactItems", ()) if "Put" in item]
    puts += [members] if "Item" in members else []
    if not puts:
        return "hold"
    item = puts[0]["Item"]
    title = json.loads(item["body"]["S"]).get("title", "")
    return f"{item['kind']['S']} {title}".rstrip()


@dataclass
class Life:
    """One life, under way."""

    points: Points
    _ends: "Future[Ended]"

    def arrive(self) -> bool:
        """Wait until it is held, or over; whether it is held."""
        for _ in range(PATIENCE * 500):
            if self.points.there.wait(0.002) or self._ends.done():
                return self.points.there.is_set()
        raise AssertionError(f"it came neither to {self.points.held} nor to an end: {self.points.passed[-1:]}")

    def end(self) -> Ended | BaseException:
        """Let it go on to its end: how it ended, or what it raised."""
        self.points.go.set()
        return self._ends.exception(PATIENCE) or self._ends.result()
