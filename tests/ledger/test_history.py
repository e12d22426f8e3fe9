"""History answers with queries that have a limit, newest first, and can be read on."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nightcrew.clock import StoppedClock, stamp
from nightcrew.errors import BadInput
from nightcrew.ledger.book import Book
from nightcrew.ledger.conditions import Equals
from nightcrew.ledger.cursor import Place
from nightcrew.ledger.history import MOST_QUERIES, Page, Row, entries, history, opening, running, tail
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import PAGE, Store, Tables
from nightcrew.ledger.transaction import Piece
from nightcrew.ledger.values import wire_item

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def close(store: Store, run: str, at: datetime, **body: Any) -> None:
    """A run that opened nine minutes before ``at`` and closed then."""
    clock = StoppedClock(at - timedelta(minutes=9))
    book = Book(store, clock, run)
    full = {
        "runbook": "restart-ec2-instance",
        "resource": f"i-{run}",
        "symptom": f"AWS/EC2:{run}:high",
        "outcome": "cured",
        "started": stamp(clock.now()),
        "actor": "alarm",
        "words": "it came back",
    }
    book.write("opening", full)
    clock.sleep(540)
    book.write("closing", full | body)


def many(store: Store, run: str, count: int, **body: Any) -> list[str]:
    """Runs that ended a minute apart, the newest at NOW; their ids, newest first."""
    runs = [f"{run}-{number:06}" for number in range(count)]
    for number, each in enumerate(runs):
        close(store, each, NOW - timedelta(minutes=number), **body)
    return runs


def bring(written: MemoryStore, runs: list[str], client: Any, tables: Tables) -> None:
    """Puts runs that were written in memory into the table, 25 entries at a time: one by one takes long."""
    found = [written.query("ledger", Equals("run", run), limit=1000).items for run in runs]
    puts = [{"PutRequest": {"Item": wire_item(item)}} for items in found for item in items]
    for first in range(0, len(puts), 25):  # as many as one call takes
        client.batch_write_item(RequestItems={tables.ledger: puts[first : first + 25]})


def runs(page: Page) -> list[str]:
    return [row.run for row in page.rows]


def test_a_row_tells_the_run_in_one_line(store: Store, run: str) -> None:
    close(store, run, NOW)
    assert history(store, resource=f"i-{run}", now=NOW).rows == (
        Row(
            run=run,
            runbook="restart-ec2-instance",
            resource=f"i-{run}",
            symptom=f"AWS/EC2:{run}:high",
            outcome="cured",
            started=NOW - timedelta(minutes=9),
            ended=NOW,
            actor="alarm",
            words="it came back",
        ),
    )
    assert history(store, resource=f"i-{run}", now=NOW).rows[0].duration == timedelta(minutes=9)


@pytest.mark.parametrize("question", ["resource", "runbook", "symptom"])
def test_each_question_has_its_index(store: Store, run: str, question: str) -> None:
    """And each index holds all that a row shows."""
    close(store, run, NOW, **{question: f"{question}-{run}"})
    close(store, f"{run}-other", NOW)
    (row,) = history(store, now=NOW, **{question: f"{question}-{run}"}).rows  # type: ignore[arg-type]
    assert row.run == run
    assert None not in (row.started, row.ended, row.symptom)
    assert "" not in (row.runbook, row.resource, row.outcome, row.actor, row.words)


def test_a_refusal_is_in_history_with_its_gate(store: Store, clock: StoppedClock, run: str) -> None:
    body = {"runbook": "b", "resource": f"i-{run}", "outcome": "refused", "gate": "cool-down", "words": "until 03:15"}
    Book(store, clock, f"refused-{run}").write("refusal", body)
    (row,) = history(store, resource=f"i-{run}", now=NOW).rows
    assert (row.outcome, row.gate, row.symptom, row.started, row.duration) == ("refused", "cool-down", None, None, None)


def test_pages_follow_each_other_without_gap_or_repeat(store: Store, run: str) -> None:
    written = many(store, run, 7, resource=run)
    seen: list[str] = []
    after = None
    sizes = []
    while True:
        page = history(store, resource=run, limit=3, after=after, now=NOW)
        seen += runs(page)
        sizes.append(len(page.rows))
        after = page.after
        if after is None:
            break
    assert seen == written
    assert sizes == [3, 3, 1]


def test_a_page_that_ends_with_the_last_row_says_so(store: Store, run: str) -> None:
    many(store, run, 3, resource=run)
    assert history(store, resource=run, limit=3, now=NOW).after is None


def test_runs_that_ended_in_the_same_millisecond_are_all_seen(store: Store, run: str) -> None:
    names = {f"{run}-{letter}" for letter in "abcde"}
    for name in names:
        close(store, name, NOW, resource=run)
    first = history(store, resource=run, limit=2, now=NOW)
    rest = history(store, resource=run, limit=3, after=first.after, now=NOW)
    assert {*runs(first), *runs(rest)} == names


def test_a_page_is_one_query_with_a_limit(far_store: Store, store: Store, line: Any, run: str) -> None:
    many(store, run, 5, resource=run)
    history(far_store, resource=run, limit=3, now=NOW)
    ((operation, members),) = line.sent
    assert (operation, members["IndexName"], members["Limit"]) == ("Query", "by_resource", 4)


def test_further_questions_narrow_the_answer(store: Store, run: str) -> None:
    close(store, f"{run}-a", NOW, resource=run, outcome="failed", runbook="x")
    close(store, f"{run}-b", NOW, resource=run, outcome="cured", runbook="x")
    close(store, f"{run}-c", NOW, resource=run, outcome="failed", runbook="y")
    assert set(runs(history(store, resource=run, outcome="failed", now=NOW))) == {f"{run}-a", f"{run}-c"}
    assert runs(history(store, resource=run, outcome="failed", runbook="x", now=NOW)) == [f"{run}-a"]


def test_since_is_the_earliest_end(store: Store, run: str) -> None:
    written = many(store, run, 4, resource=run)
    assert runs(history(store, resource=run, since=NOW - timedelta(minutes=2), now=NOW)) == written[:3]


def test_without_a_question_the_weeks_are_walked_back(store: Store, run: str) -> None:
    """Across the turn of the year, with an empty week between."""
    new_year = datetime(2031, 1, 1, 12, tzinfo=UTC)
    ends = [new_year - timedelta(days=days) for days in (0, 3, 16, 29, 31)]
    for number, end in enumerate(ends):
        close(store, f"{run}-{number}", end)
    assert runs(history(store, now=new_year)) == [f"{run}-{number}" for number in range(4)]
    assert runs(history(store, now=new_year, since=ends[4])) == [f"{run}-{number}" for number in range(5)]
    first = history(store, now=new_year, limit=2)
    assert runs(first) == [f"{run}-0", f"{run}-1"]
    assert runs(history(store, now=new_year, limit=2, after=first.after)) == [f"{run}-2", f"{run}-3"]


def test_a_long_walk_stops_and_goes_on_where_it_stopped(far_store: Store, store: Store, line: Any, run: str) -> None:
    now = datetime(2035, 6, 1, tzinfo=UTC)
    close(store, run, now - timedelta(weeks=30))
    asked: dict[str, Any] = {"now": now, "since": now - timedelta(weeks=40)}
    page = history(far_store, **asked)
    assert page.rows == ()
    assert len(line.sent) == MOST_QUERIES
    pages = 1
    while not page.rows:
        page = history(far_store, after=page.after, **asked)
        pages += 1
    assert runs(page) == [run]
    assert pages == 3


def test_a_rare_outcome_costs_a_bounded_number_of_reads(
    far_store: Store, store: Store, line: Any, run: str, client: Any, tables: Tables
) -> None:
    written = MemoryStore()
    bring(written, many(written, run, 101, resource=run), client, tables)
    close(store, f"{run}-rare", NOW - timedelta(days=1), resource=run, outcome="worse")
    assert runs(history(far_store, resource=run, outcome="worse", now=NOW)) == [f"{run}-rare"]
    assert [members["Limit"] for _, members in line.sent] == [100, 100]


FORGED = [
    Place("by_resource", "r", "2026", "", 1),
    Place("by_resource", "r", "", "run", 1),
    Place("by_resource", "r", "2026", "run", -1),
    Place("by_resource", "r", "2026", "run", 10**40),
    Place("by_week", "2026-W99"),
    Place("by_week", "2026"),
]


def test_a_cursor_goes_on_only_with_its_own_question(store: Store, run: str) -> None:
    many(store, run, 3, resource=run)
    after = history(store, resource=run, limit=1, now=NOW).after
    assert after is not None
    wrong: list[dict[str, Any]] = [
        {"resource": "other", "after": after},
        {"after": after},
        {"runbook": run, "after": after},
    ]
    wrong += [{"resource": run, "after": text} for text in ("", "x", after[:-4], "W10", "bnVsbA", "ä", "[" * 9)]
    wrong += [{"resource": "r", "after": place.to_text()} for place in FORGED]
    wrong += [{"after": place.to_text()} for place in FORGED]
    for asked in wrong:
        with pytest.raises(BadInput) as refused:
            history(store, now=NOW, **asked)
        assert refused.value.field == "after"


@pytest.mark.parametrize("end", ["\ud800", "x" * 2049])
def test_a_cursor_that_is_no_key_reaches_no_table(store: Store, end: str) -> None:
    """DynamoDB would refuse it in words of its own: half a character, and more than a key may have."""
    forged = base64.urlsafe_b64encode(json.dumps(["by_week", "2026-W47", end, end, 0]).encode()).decode()
    with pytest.raises(BadInput):
        history(store, now=NOW, after=forged)


def test_a_cursor_older_than_the_span_is_at_the_end(far_store: Store, store: Store, line: Any, run: str) -> None:
    """DynamoDB would refuse to start outside the span, so it is not asked."""
    now = datetime(2040, 6, 1, tzinfo=UTC)
    for number in range(3):
        close(store, f"{run}-{number}", now - timedelta(hours=number))
    after = history(store, limit=1, now=now).after
    assert history(far_store, limit=1, now=now + timedelta(days=31), after=after) == Page((), None)
    assert line.sent == []


def test_until_is_the_end_and_no_part_of_the_span(store: Store, run: str) -> None:
    """With and without a beginning, on an index and through the weeks."""
    new_year = datetime(2051, 1, 1, 12, tzinfo=UTC)
    ends = [new_year - timedelta(days=days) for days in (0, 3, 16, 29)]
    for number, end in enumerate(ends):
        close(store, f"{run}-{number}", end, resource=run)
    for question in ({}, {"resource": run}):
        asked: dict[str, Any] = {"now": new_year, **question}
        assert runs(history(store, until=ends[1], **asked)) == [f"{run}-2", f"{run}-3"]
        assert runs(history(store, until=ends[1], since=ends[2], **asked)) == [f"{run}-2"]
        assert history(store, until=ends[2], since=ends[1], **asked) == Page((), None)


def test_the_days_before_until_are_read_where_no_beginning_is_given(store: Store, run: str) -> None:
    now = datetime(2056, 1, 1, tzinfo=UTC)
    close(store, run, now - timedelta(days=100))
    assert runs(history(store, now=now, until=now - timedelta(days=90))) == [run]


def test_pages_before_until_go_on_where_they_ended(store: Store, run: str) -> None:
    written = many(store, run, 5, resource=run)
    asked: dict[str, Any] = {"resource": run, "now": NOW, "until": NOW - timedelta(minutes=1), "limit": 2}
    first = history(store, **asked)
    assert [*runs(first), *runs(history(store, after=first.after, **asked))] == written[2:]


def test_a_cursor_from_beyond_until_begins_at_until(far_store: Store, store: Store, line: Any, run: str) -> None:
    """DynamoDB would refuse to start outside the span, so it is not asked to."""
    written = many(store, run, 4, resource=run)
    after = history(store, resource=run, limit=1, now=NOW).after
    asked: dict[str, Any] = {"resource": run, "now": NOW, "until": NOW - timedelta(minutes=2)}
    assert runs(history(far_store, after=after, **asked)) == written[3:]
    assert ["ExclusiveStartKey" in members for _, members in line.sent] == [False]


def test_what_a_person_started_is_found_among_all(store: Store, run: str) -> None:
    """By what a row holds of who acted; an alarm of the same name is no person."""
    hand = {"resource": run, "symptom": "by hand:restart-ec2-instance"}
    close(store, f"{run}-ada", NOW, actor="arn:aws:iam::123456789012:user/ada", **hand)
    close(store, f"{run}-bob", NOW, actor="arn:aws:iam::123456789012:user/bob", **hand)
    close(store, f"{run}-alarm", NOW, actor="alarm: web/ada", resource=run)
    assert runs(history(store, now=NOW, resource=run, person="ada")) == [f"{run}-ada"]
    assert runs(history(store, now=NOW, resource=run, person="ada", outcome="failed")) == []


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_1_to_100_rows(store: Store, limit: int) -> None:
    with pytest.raises(BadInput, match="1 to 100"):
        history(store, limit=limit, now=NOW)


# --- one run -------------------------------------------------------------------------------------------------------


def test_a_long_chain_is_read_whole(
    far_store: Store, line: Any, clock: StoppedClock, run: str, client: Any, tables: Tables
) -> None:
    written = MemoryStore()
    book = Book(written, clock, run)
    for number in range(PAGE + 20):
        book.write("change" if number else "opening", {"n": number})
    bring(written, [run], client, tables)
    chain = entries(far_store, run)
    assert [entry.body["n"] for entry in chain] == list(range(PAGE + 20))
    assert [(operation, members["ConsistentRead"]) for operation, members in line.sent] == [("Query", True)] * 2


def test_the_tail_and_the_opening_are_one_consistent_read_each(
    far_store: Store, line: Any, clock: StoppedClock, run: str
) -> None:
    book = Book(far_store, clock, run)
    first = book.write("opening", {"n": 1}).entry
    last = book.write("change", {"n": 2}).entry
    line.sent.clear()
    assert (opening(far_store, run), tail(far_store, run)) == (first, last)
    assert [(operation, members["ConsistentRead"]) for operation, members in line.sent] == [
        ("GetItem", True),
        ("Query", True),
    ]


def test_an_unknown_run_has_no_entries(store: Store) -> None:
    assert (entries(store, "nobody"), tail(store, "nobody"), opening(store, "nobody")) == ([], None, None)


# --- what is running -----------------------------------------------------------------------------------------------


def lock(run: str, lease: datetime, **more: str) -> Piece:
    held = {
        "owner": run,
        "open": "open",
        "lease": stamp(lease),
        "runbook": "b",
        "actor": "alarm",
        "started": stamp(NOW),
    }
    return Piece("state", {"key": f"res#arn:aws:ec2:x:1:instance/{run}"}, "lock", sets=held | more)


def test_running_shows_the_locks_that_are_open_the_most_overdue_first(store: Store, run: str) -> None:
    late, later = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    store.transact([lock(f"{run}-b", later, symptom="s"), lock(f"{run}-a", late)])
    rows = [row for row in running(store) if row.run.startswith(run)]
    assert rows == [
        Row(f"{run}-a", "b", f"arn:aws:ec2:x:1:instance/{run}-a", None, "running", NOW, None, "alarm", "", lease=late),
        Row(f"{run}-b", "b", f"arn:aws:ec2:x:1:instance/{run}-b", "s", "running", NOW, None, "alarm", "", lease=later),
    ]
    assert rows[0].duration is None


def test_a_storm_that_fills_more_than_a_page_is_listed_whole() -> None:
    store = MemoryStore()
    store.transact([lock(f"run-{number}", NOW) for number in range(PAGE)])
    store.transact([lock(f"run-{number}", NOW) for number in range(PAGE, PAGE + 20)])
    assert {row.run for row in running(store)} == {f"run-{number}" for number in range(PAGE + 20)}


def test_a_released_lock_is_not_running(store: Store, run: str) -> None:
    held = lock(run, NOW)
    store.transact([held])
    store.transact([Piece("state", held.key, "lock", removes=("owner", "open"))])
    assert run not in [row.run for row in running(store)]
