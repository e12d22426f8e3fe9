"""The breaker: a runbook that fails everywhere gets one trial at a time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from nightcrew.admission.admit import admit
from nightcrew.admission.closing import close
from nightcrew.admission.gates.breaker import breaker_key
from nightcrew.admission.request import Request
from nightcrew.clock import StoppedClock
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening
from nightcrew.ledger.store import Store
from tests.admission.conftest import Make
from tests.admission.gates.asking import Turned, after, ended


def failed_thrice(ask: Make, runbook: str, store: Store, clock: StoppedClock) -> Callable[..., Request]:
    """A runbook that failed three times in a row, each time elsewhere; asks once more, with what was looked up."""
    for _ in range(3):
        ended(ask(runbook=runbook), "failed", store, clock)

    def again(**more: Any) -> Request:
        item = store.get("state", breaker_key(runbook)) or {}
        return ask(runbook=runbook, failures=int(item.get("fails", 0)), **more)

    return again


def test_a_runbook_that_failed_three_times_in_a_row_gets_one_trial_after_an_hour(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Of two trials at once one is refused; and one that goes well closes the breaker."""
    again = failed_thrice(ask, "tripping", store, clock)
    clock.sleep(600)
    refusal = turned_away(again(), "breaker")
    assert refusal.words == ("tripping did not help 3 times in a row; the next trial is in 50 min (built in)")
    assert (refusal.figures["fails"], refusal.figures["most"]) == (3, 3)
    clock.sleep(50 * 60 - 1)
    turned_away(again(), "breaker")
    clock.sleep(1)
    assert clock.now() == refusal.until
    trial = again()
    admit(trial, store, clock)
    second = turned_away(again(), "breaker")
    assert second.until == clock.now() + timedelta(hours=1)
    entry = opening(store, trial.run)
    assert entry is not None
    close(trial, (), "succeeded", "well", {}, Book(store, clock, trial.run, 0, entry.hash))
    assert not admit(again(), store, clock).again
    assert not admit(again(), store, clock).again


def test_a_trial_that_fails_opens_the_breaker_for_another_hour(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Counted from the trial's start."""
    again = failed_thrice(ask, "tripping-again", store, clock)
    clock.sleep(3600)
    ended(again(), "ineffective", store, clock)
    refusal = turned_away(again(), "breaker")
    assert refusal.figures["fails"] == 4
    assert refusal.until == clock.now() + timedelta(hours=1)


def test_a_trial_that_dies_frees_the_next_one_by_itself(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Nobody has to close it first."""
    again = failed_thrice(ask, "tripping-dead", store, clock)
    clock.sleep(3600)
    admit(again(), store, clock)
    after(turned_away(again(), "breaker"), clock)
    assert not admit(again(), store, clock).again


def test_a_success_before_the_third_failure_starts_the_count_anew(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Three in a row, not three in all."""
    for outcome in ("failed", "failed", "succeeded", "failed", "failed"):
        item = store.get("state", breaker_key("up-and-down")) or {}
        ended(ask(runbook="up-and-down", failures=int(item.get("fails", 0))), outcome, store, clock)
    assert not admit(ask(runbook="up-and-down", failures=2), store, clock).again
