"""A ledger with some days of history in memory, and what somebody may do to it who may write to the table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from nightcrew.clock import StoppedClock
from nightcrew.ledger import anchors, roots
from nightcrew.ledger.book import Book
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import items
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import Piece

FIRST = date(2026, 11, 18)
NAME = "restart-ec2-instance"
RESOURCE = "arn:aws:ec2:eu-central-1:123456789012:instance/i-0abc"


@dataclass
class Days:
    """Runs, refusals and lessons from FIRST on, on a clock that a test moves."""

    store: Store = field(default_factory=MemoryStore)
    clock: StoppedClock = field(default_factory=lambda: StoppedClock(datetime(2026, 11, 18, 3, tzinfo=UTC)))

    def ran(self, run: str, *, changes: int = 1, end: str | None = "cured") -> str:
        """A run from its opening to its end; open where there is none."""
        book = Book(self.store, self.clock, run)
        book.write(
            "opening",
            {"runbook": NAME, "resource": RESOURCE, "symptom": "cpu", "actor": "arn:aws:iam::123456789012:user/ada"},
        )
        for number in range(changes):
            book.write("change", {"title": f"step {number}"})
        if end is not None:
            body = {"runbook": "restart-ec2-instance", "resource": RESOURCE, "symptom": "cpu", "outcome": end}
            book.write("closing", {**body, "started": "2026-11-18T03:00:00.000Z", "words": "so"})
        return run

    def opened(self, run: str, *, changes: int = 1) -> str:
        """A run that goes on: its lock tells that it is open."""
        self.ran(run, changes=changes, end=None)
        sets = {"open": "open", "owner": run, "lease": "2026-11-30T00:00:00.000Z", "runbook": "restart-ec2-instance"}
        self.store.transact([Piece("state", {"key": f"res#{RESOURCE}-{run}"}, gate="lock", sets=sets)])
        return run

    def refused(self, run: str) -> str:
        """A refusal."""
        body = {"runbook": "restart-ec2-instance", "resource": RESOURCE, "outcome": "refused", "gate": "freeze"}
        Book(self.store, self.clock, run).write("refusal", body)
        return run

    def wrote(self, lesson: str, words: str) -> str:
        """A lesson, or its next version."""
        chain = self.chain(lesson)
        last = Entry.from_item(chain[-1]) if chain else None
        book = Book(self.store, self.clock, lesson, *((last.number, last.hash) if last else ()))
        book.write("lesson", {"words": words, "symptom": "cpu"})
        return lesson

    def on(self, day: int, hour: int = 3) -> "Days":
        """Go to that day of November 2026."""
        self.clock.sleep((datetime(2026, 11, day, hour, tzinfo=UTC) - self.clock.now()).total_seconds())
        return self

    def rooted(self, day: int) -> tuple[Entry, ...]:
        """The day's job, in the following night."""
        self.on(day + 1, 2)
        return roots.keep(self.store, self.clock, date(2026, 11, day))

    def anchored(self, directory: Path) -> anchors.Folder:
        """All roots so far, as they would be copied from S3."""
        by_day: dict[str, list[Entry]] = {}
        for root in roots.made_since(self.store, datetime(2026, 1, 1, tzinfo=UTC)):
            by_day.setdefault(str(root.body["day"]), []).append(root)
        for day, entries in by_day.items():
            file = directory / anchors.key(date.fromisoformat(day))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(anchors.content(date.fromisoformat(day), entries))
        directory.mkdir(exist_ok=True)
        return anchors.Folder(directory)

    def anchored_in(self, directory: Path) -> anchors.Folder:
        """What was anchored there before."""
        return anchors.Folder(directory)

    def chain(self, run: str) -> list[dict[str, Any]]:
        """As it is stored."""
        return items(self.store, run)

    def put(self, item: dict[str, Any]) -> None:
        """Overwrite what is there: no condition is asked."""
        key = {"run": item["run"], "number": item["number"]}
        self.store.transact([Piece("ledger", key, gate="forger", put=item)])

    def drop(self, run: str, *numbers: int) -> None:
        """Take entries out of a chain, or all of them."""
        for item in self.chain(run):
            if not numbers or item["number"] in numbers:
                key = {"run": run, "number": item["number"]}
                self.store.transact([Piece("ledger", key, gate="forger", delete=True)])

    def forge(self, run: str, bodies: Sequence[tuple[str, dict[str, Any]]], at: datetime | None = None) -> None:
        """Write a whole chain anew, with hashes that follow from each other."""
        kept = {item["number"]: item["at"] for item in self.chain(run)}
        self.drop(run)
        previous = ""
        for number, (kind, body) in enumerate(bodies):
            when = datetime.fromisoformat(kept[number]) if number in kept and at is None else at or self.clock.now()
            entry = Entry(run, number, kind, when, body, previous)
            previous = entry.hash
            self.put(entry.to_item())
