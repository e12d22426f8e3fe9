"""Measure 7: a page of history, in a table of a thousand rows and in one of a million, on disk.

The newest rows of both tables are the same; the larger one goes on below them. So a page costs more there only if it
is reached through more.
"""

import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from bench.capacity import size_of
from bench.dynalite_server import NoDynalite
from bench.log import Log, logged
from bench.pairs import ratio, turns
from bench.report import Row, not_taken
from bench.rows import NOW, endings, resource
from bench.rows_on_disk import Ledger, on_disk
from bench.rows_on_disk import Row as TableRow
from nightcrew.ledger import rows as ledger_rows
from nightcrew.ledger.history import Page, history
from nightcrew.ledger.rows import week
from nightcrew.ledger.store import Store

FEW, MANY = 1_000, 1_000_000
APART = timedelta(seconds=63)
"""A million of them took two years."""

MOST, MOST_UNITS = 1.2, 1.0
ROWS = 20
ROUNDS = 30
_NOISY = resource(0)
QUESTIONS: Mapping[str, Mapping[str, Any]] = {
    "resource": {"resource": _NOISY},
    "runbook": {"runbook": "restart-ec2-instance"},
    "symptom": {"symptom": "AWS/EC2:StatusCheckFailed_Instance:high"},
    "week": {},
}
RARE: Mapping[str, Any] = {"resource": _NOISY, "outcome": "worse"}
"""None of the rows ended so: the most that a page can take."""

NAME = "history: capacity and pages at 10⁶ rows ÷ at 10³"
GOAL = f"≤ {MOST}; ≤ {MOST_UNITS:g} RCU; no Scan"


@dataclass(frozen=True)
class Took:
    """What one page took: its requests by name, items and bytes that were read, and read units by those bytes."""

    requests: tuple[str, ...]
    items: int
    size: int
    units: float

    def times(self, other: "Took") -> float:
        """How many times as much as the other, of whatever grew most."""
        pairs = (
            (len(self.requests), len(other.requests)),
            (self.items, other.items),
            (self.size, other.size),
            (self.units, other.units),
        )
        return max(ours / theirs for ours, theirs in pairs)


def measure() -> Row:
    """Every question's first and second page, in both tables; then the same again, turn by turn, for the time."""
    try:
        with logged() as log, on_disk("history", [ledger(FEW), ledger(MANY)]) as client:
            few, many = (Store(client, ledger(rows).tables) for rows in (FEW, MANY))
            taken = pages(few, log), pages(many, log), page(many, log, RARE)[1]
            return _row(*taken, _slower(few, many), _said(client, many.tables.ledger))
    except NoDynalite as error:
        return not_taken(7, NAME, "×", GOAL, f"not taken: {error}")


def ledger(rows: int) -> Ledger:
    """The newest so many endings, of which a million took two years."""

    def made() -> Iterator[TableRow]:
        return (("ledger", each.to_item()) for each in islice(endings(APART), rows))

    return Ledger(f"rows-{rows}", made)


def pages(store: Store, log: Log) -> dict[str, Took]:
    """The first and the second page of each question. RuntimeError where one is not what was asked for."""
    found: dict[str, Took] = {}
    for name, question in QUESTIONS.items():
        first, found[name] = page(store, log, question)
        second, found[f"{name}, second page"] = page(store, log, question, first.after)
        _check(question, [*first.rows, *second.rows])
    return found


def page(store: Store, log: Log, question: Mapping[str, Any], after: str | None = None) -> tuple[Page, Took]:
    """One page, and what it took."""
    log.requests.clear()
    found = history(store, now=NOW, limit=ROWS, after=after, **question)
    read = [request_read(request.answer) for request in log.requests]
    units = sum(read_units(size) for _, size in read)
    items, size = (sum(each) for each in zip(*read, strict=True))
    return found, Took(tuple(request.operation for request in log.requests), items, size, units)


def request_read(answer: bytes) -> tuple[int, int]:
    """Items and bytes of a query's answer: all that it read, for it filters nothing and shows all that is projected."""
    items = json.loads(answer)["Items"]
    return len(items), sum(map(size_of, items))


def read_units(size: int) -> float:
    """What an eventually consistent query costs that read so many bytes: half a unit for each 4 KB, rounded up
    (source: the DynamoDB developer guide, "Read and write operations").
    """
    return max(math.ceil(size / 4096), 1) / 2


def _row(few: Mapping[str, Took], many: Mapping[str, Took], rare: Took, slower: float, said: float) -> Row:
    times = {name: many[name].times(few[name]) for name in many}
    worst = max(times, key=lambda name: times[name])
    dearest = max(many.values(), key=lambda took: took.units)
    operations = {name for took in (*many.values(), *few.values(), rare) for name in took.requests}
    return Row(
        measure=7,
        name=NAME,
        value=round(times[worst], 2),
        unit="×",
        goal=GOAL,
        met=times[worst] <= MOST and dearest.units <= MOST_UNITS and operations == {"Query"},
        how=f"dynalite on disk; pages of {ROWS} by {', '.join(QUESTIONS)}, the first and the second; what grew most of "
        f"requests, items, bytes and read units of any page. The newest {FEW:,} rows are the same in both tables. A "
        f"page takes {max(len(took.requests) for took in many.values())} request of {dearest.items} items, at most "
        f"{dearest.size:,} bytes and {dearest.units:g} RCU by the bytes of its answer (dynalite says {said:g}). Only "
        f"{', '.join(sorted(operations))} was asked of the tables. An outcome that no row has: {len(rare.requests)} "
        f"requests, {rare.items:,} items, {rare.units:g} RCU for a page, the most that one can take. Time of the same "
        f"pages: {slower:.2f} × (median of {ROUNDS} pairs)",
    )


def _slower(few: Store, many: Store) -> float:
    """How much longer the pages take in the larger table."""

    def seconds(store: Store) -> float:
        began = time.perf_counter()
        for question in QUESTIONS.values():
            first = history(store, now=NOW, limit=ROWS, **question)
            history(store, now=NOW, limit=ROWS, after=first.after, **question)
        return time.perf_counter() - began

    taken = turns(ROUNDS, lambda: seconds(few), lambda: seconds(many))
    return ratio(taken[1], taken[0])


def _said(client: Any, table: str) -> float:
    """Read units of the dearest page, as dynalite itself counts them."""
    reply = client.query(
        TableName=table,
        IndexName="by_week",
        KeyConditionExpression="week = :week",
        ExpressionAttributeValues={":week": {"S": week(NOW)}},
        ScanIndexForward=False,
        Limit=ROWS + 1,
        ReturnConsumedCapacity="TOTAL",
    )
    return float(reply["ConsumedCapacity"]["CapacityUnits"])


def _check(question: Mapping[str, Any], rows: Sequence[ledger_rows.Row]) -> None:
    """It is no measure of history unless the pages are what was asked for: two full ones, newest first, none twice."""
    ended = [row.ended for row in rows if row.ended is not None]
    fits = all(getattr(row, name) == value for row in rows for name, value in question.items())
    if len({row.run for row in rows}) != 2 * ROWS or not fits or ended != sorted(ended, reverse=True):
        raise RuntimeError(f"the pages of {dict(question) or 'the week'} are not what was asked for")
