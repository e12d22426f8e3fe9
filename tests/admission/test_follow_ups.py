"""What is due later: kept once, found when it is due, taken by one."""

import itertools
from datetime import datetime, timedelta

import pytest

from nightcrew.admission.follow_ups import Due, drop, due_now, find, keep, listed, named, take
from nightcrew.clock import StoppedClock
from nightcrew.errors import Conflict, Unknown
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import PAGE, Store

_numbers = itertools.count(1)


def due(at: datetime, kind: str = "later-in-this-test") -> Due:
    """One of a name of its own."""
    what = {"title": "put it back", "parameters": {"desired": 3, "name": "web"}, "symptom": "by hand"}
    return Due(f"follow-up-{next(_numbers)}", kind, at, "scale-out", "ada", what)


def test_it_comes_back_as_it_was_kept(store: Store, clock: StoppedClock) -> None:
    """With its parameters, numbers as numbers."""
    kept = due(clock.now() + timedelta(days=7))
    keep(store, kept)
    assert find(store, kept.name) == kept


def test_a_repeated_step_keeps_it_once(store: Store, clock: StoppedClock) -> None:
    """And does not move it."""
    kept = due(clock.now(), "once")
    keep(store, kept)
    keep(store, Due(kept.name, "once", clock.now() + timedelta(days=1), "other", "bob", {}))
    assert listed(store, "once") == [kept]


def test_it_is_due_at_its_time_and_not_before(store: Store, clock: StoppedClock) -> None:
    """The next comes first."""
    second, first = due(clock.now() + timedelta(hours=2), "timely"), due(clock.now() + timedelta(hours=1), "timely")
    for each in (second, first):
        keep(store, each)
    assert listed(store, "timely") == [first, second]
    assert due_now(store, "timely", first.due - timedelta(milliseconds=1)) == []
    assert due_now(store, "timely", first.due) == [first]
    assert due_now(store, "timely", second.due) == [first, second]


def test_one_takes_it(store: Store, clock: StoppedClock) -> None:
    """To whoever comes second it is gone."""
    kept = due(clock.now(), "taken")
    keep(store, kept)
    assert [take(store, kept.name), take(store, kept.name)] == [True, False]
    assert due_now(store, "taken", clock.now()) == []


def test_two_who_start_it_start_it_under_one_id(store: Store, clock: StoppedClock) -> None:
    """So the ledger has one run of it, whoever comes first; for who comes after it was taken there is none."""
    kept = due(clock.now(), "named")
    keep(store, kept)
    assert named(store, kept.name, "run-a") == "run-a"
    assert named(store, kept.name, "run-b") == "run-a"
    assert due_now(store, "named", clock.now()) == [kept]
    take(store, kept.name)
    with pytest.raises(Conflict):
        named(store, kept.name, "run-c")
    assert find(store, kept.name) is None


def test_a_person_drops_it_once(store: Store, clock: StoppedClock) -> None:
    """What was started or dropped already is told."""
    kept = due(clock.now(), "dropped")
    keep(store, kept)
    drop(store, kept.name)
    with pytest.raises(Unknown, match="started or dropped already"):
        drop(store, kept.name)


def test_more_than_a_page_of_them_is_listed_whole(clock: StoppedClock) -> None:
    store = MemoryStore()
    for _ in range(PAGE + 5):
        keep(store, due(clock.now()))
    assert len(listed(store, "later-in-this-test")) == PAGE + 5
