"""The index follows the ledger by what is new, and misses nothing that comes late."""

from datetime import timedelta

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.errors import Unreachable
from nightcrew.knowledge.lessons import learn
from nightcrew.knowledge.search.index import Index
from nightcrew.knowledge.search.late import arrived, late_since
from nightcrew.knowledge.search.refresh import OVERLAP, QUIET_WEEKS, refresh
from nightcrew.knowledge.search.search import search
from nightcrew.ledger.book import Book
from nightcrew.ledger.entries import Entry
from tests.knowledge.search.asked import ADA, SYMPTOM, WEEK, Counted, Ended, found, ids


def test_a_second_look_reads_what_is_new_and_not_everything(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """Three requests where nothing is; one more for what there is, however much there was before."""
    for number in range(250):
        ended(f"the disk was full {number}")
    clock.sleep(3600)
    assert refresh(store, index, clock.now()) == 250
    clock.sleep(3600)
    store.reads.clear()
    assert refresh(store, index, clock.now()) == 0
    assert store.reads == ["get", "query", "query"]
    new = ended("the zeppelin landed")
    store.reads.clear()
    assert refresh(store, index, clock.now()) == 1
    assert store.reads == ["get", "query", "query", "1 items"]
    assert ids(search(index, "zeppelin")) == [new]
    store.reads.clear()
    assert refresh(store, index, clock.now()) == 0
    assert store.reads == ["get", "query", "query"], "it is known by now, and not read once more"


def test_what_comes_a_little_late_is_found(store: Counted, index: Index, clock: StoppedClock, ended: Ended) -> None:
    """Its time is before the last look, and it was written, or reached the index, after it."""
    begun = clock.now()
    clock.sleep(OVERLAP.total_seconds() - 60)
    refresh(store, index, clock.now())
    late = StoppedClock(begun)
    Book(store, late, "20261121-030000-latelate", 2, "ab").write("closing", {"outcome": "cured", "words": "zeppelin"})
    assert found(store, index, clock, "zeppelin") == ["20261121-030000-latelate"]


def test_a_clock_that_was_ahead_hides_nothing(store: Counted, index: Index, clock: StoppedClock, ended: Ended) -> None:
    refresh(store, index, clock.now() + timedelta(hours=2))
    clock.sleep(600)
    refresh(store, index, clock.now())
    run = ended("zeppelin")
    assert found(store, index, clock, "zeppelin") == [run]


def test_the_first_look_goes_back_over_quiet_weeks(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    old = ended("zeppelin")
    clock.sleep((QUIET_WEEKS - 1) * WEEK)
    new = ended("another zeppelin")
    clock.sleep(2 * WEEK)
    assert set(found(store, index, clock, "zeppelin")) == {old, new}


def test_a_week_s_turn_is_no_gap(store: Counted, index: Index, clock: StoppedClock, ended: Ended) -> None:
    """Sunday, a minute before midnight; and what was written over the turn of the year."""
    clock.sleep((clock.now().replace(month=12, day=31, hour=23, minute=59) - clock.now()).total_seconds())
    refresh(store, index, clock.now())
    runs = []
    for _ in range(3):
        runs.append(ended("zeppelin"))
        clock.sleep(4 * 24 * 3600)
    assert set(found(store, index, clock, "zeppelin")) == set(runs)


def test_a_first_look_that_is_interrupted_goes_on(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """What was read stays; and what came meanwhile is found, too."""
    runs = []
    for _ in range(4):
        runs.append(ended("zeppelin"))
        clock.sleep(WEEK)
    store.answers = 7
    with pytest.raises(Unreachable):
        refresh(store, index, clock.now())
    before = set(ids(search(index, "zeppelin")))
    assert before
    assert before < set(runs)
    store.answers = 10_000
    clock.sleep(3600)
    runs.append(ended("zeppelin"))
    store.reads.clear()
    assert set(found(store, index, clock, "zeppelin")) == set(runs)
    store.reads.clear()
    refresh(store, index, clock.now())
    assert store.reads == ["get", "query", "query"], "its beginning was reached"


def test_what_is_uploaded_weeks_later_is_found_by_itself(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    """A run under break-glass has the time at which it ended, long before the last look."""
    earlier = StoppedClock(clock.now())
    clock.sleep(3 * WEEK)
    ended("something else")
    refresh(store, index, clock.now())
    clock.sleep(3600)
    body = {"outcome": "cured", "words": "zeppelin", "symptom": SYMPTOM}
    made = Book(store, earlier, "20261121-030000-brokenxx", 2, "ab").write("closing", body).entry
    assert found(store, index, clock, "zeppelin") == []
    arrived(store, made, clock.now())
    clock.sleep(3600)
    assert found(store, index, clock, "zeppelin") == ["20261121-030000-brokenxx"]
    store.reads.clear()
    refresh(store, index, clock.now())
    assert store.reads == ["get", "query", "query"], "its week is left alone again"


def test_a_lesson_that_is_uploaded_later_is_found_by_itself(store: Counted, index: Index, clock: StoppedClock) -> None:
    earlier = StoppedClock(clock.now())
    clock.sleep(WEEK)
    refresh(store, index, clock.now())
    body = {"words": "zeppelin", "author": ADA, "symptom": SYMPTOM}
    entry = Entry("lesson-a", 0, "lesson", earlier.now(), body, "")
    learn(store, earlier, "lesson-a", "zeppelin", author=ADA, symptom=SYMPTOM)
    arrived(store, entry, clock.now())
    assert late_since(store, clock.now()) == ("lesson",)
    assert found(store, index, clock, "zeppelin") == ["lesson-a"]


def test_progress_is_told(store: Counted, index: Index, clock: StoppedClock, ended: Ended) -> None:
    for _ in range(120):
        ended("zeppelin")
    told: list[tuple[str, int]] = []
    refresh(store, index, clock.now(), lambda what, many: told.append((what, many)))
    assert told == [("2026-W47", 100), ("2026-W47", 120), ("2026-W47", 120), ("2026-W47", 120)]
