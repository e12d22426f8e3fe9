"""What was seen: one line for each fact, on the terminal and in ``.reports/concurrency.json``."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

REPORT = Path(__file__).resolve().parents[2] / ".reports" / "concurrency.json"


@dataclass(frozen=True)
class Seen:
    """``conflicts`` counts what befell requests: conflicts, throttles, lost replies, whatever the weather was."""

    fact: str
    rounds: int
    workers: int
    winners: int
    refused: int
    conflicts: int

    def __str__(self) -> str:
        return (
            f"{self.fact}: {self.rounds} rounds, {self.workers} workers, {self.winners} winners, "
            f"{self.refused} refused, {self.conflicts} conflicts"
        )


@dataclass
class Report:
    """Collects what the tests saw."""

    seen: list[Seen] = field(default_factory=list)

    def add(self, fact: str, *, rounds: int, workers: int, winners: int, refused: int, conflicts: int = 0) -> None:
        self.seen.append(Seen(fact, rounds, workers, winners, refused, conflicts))

    def write(self, path: Path = REPORT) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps([asdict(each) for each in self.seen], indent=2) + "\n")
