"""Whoever touches a chain is seen, and where."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.ledger.book import Book
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import entries, items
from nightcrew.ledger.store import Store, Tables
from nightcrew.ledger.verify import still_open, verify

Chain = list[dict[str, Any]]
AT = datetime.fromisoformat("2026-11-21T03:00:00Z")


@pytest.fixture
def chain(store: Store, clock: StoppedClock, run: str) -> Chain:
    """The items of a run with an opening, two changes and a closing."""
    book = Book(store, clock, run)
    book.write("opening", {"resource": "i-1"})
    book.write("change", {"title": "stop it"})
    book.write("change", {"title": "start it"})
    book.write("closing", {"resource": "i-1", "outcome": "failed", "words": "not healthy"})
    return items(store, run)


def edited(item: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return item | {"body": json.dumps(json.loads(item["body"]) | changes, separators=(",", ":"), sort_keys=True)}


def rehashed(item: dict[str, Any]) -> dict[str, Any]:
    return Entry.from_item(item).to_item()


def found(chain: Chain) -> list[tuple[int, str]]:
    return [(broken.number, broken.what) for broken in verify(chain)]


def test_a_chain_that_nobody_touched_is_consistent(chain: Chain, store: Store, run: str) -> None:
    assert verify(chain) == []
    assert verify(entries(store, run)) == []
    assert verify([]) == []


def edit(chain: Chain) -> Chain:
    return [chain[0], edited(chain[1], title="do nothing"), *chain[2:]]


def edit_and_hash(chain: Chain) -> Chain:
    return [chain[0], rehashed(edited(chain[1], title="do nothing")), *chain[2:]]


def write_otherwise(chain: Chain) -> Chain:
    return [chain[0], chain[1] | {"body": chain[1]["body"].replace(":", ": ")}, *chain[2:]]


def backdate(chain: Chain) -> Chain:
    return [chain[0], chain[1] | {"at": "2026-11-21T02:00:00.000Z"}, *chain[2:]]


def relink(chain: Chain) -> Chain:
    return [*chain[:2], chain[2] | {"previous": chain[0]["hash"]}, chain[3]]


def remove_one(chain: Chain) -> Chain:
    return [chain[0], *chain[2:]]


def remove_two(chain: Chain) -> Chain:
    return [chain[0], chain[3]]


def remove_the_opening(chain: Chain) -> Chain:
    return chain[1:]


def renumber(chain: Chain) -> Chain:
    return [chain[0], chain[2] | {"number": 1}, chain[1] | {"number": 2}, chain[3]]


def give_in_another_order(chain: Chain) -> Chain:
    return [chain[0], chain[2], chain[1], chain[3]]


def add_after_the_end(chain: Chain) -> Chain:
    return [*chain, Entry(chain[0]["run"], 4, "change", AT, {}, chain[3]["hash"]).to_item()]


def add_in_between(chain: Chain) -> Chain:
    moved = [item | {"number": item["number"] + 1} for item in chain[2:]]
    return [*chain[:2], Entry(chain[0]["run"], 2, "change", AT, {}, chain[1]["hash"]).to_item(), *moved]


def open_again(chain: Chain) -> Chain:
    second = Entry(chain[0]["run"], 1, "opening", AT, {}, chain[0]["hash"]).to_item()
    return [chain[0], second]


def embellish(chain: Chain) -> Chain:
    return [*chain[:3], chain[3] | {"outcome": "cured"}]


def hide(chain: Chain) -> Chain:
    return [*chain[:3], {name: value for name, value in chain[3].items() if name != "resource"}]


def annotate(chain: Chain) -> Chain:
    return [chain[0] | {"note": "all well"}, *chain[1:]]


def make_unreadable(chain: Chain) -> Chain:
    return [chain[0], chain[1] | {"body": "{"}, *chain[2:]]


def begin_in_the_middle(chain: Chain) -> Chain:
    return [rehashed(chain[0] | {"previous": "ab"})]


def mix_runs(chain: Chain) -> Chain:
    return [chain[0], rehashed(chain[1] | {"run": "20261121-030000-others"})]


EDITED = "was edited: its content does not give its hash"


@pytest.mark.parametrize(
    ("tamper", "breaks"),
    [
        (edit, [(1, EDITED)]),
        (backdate, [(1, EDITED)]),
        (edit_and_hash, [(2, "does not follow from entry 1: it names another hash than that entry has")]),
        (write_otherwise, [(1, "its attribute 'body' says '{\"title\": \"stop it\"}', the entry itself")]),
        (relink, [(2, "does not follow from entry 1"), (2, EDITED)]),
        (remove_one, [(2, "entry 1 was removed before it")]),
        (remove_two, [(3, "entries 1 to 2 were removed before it")]),
        (remove_the_opening, [(1, "entry 0 was removed before it")]),
        (renumber, [(1, "does not follow"), (1, EDITED), (2, "does not follow"), (2, EDITED), (3, "does not follow")]),
        (
            give_in_another_order,
            [(2, "entry 1 was removed"), (1, "out of order, or added"), (3, "entry 2 was removed")],
        ),
        (add_after_the_end, [(4, "was added after the closing, which ends a run")]),
        (add_in_between, [(3, "does not follow"), (3, EDITED), (4, EDITED)]),
        (open_again, [(1, "cannot be of the kind 'opening' at this place")]),
        (embellish, [(3, "its attribute 'outcome' says 'cured', the entry itself 'failed'")]),
        (hide, [(3, "its attribute 'resource' says None, the entry itself 'i-1'")]),
        (annotate, [(0, "its attribute 'note' says 'all well', the entry itself None")]),
        (make_unreadable, [(1, "cannot be read (JSONDecodeError"), (2, "entry 1 was removed before it")]),
        (begin_in_the_middle, [(0, "is the first, yet names an entry before it")]),
        (mix_runs, [(1, "belongs to another run than the entry before it")]),
    ],
)
def test_each_way_to_touch_it_is_named_at_its_entry(
    chain: Chain, tamper: Callable[[Chain], Chain], breaks: list[tuple[int, str]]
) -> None:
    assert len(found(tamper(chain))) == len(breaks)
    for (number, what), (expected, words) in zip(found(tamper(chain)), breaks, strict=True):
        assert number == expected
        assert words in what


def test_an_edit_in_the_table_is_seen(client: Any, tables: Tables, store: Store, chain: Chain, run: str) -> None:
    client.update_item(
        TableName=tables.ledger,
        Key={"run": {"S": run}, "number": {"N": "1"}},
        UpdateExpression="SET body = :b",
        ExpressionAttributeValues={":b": {"S": "{}"}},
    )
    assert found(items(store, run)) == [(1, EDITED)]
    assert [broken.number for broken in verify(entries(store, run))] == [1]


def test_a_chain_without_its_closing_is_open_not_broken(chain: Chain, store: Store, run: str) -> None:
    """Nothing in the chain can tell a run that goes on from one whose end was cut off."""
    assert found(chain[:-1]) == []
    assert still_open(chain[:-1])
    assert not still_open(chain)
    assert not still_open(entries(store, run))


def test_a_refusal_is_a_whole_chain(clock: StoppedClock) -> None:
    refusal = Entry("refused-1", 0, "refusal", clock.now(), {"gate": "freeze", "outcome": "refused"}, "").to_item()
    assert found([refusal]) == []
    assert not still_open([refusal])


def test_a_lesson_s_versions_are_a_chain_that_never_ends(clock: StoppedClock) -> None:
    first = Entry("lesson-1", 0, "lesson", clock.now(), {"words": "look at the disk"}, "")
    second = Entry("lesson-1", 1, "lesson", clock.now(), {"words": "look at the disk first"}, first.hash)
    chain = [first.to_item(), second.to_item()]
    assert found(chain) == []
    assert not still_open(chain)
    assert found([chain[0] | {"body": "{}"}, chain[1]]) == [(0, EDITED)]


def test_a_record_and_a_run_do_not_share_a_chain(clock: StoppedClock) -> None:
    lesson = Entry("lesson-1", 0, "lesson", clock.now(), {}, "")
    change = Entry("lesson-1", 1, "change", clock.now(), {}, lesson.hash)
    opening = Entry("r-1", 0, "opening", clock.now(), {}, "")
    root = Entry("r-1", 1, "root", clock.now(), {}, opening.hash)
    assert found([lesson.to_item(), change.to_item()]) == [(1, "cannot be of the kind 'change' after 'lesson'")]
    assert found([opening.to_item(), root.to_item()]) == [(1, "cannot be of the kind 'root' after 'opening'")]
