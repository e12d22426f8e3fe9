"""Measure 8: what recall finds of a labelled set, among 10⁵ rows, beside what a scan of all of them finds.

Both rank with the same score. Recall sees what a fixed number of requests brings it; the scan sees every case there is.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, islice
from statistics import mean, median
from typing import Any

from bench.dynalite_server import NoDynalite
from bench.labels import Labels, Past, Query, labels
from bench.log import Log, logged
from bench.pairs import ratio, turns
from bench.report import Row, not_taken
from bench.rows import NOW, ending, endings, run_id
from bench.rows_on_disk import Ledger, on_disk
from bench.rows_on_disk import Row as TableRow
from nightcrew.clock import stamp
from nightcrew.knowledge.recall import vocabulary
from nightcrew.knowledge.recall.recall import MOST_READS, Recall, recall
from nightcrew.knowledge.recall.similarity import Case, Question, rank
from nightcrew.knowledge.statistics.day import Count, Day
from nightcrew.ledger.canonical import canonical
from nightcrew.ledger.cases import CASES, mark
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store
from nightcrew.ledger.values import plain_item

FEW, MANY = 1_000, 100_000
SPAN = timedelta(days=730)
LEAST, AT = 0.95, 5
ROUNDS = 3
_LABELLED = 10_000_000
"""Their runs are numbered from here on."""

NAME = "recall@5 of similar incidents ÷ that of an exhaustive scan"
GOAL = f"≥ {LEAST}; a fixed number of reads"


@dataclass(frozen=True)
class Found:
    """What one question brought back: the ids of five runs, and how many requests it took. ``question`` is it with what
    recall knows beside.
    """

    query: Query
    question: Question
    runs: tuple[str, ...]
    reads: int

    def recalled(self, names: Mapping[str, str], runs: Sequence[str]) -> float:
        """How much of what is relevant is among these runs, whose ``names`` the set knows: of five at most."""
        there = self.query.relevant.intersection(names.get(run, "") for run in runs)
        return len(there) / min(AT, len(self.query.relevant))


def measure(known: Labels | None = None) -> Row:
    """Every question of the set (the one beside this file, unless another is given), asked of recall and of a scan."""
    name = "recall" if known is None else "recall-labels"  # ours is kept where another set is tried
    known = known or labels()
    try:
        with logged() as log, on_disk(name, [ledger(known, FEW), ledger(known, MANY)]) as client:
            few, many = (Store(client, ledger(known, rows).tables) for rows in (FEW, MANY))
            began = time.perf_counter()
            cases = tuple(scanned(client, many.tables.ledger))
            return _row(known, few, many, cases, time.perf_counter() - began, log)
    except NoDynalite as error:
        return not_taken(8, NAME, "×", GOAL, f"not taken: {error}")


def ledger(known: Labels, rows: int) -> Ledger:
    """The set's runs among so many others of two years, and the vocabulary that the day's jobs have made of all."""

    def made() -> Iterator[TableRow]:
        days: dict[date, set[tuple[str, str]]] = defaultdict(set)
        for each in chain(runs(known).values(), islice(endings(SPAN / rows), rows)):
            if each.body["outcome"] in CASES:
                days[each.at.date()].add((each.body["symptom"], each.body["resource"]))
            yield "ledger", each.to_item()
        yield "state", _vocabulary(days)

    return Ledger(f"recall-{rows}", made, known.text + _probe())


def runs(known: Labels) -> dict[str, Entry]:
    """The endings of the set's past runs, by their names in the set."""
    return {each.run: _ending(number, each) for number, each in enumerate(known.past, _LABELLED)}


def scanned(client: Any, table: str) -> Iterator[Case]:
    """Every case of the table, page by page. It is the yardstick: Nightcrew itself never scans."""
    pages = client.get_paginator("scan").paginate(TableName=table, IndexName="cases_by_resource")
    return (case for page in pages for item in page["Items"] if (case := Case.from_index(plain_item(item))) is not None)


def asked(store: Store, known: Labels) -> list[Found]:
    """Each question of the set, asked of recall."""
    return [_found(query, _recalled(store, query)) for query in known.queries]


def _recalled(store: Store, query: Query) -> Recall:
    return recall(
        store,
        NOW,
        resource=query.asked.get("resource"),
        group=query.asked.get("group"),
        symptom=query.asked.get("symptom"),
        error=query.asked.get("error"),
        limit=AT,
    )


