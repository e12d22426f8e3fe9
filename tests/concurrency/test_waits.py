"""A run that begins to wait, while the alarm turns OK, or somebody cancels it: neither is lost."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.alarms import awaiting, ok
from nightcrew.admission.cancelling import cancel
from nightcrew.admission.guard import RunGuard
from nightcrew.admission.request import Request
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import asked, insist, instance
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency

WEATHERS = [("calm", 8), ("storm", 6)]
PAIRS = WORKERS // 2
"""In each round: a run, and what may answer its wait."""


@dataclass(frozen=True)
class Started:
    """A run of an alarm's, which has written nothing but its opening."""

    request: Request
    hash: str

    @property
    def callback(self) -> str:
        """Where it waits."""
        return f"callback of {self.request.run}"

    def book(self, store: Store, arena: Arena) -> Book:
        """From its opening on."""
        return Book(store, arena.clock, self.request.run, 0, self.hash)


def started(arena: Arena, name: str) -> Started:
    """Admit it."""
    request = asked(arena.clock, f"run-{name}", instance(f"i-{name}"), alarm=f"alarm-{name}")
    admit(request, arena.stores[0], arena.clock)
    entry = opening(arena.stores[0], request.run)
    assert entry is not None
    return Started(request, entry.hash)


@pytest.mark.parametrize(("weather", "rounds"), WEATHERS)
def test_an_alarms_ok_and_a_run_that_begins_to_wait_for_it_find_each_other(
    arena: Arena, report: Report, weather: str, rounds: int
) -> None:
    """Either the OK is told where the run waits, or the run that the OK was there already."""
    runs = [[started(arena, f"{number}-{pair}") for pair in range(PAIRS)] for number in range(rounds)]
    arena.set(weather)

    def work(number: int, worker: int) -> bool:
        run, store = runs[number][worker // 2], arena.stores[worker]
        alarm = run.request.alarm
        assert alarm is not None
        if worker % 2:
            at = alarm.at + timedelta(seconds=1)
            return (insist(lambda: ok(store, alarm.arn, None, at)) or {}).get("waiting") == run.callback
        book, body = run.book(store, arena), {"title": "the alarm's OK", "callback": run.callback}
        try:
            insist(lambda: book.write("wait", body, [awaiting(alarm, run.callback)]))
        except ConditionFailed:
            insist(lambda: book.write("wait", body))
            return True
        return False

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    chains = arena.chains()
    ringing = 0
    for number, round_ in enumerate(answers):
        for pair, run in enumerate(runs[number]):
            seen, rung = round_[2 * pair], round_[2 * pair + 1]
            assert seen or rung, "the OK is lost"
            assert not (seen and rung), "both say that the other came first"
            assert [entry.kind for entry in chains[run.request.run]] == ["opening", "wait"]
            ringing += rung
    assert 0 < ringing < rounds * PAIRS, "both have come first at times, or this proves little"
    report.add(
        f"an OK and who waits for it, {weather}",
        rounds=rounds * PAIRS,
        workers=2,
        winners=rounds * PAIRS,
        refused=rounds * PAIRS - ringing,
        conflicts=befallen,
    )


@pytest.mark.parametrize(("weather", "rounds"), WEATHERS)
def test_a_cancel_and_a_run_that_begins_to_wait_find_each_other(
    arena: Arena, report: Report, weather: str, rounds: int
) -> None:
    """Either who cancels is told where the run waits, or the run that it was cancelled; or both."""
    runs = [[started(arena, f"{number}-{pair}") for pair in range(PAIRS)] for number in range(rounds)]
    arena.set(weather)

    def work(number: int, worker: int) -> bool:
        run, store = runs[number][worker // 2], arena.stores[worker]
        request = run.request
        if worker % 2:
            done = insist(lambda: cancel(store, request.run, by="ada", reason="no", now=arena.clock.now()))
            assert done.words.startswith("cancelled by ada at ")
            return done.callback == run.callback
        book, body = run.book(store, arena), {"title": "a while", "callback": run.callback}
        guard = RunGuard(request.run, request.runbook, request.resource, store, arena.clock)
        for _ in range(worker // 4):
            # Polls, as many more in each pair: so that the wait begins at any moment of the cancel.
            guard.peek()
        insist(lambda: book.write("wait", body))
        return insist(guard.asked) is not None

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    arena.chains()
    pairs = [(round_[2 * pair], round_[2 * pair + 1]) for round_ in answers for pair in range(PAIRS)]
    assert all(seen or rung for seen, rung in pairs), "the cancel is lost"
    rung = sum(rung for _, rung in pairs)
    assert 0 < rung < len(pairs), "both have come first at times, or this proves little"
    report.add(
        f"a cancel and who begins to wait, {weather}",
        rounds=len(pairs),
        workers=2,
        winners=len(pairs),
        refused=len(pairs) - rung,
        conflicts=befallen,
    )
