"""The cloud that outlives the killed: moto in a process of its own, which logs each request that reaches it.

It serves one request after another, so the log's order is the order of things, and asking for the log waits for what a
dying process had on its way. It begins once, with the ledger's tables; what is arranged in it is put back to that
before each kill, by ``fork``: each kill meets the same world, down to the ids.
"""

import json
import os
import socket
import traceback
import urllib.request
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from botocore.config import Config

from nightcrew.aws.kinds import is_read
from nightcrew.demo.embedded import clients_of, make_tables

WHO = "X-Nightcrew"
"""The header by which a life says who sends what: ``cloud ec2:StopInstances 2``. Without it nothing is logged."""

OURS = "/nightcrew/"
"""Where requests go that are for the process itself: ``save``, ``restore``, ``empty``, ``log``, ``end``."""

PATIENT = Config(read_timeout=60, retries={"total_max_attempts": 1})
"""For a cloud that has only begun, on a busy machine: a table that is made twice is an error."""


@dataclass(frozen=True)
class Refuse:
    """A rule of the cloud: it refuses these requests before they change anything.

    ``containing`` is text of the request's body; ``times`` is how often (None: always); ``until_undo``: only as long as
    no undo stands in the ledger.
    """

    operation: str
    code: str
    containing: str = ""
    times: int | None = None
    until_undo: bool = False


@dataclass(frozen=True)
class Seen:
    """A request that reached the cloud, in the order in which it did.

    ``who`` is "ledger" or "cloud" (a runbook's), ``life`` the number of the life that sent it; ``entry`` is the ledger
    entry in it, as ``entry_in`` tells it.
    """

    life: int
    who: str
    operation: str
    status: int
    entry: dict[str, Any] | None = None

    @property
    def changes(self) -> bool:
        """Whether a runbook sent it to change something."""
        return self.who == "cloud" and not is_read(*self.operation.split(":"))

    @property
    def accepted(self) -> bool:
        """Whether the cloud did what it was asked for."""
        return self.status < 300


class Cloud:
    """A cloud in another process; ``endpoint`` is where it listens.

    It has the ledger's tables, and nothing else. What is done in it from then on is undone by ``empty``, or, back to
    where ``save`` was called, by ``restore``.
    """

    def __init__(self, services: Collection[str] = ()) -> None:
        """``services`` are those that it loads ahead of their use."""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        tests = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            # Here alone: who has moto loaded is slower to fork, and each life is forked.
            from tests.kill.tap import serve

            try:
                serve(self._socket, tests, services)
            except BaseException:  # noqa: BLE001  a forked test must never come back to pytest
                traceback.print_exc()
            finally:
                os._exit(1)
        make_tables(lambda service, _: clients_of(self.endpoint)(service, PATIENT))
        self.save()

    def close(self) -> None:
        """It is no more."""
        self._ask("end")
        os.waitpid(self._pid, 0)
        self._socket.close()

    def save(self, rules: Iterable[Refuse] = ()) -> None:
        """What is there now is what ``restore`` puts back; the rules hold from now on."""
        self._ask("save", [vars(rule) for rule in rules])

    def restore(self) -> None:
        """All is as it was when it was saved."""
        self._ask("restore")

    def empty(self) -> None:
        """What was arranged, and saved, is gone."""
        self._ask("empty")

    def log(self) -> list[Seen]:
        """What reached the cloud since it was saved or put back."""
        return [Seen(**line) for line in self._ask("log")]

    def _ask(self, what: str, body: Any = None) -> Any:
        request = urllib.request.Request(f"{self.endpoint}{OURS}{what}", json.dumps(body).encode())  # noqa: S310  loopback
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  as above
            return json.loads(answer.read())


def entry_in(operation: str, body: bytes | str) -> dict[str, Any] | None:
    """The ledger entry that a request would put: ``{"kind", "title", "undoing"}``."""
    asked = json.loads(body)
    items = asked.get("TransactItems", []) if operation.endswith("TransactWriteItems") else [{"Put": asked}]
    for item in items:
        put = item.get("Put", {}).get("Item", {})
        if "kind" in put and "body" in put:
            said = json.loads(put["body"]["S"])
            return {
                "kind": put["kind"]["S"],
                "title": said.get("title", ""),
                "undoing": bool(said.get("undoing")),
            }
    return None
