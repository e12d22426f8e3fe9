"""A ledger that counts its reads, and what is found in it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from nightcrew.clock import StoppedClock
from nightcrew.errors import Unreachable
from nightcrew.knowledge.search.index import Index
from nightcrew.knowledge.search.refresh import refresh
from nightcrew.knowledge.search.search import Findings, search
from nightcrew.ledger.memory import MemoryStore

ADA, BOB = "arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:user/bob"
SYMPTOM = "AWS/EC2:StatusCheckFailed_Instance:high"
INSTANCE = "arn:aws:ec2:eu-central-1:123456789012:instance/i-0fed9876cba543210"
WEEK = timedelta(weeks=1).total_seconds()


class Counted(MemoryStore):
    """Counts the requests for reads, and can stop answering."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []
        self.answers = 10_000

    def query(self, *words: Any, **more: Any) -> Any:
        self._read("query")
        return super().query(*words, **more)

    def get(self, *words: Any, **more: Any) -> Any:
        self._read("get")
        return super().get(*words, **more)

    def get_all(self, table: str, keys: Any) -> Any:
        self._read(f"{len(keys)} items")
        return [self._item(table, key) for key in keys]

    def _read(self, what: str) -> None:
        self.reads.append(what)
        self.answers -= 1
        if self.answers < 0:
            raise Unreachable("there is no way to the ledger")


Ended = Callable[..., str]


def ids(findings: Findings) -> list[str]:
    return [each.id for each in findings.found]


def found(store: MemoryStore, index: Index, clock: StoppedClock, typed: str, **how: Any) -> list[str]:
    refresh(store, index, clock.now())
    return ids(search(index, typed, **how))
