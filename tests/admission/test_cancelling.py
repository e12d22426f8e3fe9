"""Cancel: safe at every moment, twice, and against a run that is just ending."""

import pytest

from nightcrew.admission.admit import admit, refusal_run
from nightcrew.admission.cancelling import cancel
from nightcrew.admission.closing import close
from nightcrew.admission.guard import RunGuard
from nightcrew.admission.request import Request
from nightcrew.clock import StoppedClock
from nightcrew.errors import Refused, Unknown
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening, tail
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece
from tests.admission.conftest import Make

WORDS = "cancelled by ada at 2026-11-21T03:00:00.000Z: wrong instance"


@pytest.fixture
def running(ask: Make, store: Store, clock: StoppedClock) -> Request:
    """A run that has its resource."""
    request = ask()
    admit(request, store, clock)
    return request


def guard_of(request: Request, store: Store, clock: StoppedClock) -> RunGuard:
    """What the run asks."""
    return RunGuard(request.run, request.runbook, request.resource, store, clock)


def over(request: Request, store: Store, clock: StoppedClock) -> None:
    """It ends."""
    entry = opening(store, request.run)
    assert entry is not None
    close(request, (), "succeeded", "done", {}, Book(store, clock, request.run, 0, entry.hash))


def test_a_cancelled_run_sees_it_at_its_next_poll_and_change(
    running: Request, store: Store, clock: StoppedClock
) -> None:
    """But an undo goes on."""
    guard = guard_of(running, store, clock)
    assert guard.peek() is None
    done = cancel(store, running.run, by="ada", reason="wrong instance", now=clock.now())
    assert done.words == WORDS
    assert done.callback is None, "it waits for nothing"
    assert guard.peek() == {"ending": "cancelled", "words": WORDS}
    with pytest.raises(ConditionFailed) as failed:
        store.transact(guard.pieces(undoing=False))
    assert guard.why(failed.value) == {"ending": "cancelled", "words": WORDS}
    store.transact(guard.pieces(undoing=True))


def waits(running: Request, store: Store, clock: StoppedClock, callback: str) -> None:
    """The run says in its ledger where it waits."""
    last = tail(store, running.run)
    assert last is not None
    Book(store, clock, running.run, last.number, last.hash).write("wait", {"title": "a pause", "callback": callback})


def test_what_the_run_waits_for_is_to_be_answered(running: Request, store: Store, clock: StoppedClock) -> None:
    """The callback, and how the wait ends."""
    waits(running, store, clock, "callback-1")
    assert guard_of(running, store, clock).asked() is None
    done = cancel(store, running.run, by="ada", reason="wrong instance", now=clock.now())
    assert done.callback == "callback-1"
    assert done.value == {"stop": {"ending": "cancelled", "words": WORDS}}


def test_a_wait_that_begins_after_the_cancel_is_told(running: Request, store: Store, clock: StoppedClock) -> None:
    """Whichever comes second sees the other."""
    cancel(store, running.run, by="ada", reason="wrong instance", now=clock.now())
    waits(running, store, clock, "callback-2")
    assert guard_of(running, store, clock).asked() == {"ending": "cancelled", "words": WORDS}


def test_a_wait_that_is_over_is_not_answered(running: Request, store: Store, clock: StoppedClock) -> None:
    """The run went on, and says so: its next poll or change sees the flag."""
    waits(running, store, clock, "callback-3")
    last = tail(store, running.run)
    assert last is not None
    Book(store, clock, running.run, last.number, last.hash).write("change", {"title": "go on"})
    assert cancel(store, running.run, by="ada", reason="wrong instance", now=clock.now()).callback is None


def test_of_two_cancels_the_first_reason_stays(running: Request, store: Store, clock: StoppedClock) -> None:
    """The second answers the wait once more: the first may have died before it did."""
    waits(running, store, clock, "callback-4")
    first = cancel(store, running.run, by="ada", reason="wrong instance", now=clock.now())
    clock.sleep(5)
    assert cancel(store, running.run, by="bob", reason="me too", now=clock.now()) == first


def test_a_run_that_is_over_cannot_be_cancelled(running: Request, store: Store, clock: StoppedClock) -> None:
    """And is told how it ended; nothing is written."""
    over(running, store, clock)
    done = cancel(store, running.run, by="ada", reason="late", now=clock.now())
    assert done.words == "already over: succeeded at 2026-11-21T03:00:00.000Z"
    assert (done.callback, done.value) == (None, None)
    assert "cancel" not in (store.get("state", {"key": running.lock}) or {})


def test_a_cancel_does_not_hit_the_next_run_on_the_resource(
    running: Request, ask: Make, store: Store, clock: StoppedClock
) -> None:
    """The lock is another's by then; and what was cancelled before does not stay on the lock."""
    cancel(store, running.run, by="ada", reason="wrong instance", now=clock.now())
    over(running, store, clock)
    following = ask(resource=running.resource)
    admit(following, store, clock)
    cancel(store, running.run, by="ada", reason="once more", now=clock.now())
    assert guard_of(following, store, clock).peek() is None


def test_a_run_whose_lock_is_gone_and_whose_closing_is_not_seen_yet_is_over(
    running: Request, store: Store, clock: StoppedClock
) -> None:
    """A reader of a moment ago."""
    store.transact([Piece(table="state", key={"key": running.lock}, gate="test", removes=("owner", "lease"))])
    done = cancel(store, running.run, by="ada", reason="late", now=clock.now())
    assert done.words.startswith("already over: its lock was released")


@pytest.mark.parametrize("what", ["nobody", "refusal"])
def test_what_is_no_run_cannot_be_cancelled(
    running: Request, ask: Make, store: Store, clock: StoppedClock, what: str
) -> None:
    """Nor can a refusal."""
    run = "20261121-030000-nothing"
    if what == "refusal":
        second = ask(resource=running.resource, alarm=f"cancel-{running.run}")
        with pytest.raises(Refused) as refused:
            admit(second, store, clock)
        run = refusal_run(refused.value, second)
        assert opening(store, run) is not None
    with pytest.raises(Unknown):
        cancel(store, run, by="ada", reason="", now=clock.now())
