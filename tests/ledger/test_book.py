"""A run's chain has one writer: what stands already wins, and what was not written takes no number."""

from typing import Any

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.errors import Conflict, Unreachable
from nightcrew.ledger.book import Book, FencedOff, put_once
from nightcrew.ledger.conditions import Absent, Equals
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import entries, tail
from nightcrew.ledger.store import TRIES, Store
from nightcrew.ledger.transaction import ConditionFailed, Piece
from nightcrew.ledger.verify import verify


def owner_is(run: str) -> Piece:
    return Piece("state", {"key": f"res#{run}"}, "lock", Equals("owner", run))


def halt(run: str) -> Piece:
    return Piece("state", {"key": f"halt#{run}"}, "halt", Absent("all"))


def set_halt(store: Store, run: str) -> None:
    store.transact([Piece("state", {"key": f"halt#{run}"}, "person", sets={"all": "stop"})])


def test_entries_are_numbered_from_0_and_chained(store: Store, clock: StoppedClock, run: str) -> None:
    book = Book(store, clock, run)
    assert book.head == (-1, "")
    for kind in ("opening", "change", "closing"):
        clock.sleep(1)
        written = book.write(kind, {"title": kind})
        assert written.fresh
        assert book.head == (written.entry.number, written.entry.hash)
    chain = entries(store, run)
    assert [entry.number for entry in chain] == [0, 1, 2]
    assert [entry.previous for entry in chain] == ["", chain[0].hash, chain[1].hash]
    assert verify(chain) == []


def test_the_entry_and_its_guards_are_one_transaction(store: Store, clock: StoppedClock, run: str) -> None:
    claim = Piece("state", {"key": f"claim#{run}"}, "claim", Absent("key"), put={"run": run})
    Book(store, clock, run).write("opening", {}, [claim])
    assert store.get("state", {"key": f"claim#{run}"}) is not None


def test_a_repeat_finds_its_entry_and_goes_on_with_the_stored_hash(store: Store, clock: StoppedClock, run: str) -> None:
    first = Book(store, clock, run).write("opening", {"n": 1})
    clock.sleep(60)
    book = Book(store, clock, run)
    again = book.write("opening", {"n": 1})
    assert not again.fresh
    assert again.entry == first.entry
    assert book.head == (0, first.entry.hash)
    assert book.write("change", {"n": 2}).fresh
    assert verify(entries(store, run)) == []


def test_a_repeat_finds_its_entry_even_where_a_guard_refuses_by_now(
    store: Store, clock: StoppedClock, run: str
) -> None:
    Book(store, clock, run).write("change", {"n": 1}, [halt(run)])
    set_halt(store, run)
    book = Book(store, clock, run)
    assert not book.write("change", {"n": 1}, [halt(run)]).fresh
    assert book.head.number == 0


def test_it_looks_before_it_blames_a_guard(far_store: Store, line: Any, clock: StoppedClock, run: str) -> None:
    """A cancelled transaction need not name every condition that does not hold."""
    Book(far_store, clock, run).write("change", {"n": 1}, [halt(run)])
    line.then(line.cancel("None", "ConditionalCheckFailed"))
    assert not Book(far_store, clock, run).write("change", {"n": 1}, [halt(run)]).fresh


def test_a_guard_that_refuses_is_named_and_no_number_is_taken(store: Store, clock: StoppedClock, run: str) -> None:
    book = Book(store, clock, run)
    head = book.write("opening", {}).entry
    set_halt(store, run)
    with pytest.raises(ConditionFailed) as refused:
        book.write("change", {"n": 1}, [halt(run), owner_is(run)])
    assert [failure.piece.gate for failure in refused.value.failures] == ["halt", "lock"]
    assert book.head == (0, head.hash)
    assert book.write("closing", {"outcome": "cancelled"}).entry.number == 1


