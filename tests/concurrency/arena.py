"""Sixteen workers who start together, round after round, over two tables of one test's own."""

import itertools
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nightcrew.clock import SkippingClock
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.store import Store, Tables
from nightcrew.ledger.values import plain_item
from nightcrew.ledger.verify import verify
from tests.concurrency.weather import Line

WORKERS = 16
PATIENCE = 60
"""Seconds that anybody waits for the others: then it hangs, and the test fails."""

T = TypeVar("T")


@dataclass
class Arena:
    """``clock`` is everybody's; ``stores`` are each worker's own way to the tables."""

    tables: Tables
    lines: list[Line]
    clock: SkippingClock = field(default_factory=SkippingClock)

    def __post_init__(self) -> None:
        # A conflict is waited out on a clock of nobody's, or the waits of all would add up to hours on everybody's.
        self.stores = [Store(line.client, self.tables, SkippingClock()) for line in self.lines]

    def set(self, weather: str, *, keeps: bool = False) -> None:
        """The weather on each line from now on."""
        for line in self.lines:
            line.set(weather, keeps=keeps)

    def race(self, rounds: int, work: Callable[[int, int], T]) -> list[list[T]]:
        """Each worker does ``work(round, worker)``, all at the same moment. What each did, by round and worker."""
        barrier = threading.Barrier(len(self.lines))

        def run(worker: int) -> list[T]:
            done: list[T] = []
            try:
                for number in range(rounds):
                    barrier.wait(PATIENCE)
                    done.append(work(number, worker))
            finally:
                if len(done) < rounds:
                    barrier.abort()
            return done

        with ThreadPoolExecutor(len(self.lines)) as pool:
            running = [pool.submit(run, worker) for worker in range(len(self.lines))]
        _raise_first(running)
        return [list(each) for each in zip(*(each.result() for each in running), strict=True)]

    def befallen(self) -> int:
        """How many requests the weather befell."""
        return sum(line.met.total() for line in self.lines)

    def chains(self) -> dict[str, list[Entry]]:
        """The whole ledger, run by run. Each chain is verified."""
        found: dict[str, list[dict[str, Any]]] = {}
        for item in self._all(self.tables.ledger):
            found.setdefault(item["run"], []).append(item)
        chains = {run: sorted(items, key=lambda item: int(item["number"])) for run, items in found.items()}
        for chain in chains.values():
            assert verify(chain) == []
        return {run: [Entry.from_item(item) for item in chain] for run, chain in chains.items()}

    def state(self) -> dict[str, dict[str, Any]]:
        """Every item of the other table, by its key."""
        return {item["key"]: item for item in self._all(self.tables.state)}

    def _all(self, table: str) -> Iterable[dict[str, Any]]:
        pages = self.lines[0].client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return (plain_item(item) for page in pages for item in page["Items"])


def _raise_first(running: list[Future[Any]]) -> None:
    """What went wrong with one worker; that the others then waited in vain says nothing."""
    failed = [each.exception() for each in running if each.exception() is not None]
    for error in sorted(failed, key=lambda error: isinstance(error, threading.BrokenBarrierError)):
        raise error or AssertionError


class Names:
    """Names that nobody had before."""

    def __init__(self, prefix: str) -> None:
        self._numbers = (f"{prefix}-{number}" for number in itertools.count())

    def __call__(self) -> str:
        return next(self._numbers)
