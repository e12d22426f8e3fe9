"""A ledger, a file for its index, and runs that end."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.knowledge.search.index import Index
from nightcrew.ledger.book import Book
from tests.knowledge.search.asked import INSTANCE, SYMPTOM, Counted, Ended


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def store() -> Counted:
    return Counted()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "search" / "here.sqlite"


@pytest.fixture
def index(file: Path) -> Iterator[Index]:
    with Index(file, "here") as made:
        yield made


@pytest.fixture
def ended(store: Counted, clock: StoppedClock) -> Ended:
    """A run that ended now, or a refusal."""
    count = iter(range(10_000))

    def end(words: str, outcome: str = "cured", **more: Any) -> str:
        run = f"20261121-030000-run{next(count):05}"
        about = {"runbook": "restart-ec2-instance", "resource": INSTANCE, "symptom": SYMPTOM}
        book = Book(store, clock, run)
        if outcome != "refused":
            book.write("opening", about)
        book.write(
            "refusal" if outcome == "refused" else "closing", about | {"outcome": outcome, "words": words} | more
        )
        return run

    return end