def test_other_content_at_its_number_fences_a_writer_off(store: Store, clock: StoppedClock, run: str) -> None:
    opening = Book(store, clock, run).write("opening", {}).entry
    mine, theirs = Book(store, clock, run, 0, opening.hash), Book(store, clock, run, 0, opening.hash)
    theirs.write("closing", {"outcome": "failed"})
    with pytest.raises(
        FencedOff, match="another incarnation wrote a closing there, this one wanted a change"
    ) as fenced:
        mine.write("change", {"title": "stop it"}, [halt(run)])
    assert fenced.value.stored.kind == "closing"
    assert mine.head == (0, opening.hash)
    assert len(entries(store, run)) == 2


def test_being_fenced_off_is_no_exception_that_a_runbook_could_swallow() -> None:
    assert not issubclass(FencedOff, Exception)


def test_an_equal_entry_on_another_chain_fences_off(store: Store, clock: StoppedClock, run: str) -> None:
    Book(store, clock, run, 0, "aa").write("change", {"n": 1})
    with pytest.raises(FencedOff):
        Book(store, clock, run, 0, "bb").write("change", {"n": 1})


def test_a_replay_follows_its_checkpoints_without_reading(
    far_store: Store, line: Any, clock: StoppedClock, run: str
) -> None:
    book = Book(far_store, clock, run)
    heads = [book.write(kind, {}).entry for kind in ("opening", "change")]
    sent = len(line.sent)
    replayed = Book(far_store, clock, run)
    for entry in heads:
        replayed.follow(entry.number, entry.hash)
    assert len(line.sent) == sent
    assert replayed.write("closing", {}).entry.previous == heads[1].hash


def test_a_run_is_closed_from_its_ledgers_tail(store: Store, clock: StoppedClock, run: str) -> None:
    Book(store, clock, run).write("opening", {})
    last = tail(store, run)
    assert last is not None
    Book(store, clock, run, last.number, last.hash).write("closing", {"outcome": "failed"})
    assert verify(entries(store, run)) == []


def test_an_entry_alone_is_one_single_request(far_store: Store, line: Any, clock: StoppedClock, run: str) -> None:
    Book(far_store, clock, run).write("wait", {})
    assert line.operations() == ["PutItem"]


def test_after_a_lost_reply_without_guards_the_entry_is_there_and_not_fresh(
    far_store: Store, line: Any, clock: StoppedClock, run: str
) -> None:
    line.then(line.lose_the_reply)
    assert not Book(far_store, clock, run).write("wait", {"n": 1}).fresh
    assert [entry.body for entry in entries(far_store, run)] == [{"n": 1}]


def test_after_unreachable_the_same_write_may_be_made_again(
    far_store: Store, line: Any, clock: StoppedClock, run: str
) -> None:
    book = Book(far_store, clock, run)
    line.then(line.lose_the_reply, line.cut, line.cut, line.cut)
    with pytest.raises(Unreachable):
        book.write("change", {"n": 1}, [halt(run)])
    assert book.head == (-1, "")
    clock.sleep(5)
    assert not book.write("change", {"n": 1}, [halt(run)]).fresh


def test_a_conflict_leaves_the_head_where_it_was(far_store: Store, line: Any, clock: StoppedClock, run: str) -> None:
    book = Book(far_store, clock, run)
    line.then(line.cancel("TransactionConflict", "None"), times=TRIES)
    with pytest.raises(Conflict):
        book.write("change", {}, [halt(run)])
    assert book.head == (-1, "")
    assert book.write("change", {}, [halt(run)]).fresh


def test_who_builds_the_transaction_himself_puts_an_entry_once(store: Store, clock: StoppedClock, run: str) -> None:
    entry = Entry(f"refused-{run}", 0, "refusal", clock.now(), {"gate": "freeze"}, "")
    store.transact([put_once(entry), halt(run)])
    with pytest.raises(ConditionFailed) as refused:
        store.transact([put_once(entry), halt(run)])
    failure = refused.value.of("entry")
    assert failure is not None
    assert failure.old is not None
    assert Entry.from_item(failure.old) == entry
