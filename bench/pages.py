"""Measure 11: the pages of the console over the demo's night: how long each takes, and what it asks of the tables."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from bench.log import Log, logged
from bench.report import Row
from nightcrew.admission.policy_file import load
from nightcrew.api.desk import Desk, Home
from nightcrew.api.people import Person
from nightcrew.console.console import Console
from nightcrew.console.key import ENTER, KeySignIn
from nightcrew.demo import story
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.safety import no_room
from nightcrew.demo.stage import ADA, Stage, stage
from nightcrew.engine.installation import nobody
from nightcrew.ledger.history import history

MOST = 50.0
"""Milliseconds."""

ROUNDS = 30
HOST = "127.0.0.1:1"


@dataclass(frozen=True)
class Took:
    """One page: its address, milliseconds, requests to DynamoDB and bytes."""

    path: str
    milliseconds: float
    requests: int
    size: int

    def __str__(self) -> str:
        return f"{self.path} {self.milliseconds:.0f} ms, {self.requests} requests, {self.size / 1000:.0f} kB"


def measure() -> Row:
    """Play the night, then ask for each page, again and again."""
    taken = all_pages()
    slowest = max(taken, key=lambda each: each.milliseconds)
    return Row(
        measure=11,
        name="a page of the console",
        value=round(slowest.milliseconds, 1),
        unit="ms",
        goal=f"< {MOST:g} ms from a warm table",
        met=slowest.milliseconds < MOST,
        how=f"the slowest page, {slowest.path}: the first decile of {ROUNDS} rounds, in the processor's time, over the "
        f"demo's night in moto, which is in the figure. All: {'; '.join(map(str, taken))}",
    )


def all_pages() -> list[Took]:
    """Each page that stands at an address, once the night was played."""
    with logged() as log, TemporaryDirectory() as room, _played() as played:
        rows = history(played.crew.store, now=played.clock.now(), limit=100).rows
        failed = next(row.run for row in rows if row.outcome == "failed")
        pages = (
            "/console",
            "/console/history",
            f"/console/runs/{failed}",
            f"/console/runs/{failed}/postmortem",
            "/console/approvals",
            "/console/runbooks",
            "/console/runbooks/restart-ec2-instance",
            "/console/runbooks/restart-ec2-instance/run",
            "/console/review",
        )
        ask = Asking(played, Path(room))
        return [_took(path, log, ask) for path in pages]


@contextmanager
def _played() -> Iterator[Stage]:
    policy = load((files("nightcrew.demo") / "policy.yaml").read_text(encoding="utf-8"), "policy.yaml")
    with stage(policy, nobody, faults=[no_room]) as made:
        story.play(made)
        yield made


class Asking:
    """Somebody at a browser, who asks for pages."""

    def __init__(self, played: Stage, room: Path) -> None:
        sign_in = KeySignIn(ADA, [HOST])

        def desk_for(person: Person) -> Desk:
            return Desk(played.crew.dispatcher, person, Home(ACCOUNT, REGION), room)

        self._console = Console(desk_for, sign_in, played.clock.now, _raised)
        self._cookie = ""
        self._cookie = str(self(f"{ENTER}?key={sign_in.key}", 303)["cookies"][0]).partition(";")[0]

    def __call__(self, address: str, status: int = 200) -> Mapping[str, Any]:
        at = urlsplit(address)
        http = {"method": "GET", "path": at.path}
        event = {
            "rawPath": at.path,
            "rawQueryString": at.query,
            "headers": {"host": HOST},
            "cookies": [self._cookie],
            "requestContext": {"stage": "$default", "http": http},
        }
        answer: Mapping[str, Any] = self._console(event, None)
        assert answer["statusCode"] == status, (address, answer)
        return answer


def _took(path: str, log: Log, ask: Asking) -> Took:
    ask(path)  # what is loaded at the first page of a process is no page's
    before = len(log.of("dynamodb"))
    size = len(ask(path)["body"].encode())
    requests = len(log.of("dynamodb")) - before
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        ask(path)
        times.append(1000 * (time.process_time() - began))
    return Took(path, sorted(times)[ROUNDS // 10], requests, size)


def _raised(error: Exception) -> None:
    raise error
