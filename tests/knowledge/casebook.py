"""Past runs that a test writes by itself: a closing each, as a run's own, without the entries before it."""

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from nightcrew.clock import stamp
from nightcrew.knowledge.recall.similarity import Case
from nightcrew.knowledge.recall.vocabulary import keep
from nightcrew.knowledge.statistics.day import Count, Day
from nightcrew.ledger.book import put_once
from nightcrew.ledger.cases import mark
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TODAY = NOW.date()
RESTART, GROW = "restart-ec2-instance", "scale-out-auto-scaling-group"
CHECK = "AWS/EC2:StatusCheckFailed_Instance:high"
NO_ROOM = "InsufficientInstanceCapacity"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def instance(name: str) -> str:
    """An instance's ARN."""
    return f"arn:aws:ec2:eu-west-1:123456789012:instance/i-{name}"


def queue(name: str) -> str:
    """A queue's ARN."""
    return f"arn:aws:sqs:eu-west-1:123456789012:{name}"


class Casebook:
    """Writes cases into ``store``, each an hour older than the one before it, unless it is said when."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or MemoryStore()
        self._numbers = itertools.count(1)
        self.seen: list[Case] = []

    def case(
        self,
        outcome: str = "cured",
        *,
        runbook: str = RESTART,
        resource: str = instance("1"),
        symptom: str = CHECK,
        group: str | None = None,
        error: str | None = None,
        ended: datetime | None = None,
        took: timedelta = timedelta(minutes=6),
        words: str = "it came back",
        opening: bool = True,
    ) -> str:
        """Write one; the run's id. Without its ``opening`` it costs half."""
        number = next(self._numbers)
        at = ended or NOW - number * HOUR
        run = f"{at:%Y%m%d-%H%M%S}-{number:06}"
        body: dict[str, Any] = {
            "runbook": runbook,
            "resource": resource,
            "symptom": symptom,
            "outcome": outcome,
            "started": stamp(at - took),
            "actor": "alarm: checks",
            "words": words,
            "changes": 2,
        }
        if group is not None:
            body["group"] = mark(group)
        if error is not None:
            body["error"] = {"code": error, "message": "there is no room", "request": "r-1"}
        if outcome == "refused":
            body["gate"] = "lock"
        about: Mapping[str, Any] = {"runbook": runbook, "resource": resource, "symptom": symptom}
        first = Entry(run, 0, "opening", at - took, about, "")
        kind = "refusal" if outcome == "refused" else "closing"
        last = Entry(run, 0 if outcome == "refused" else 1, kind, at, body, first.hash)
        chain = [first, last] if opening and kind == "closing" else [last]
        self.store.transact([put_once(each) for each in chain])
        case = Case.from_index(last.to_item())
        if case is not None:
            self.seen.append(case)
        return run

    def day_is_over(self, day: date = TODAY) -> None:
        """The day's job: the vocabulary knows every symptom so far."""
        counts = tuple(
            Count(case.runbook, "restart", case.resource, case.symptom or "", case.outcome, "", 1) for case in self.seen
        )
        keep(self.store, [Day(day, counts)])
