"""A cloud that is served on this machine, as tests of the command line see it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.demo.embedded import IMAGE
from nightcrew.ledger.store import Store, client_config

REGION = "eu-central-1"
"""Not the one of the other tests: the backends are shared in a process, and these tables are emptied."""


class Quiet(WSGIRequestHandler):
    """Does not log each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


@dataclass
class Stall:
    """Holds back a request whose body has these words, until it is let go: so a process can be caught in the middle."""

    words: bytes = b""
    reached: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    instead: Callable[..., list[bytes] | None] | None = None
    """Answers what moto has no server for; None leaves it to moto."""

    def on(self, words: str) -> None:
        """From now on hold back what has these words."""
        self.words = words.encode()
        self.reached.clear()
        self.go.clear()

    def off(self) -> None:
        """Let everything through."""
        self.words = b""
        self.instead = None
        self.go.set()


@dataclass(frozen=True)
class Demo:
    """A cloud that is served, and what a test needs of it."""

    endpoint: str
    journal: Path
    stall: Stall
    clients: ClientMaker

    @property
    def store(self) -> Store:
        """Its ledger."""
        return Store(self.client("dynamodb"))

    def client(self, service: str) -> Any:
        """A client of one's own."""
        return self.clients(service, client_config() if service == "dynamodb" else READING)

    def instance(self) -> str:
        """A running instance of this test's own."""
        made = self.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)
        return str(made["Instances"][0]["InstanceId"])

    def arn(self, instance: str) -> str:
        """Its ARN."""
        return f"arn:aws:ec2:{REGION}:123456789012:instance/{instance}"
