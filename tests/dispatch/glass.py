"""A machine of one's own, cut off from the ledger: with a queue to work on, and runbooks for it."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from nightcrew import Run, runbook
from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.runbook import Runbook
from nightcrew.aws.clients import Clients
from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.clock import Clock, SkippingClock
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.dispatch.break_glass import Alone, Reason, alone, files, start
from nightcrew.engine.local import Ended
from nightcrew.errors import Unreachable
from nightcrew.ledger.disk import DiskStore
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import entries
from nightcrew.ledger.memory import MemoryStore
from tests.queues import Queue, hide_for, settings

ADA = "arn:aws:iam::123456789012:user/ada"
WHY = Reason("the Region is down", ADA, verified=True, trouble="no connection", plan="ab12")


def longer(run: Run, queue: Queue) -> str:
    """Hides messages for longer, and then for longer still."""
    run.change("set it", hide_for(queue, 60), undo=hide_for(queue, 30))
    run.change("set it again", hide_for(queue, 90))
    run.prove("it is set", settings(queue), _is_90, within=timedelta(minutes=1))
    return "set"


def _is_90(answer: Any) -> bool:
    return bool(answer["Attributes"]["VisibilityTimeout"] == "90")


def declared(function: Callable[..., Any], **more: Any) -> Runbook:
    """A runbook of a test's own."""
    permissions = ["sqs:GetQueueAttributes", "sqs:SetQueueAttributes"]
    given: dict[str, Any] = {
        "family": "restart",
        "risk": "low",
        "by_hand": timedelta(minutes=1),
        "permissions": permissions,
    }
    return runbook(**{**given, **more})(function)


@dataclass
class Laptop:
    """One directory, and what is told there. ``again`` is another process on it."""

    directory: Path
    clients: ClientMaker
    policy: Policy
    book: Runbook
    clock: Clock = field(default_factory=SkippingClock)
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    watch: Callable[[str, Mapping[str, Any]], None] = field(default=lambda kind, what: None)

    def crew(self) -> Alone:
        """Another process."""

        def news(kind: str, what: Mapping[str, Any]) -> None:
            self.told.append((kind, dict(what)))

        catalog = Catalog([self.book])
        clients = self.clients
        return alone(
            self.directory, self.policy, catalog, lambda region: clients, self.clock, watch=self.watch, news=news
        )

    @property
    def store(self) -> DiskStore:
        """Its entries and state, as they are on disk."""
        return DiskStore(files(self.directory)[0])

    def start(self, queue: str, why: Reason = WHY, crew: Alone | None = None) -> Any:
        """Ask for a run on a queue; how that was answered."""
        crew = crew or self.crew()
        return start(crew.dispatcher, self.book, {"queue": queue}, why, account=ACCOUNT, region=REGION)

    def ran(self, queue: str, why: Reason = WHY) -> tuple[str, Ended]:
        """A run to its end."""
        crew = self.crew()
        run = str(self.start(queue, why, crew).run)
        return run, crew.engine.drive(run)

    def entries(self, run: str) -> list[Entry]:
        """A run's chain."""
        return entries(self.store, run)


def queue_of(clients: ClientMaker, name: str) -> str:
    """A queue that no other test may use."""
    clients("sqs", READING).create_queue(QueueName=name)
    return name


def hidden(clients: ClientMaker, queue: str) -> int:
    """What the runbook changes, in the cloud itself."""
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{queue}"
    answer = clients("sqs", READING).get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    return int(answer["Attributes"]["VisibilityTimeout"])


def closed_port() -> str:
    """An endpoint on this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def nowhere() -> ClientMaker:
    """Clients of a Region that cannot be reached."""
    return Clients(REGION, closed_port(), {"AccessKeyId": "x", "SecretAccessKey": "x"})


class Interrupted(MemoryStore):
    """A ledger that cannot be reached any more after so many writes."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def transact(self, pieces: Any) -> None:
        """Write, or not."""
        if self.left == 0:
            raise Unreachable("the line is dead")
        self.left -= 1
        super().transact(pieces)
