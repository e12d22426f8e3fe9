"""A run that is just closing, and somebody who cancels it: it was cancelled, or it is already over, and never both."""

from typing import Any

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.cancelling import Cancel, cancel
from nightcrew.admission.closing import close
from nightcrew.admission.request import Request, lock_key
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening
from nightcrew.ledger.transaction import ConditionFailed
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import asked, insist, instance
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency

PAIRS = WORKERS // 2
"""In each round: a run at its end, and who cancels it."""


@pytest.mark.parametrize(("weather", "rounds"), [("calm", 10), ("storm", 6)])
def test_a_run_that_is_closing_is_cancelled_or_over(arena: Arena, report: Report, weather: str, rounds: int) -> None:
    """Nothing is left on its lock, where the next run would find it."""
    requests = {}
    for number in range(rounds):
        for pair in range(PAIRS):
            name = f"{number}-{pair}"
            requests[number, pair] = asked(arena.clock, f"run-{name}", instance(f"i-{name}"))
            admit(requests[number, pair], arena.stores[0], arena.clock)
    heads = {run: opening(arena.stores[0], request.run) for run, request in requests.items()}
    arena.set(weather)

    def carry_on(request: Request, book: Book) -> str:
        try:
            insist(lambda: close(request, [], "succeeded", "done", {}, book, unless_cancelled=True))
        except ConditionFailed:
            insist(lambda: close(request, [], "cancelled", "as somebody asked", {}, book))
            return "cancelled"
        return "succeeded"

    def work(number: int, worker: int) -> Any:
        request, store = requests[number, worker // 2], arena.stores[worker]
        if worker % 2:
            return insist(lambda: cancel(store, request.run, by="ada", reason="no", now=arena.clock.now()))
        head = heads[number, worker // 2]
        assert head is not None
        book = Book(store, arena.clock, request.run, 0, head.hash)
        for _ in range(worker // 4):
            # So that it ends at any moment of the cancel.
            store.get("state", {"key": request.lock})
        return carry_on(request, book)

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    cancelled = 0
    for (number, pair), request in requests.items():
        outcome, done = answers[number][2 * pair], answers[number][2 * pair + 1]
        assert isinstance(done, Cancel)
        closing = chains[request.run][-1]
        assert [entry.kind for entry in chains[request.run]] == ["opening", "closing"]
        assert closing.body["outcome"] == outcome
        item = state[lock_key(request.resource)]
        assert not {"owner", "lease", "cancel"} & item.keys()
        if done.words.startswith("already over"):
            assert done.words.startswith(f"already over: {outcome} at ")
        else:
            assert outcome == "cancelled", "who cancelled it was told so, and it ended well"
            cancelled += 1
    assert 0 < cancelled < len(requests), "both have come first at times, or this proves little"
    report.add(
        f"cancelled or over, {weather}",
        rounds=len(requests),
        workers=2,
        winners=len(requests) - cancelled,
        refused=cancelled,
        conflicts=befallen,
    )