def _found(query: Query, told: Recall) -> Found:
    return Found(query, told.question, tuple(each.case.run for each in told.cases), told.reads)


def _ending(number: int, past: Past) -> Entry:
    at = NOW - timedelta(days=past.days)
    body: dict[str, Any] = {
        "runbook": past.runbook,
        "resource": past.resource,
        "symptom": past.symptom,
        "outcome": past.outcome,
        "started": stamp(at - timedelta(minutes=6)),
        "actor": f"alarm: {past.symptom}",
        "words": "it was one of those that are looked for",
    }
    if past.group is not None:
        body["group"] = mark(past.group)
    if past.error is not None:
        body["error"] = {"code": past.error, "message": "it was refused", "request": "r-1"}
    return ending(run_id(at, number), at, body)


def _vocabulary(days: Mapping[date, Iterable[tuple[str, str]]]) -> dict[str, Any]:
    """As the jobs of all days leave it that are over."""
    store = MemoryStore()
    for day in sorted(day for day in days if day < NOW.date()):
        counts = (Count("", "", resource, symptom, "cured", "", 1) for symptom, resource in sorted(days[day]))
        vocabulary.keep(store, [Day(day, tuple(counts))])
    return store.get("state", vocabulary.KEY) or dict(vocabulary.KEY)


def _probe() -> str:
    """What the vocabulary makes of two days with more symptoms than it keeps: where that changes, so do the tables."""
    days = {
        NOW.date() - timedelta(days=back): {
            (f"symptom {back} {number}", "arn:aws:sqs:::a") for number in range(vocabulary.MOST)
        }
        for back in (1, 2)
    }
    return canonical(_vocabulary(days))


def _row(known: Labels, few: Store, many: Store, cases: Sequence[Case], reading: float, log: Log) -> Row:
    at_few = asked(few, known)
    log.requests.clear()
    at_many = asked(many, known)
    sent = [request.operation for request in log.requests]
    if len(sent) != sum(found.reads for found in at_many):
        raise RuntimeError(
            f"recall says that it made {sum(found.reads for found in at_many)} requests, not {len(sent)}"
        )
    began = time.perf_counter()
    best = [rank(found.question, cases, NOW, AT) for found in at_many]
    ranking = (time.perf_counter() - began) / len(at_many)
    scan = [tuple(each.case.run for each in ranked) for ranked in best]
    names = {entry.run: name for name, entry in runs(known).items()}
    ours = mean(found.recalled(names, found.runs) for found in at_many)
    theirs = mean(found.recalled(names, ran) for found, ran in zip(at_many, scan, strict=True))
    same = sum(found.runs == ran for found, ran in zip(at_many, scan, strict=True))
    most = max(found.reads for found in at_many)
    slower, quicker = _times(few, many, known, ranking + reading)
    return Row(
        measure=8,
        name=NAME,
        value=round(ours / theirs, 3) if theirs else None,
        unit="×",
        goal=GOAL,
        met=theirs > 0 and ours / theirs >= LEAST and most <= MOST_READS and "Scan" not in sent,
        how=f"{len(known.queries)} questions and {len(known.past)} past runs of {known.name}, among {MANY:,} rows of "
        f"two years on disk, {len(cases):,} of them cases; recall@{AT} {ours:.3f}, the scan's {theirs:.3f} by the same "
        f"score; the same runs in the same order for {same} questions. A question takes "
        f"{min(found.reads for found in at_many)} to {most} requests, and {min(found.reads for found in at_few)} to "
        f"{max(found.reads for found in at_few)} at {FEW:,} rows; {MOST_READS} is the most that it may. Time: "
        f"{slower:.2f} × that at {FEW:,} rows (median of {ROUNDS} pairs), {quicker:.1%} of the scan's ({reading:.1f} s "
        f"to read, {ranking:.1f} s to rank)",
    )


def _times(few: Store, many: Store, known: Labels, scan: float) -> tuple[float, float]:
    """How long the questions take at the larger table: beside the smaller one, and beside so many seconds each."""

    def seconds(store: Store) -> float:
        began = time.perf_counter()
        asked(store, known)
        return time.perf_counter() - began

    at_few, at_many = turns(ROUNDS, lambda: seconds(few), lambda: seconds(many))
    return ratio(at_many, at_few), median(at_many) / len(known.queries) / scan
