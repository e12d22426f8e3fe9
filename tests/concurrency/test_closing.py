"""Whoever closes a run, and however many at the same moment: it is closed once, and its lock released once."""

import re
from typing import Any

import pytest

from nightcrew.admission.abandon import abandon
from nightcrew.admission.admit import admit
from nightcrew.admission.closing import close
from nightcrew.admission.guard import RunGuard
from nightcrew.admission.request import Request, lock_key
from nightcrew.ledger.book import Book, FencedOff
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import tail
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import asked, deliver, get_hold, group, insist, instance
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency

ABANDONERS = range(1, 9)
"""Worker 0 is the run itself; the workers after these want its resource."""


def carry_on(request: Request, groups: list[str], before: Entry, changes: int, store: Store, arena: Arena) -> str:
    """The run itself: its last changes, and its closing. How it ended."""
    book = Book(store, arena.clock, request.run, before.number, before.hash)
    guard = RunGuard(request.run, request.runbook, request.resource, store, arena.clock)
    made = 0

    def to_the_end() -> str:
        nonlocal made
        while made < changes:
            book.write("change", {"title": f"late change {made}"}, guard.pieces(undoing=False))
            made += 1
        close(request, groups, "succeeded", "done", {"changes": made}, book)
        return "closed"

    try:
        return insist(to_the_end)
    except FencedOff:
        return "fenced off"
    except ConditionFailed:
        return "lost its lock"


@pytest.mark.parametrize(
    ("weather", "rounds"), [("calm", 40), ("conflicts", 15), ("lost replies", 15), ("half told", 15)]
)
def test_a_run_is_closed_once_and_its_lock_released_once(
    arena: Arena, report: Report, weather: str, rounds: int
) -> None:
    """The run itself, in two rounds of three still changing something, and eight who take it for dead; and seven who
    want its resource as soon as it is free, so that a second release would take it from them.
    """
    requests, tails = [], []
    for number in range(rounds):
        store = arena.stores[0]
        request = asked(arena.clock, f"run-{number}", instance(f"i-{number}"))
        admit(request, store, arena.clock)
        get_hold(request, [group(f"g-{number}")], store, arena.clock)
        before = tail(store, request.run)
        assert before is not None
        book = Book(store, arena.clock, request.run, before.number, before.hash)
        tails.append(book.write("wait", {"title": "a while", "facts": [{"held": [group(f"g-{number}")]}]}).entry)
        requests.append(request)
    arena.set(weather, keeps=True)

    def work(number: int, worker: int) -> Any:
        store, request = arena.stores[worker], requests[number]
        if not worker:
            return carry_on(request, [group(f"g-{number}")], tails[number], number % 3, store, arena)
        following = asked(arena.clock, f"next-{number}-{worker}", request.resource)
        if worker in ABANDONERS:
            return insist(lambda: abandon(request.run, store, arena.clock, "nobody carries it on"))
        return deliver(store, arena.clock, following).run

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    released = [run for line in arena.lines for operation, members in line.wrote for run in releases(members)]
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    by_itself = 0
    for number, round_ in enumerate(answers):
        chain = chains[f"run-{number}"]
        assert [entry.kind for entry in chain].count("closing") == 1
        closing = chain[-1]
        assert closing.kind == "closing"
        by_itself += closing.body["outcome"] == "succeeded"
        assert round_[0] == ("closed" if closing.body["outcome"] == "succeeded" else "fenced off")
        for worker in ABANDONERS:
            assert round_[worker].hash == closing.hash
        changes = [entry.body["title"] for entry in chain if entry.kind == "change"]
        assert closing.body["changes"] == len(changes)
        if closing.body["outcome"] == "failed":
            assert [left["title"] for left in closing.body["not_undone"]] == changes
        assert "holders" not in state[lock_key(group(f"g-{number}"))]
        following = [run for run in round_[max(ABANDONERS) + 1 :] if run is not None]
        assert len(following) <= 1
        assert state[lock_key(instance(f"i-{number}"))].get("owner") == (following[0] if following else None)
    if weather == "calm":
        assert 0 < by_itself < rounds, "both have closed it at times, or this proves little"
    if weather != "lost replies":
        assert sorted(released) == sorted(request.run for request in requests)
    assert set(released) == {request.run for request in requests}
    report.add(
        f"closed once, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=rounds,
        refused=rounds * len(ABANDONERS),
        conflicts=befallen,
    )


def releases(members: dict[str, Any]) -> list[str]:
    """The runs whose lock a write that took effect released: with the closing entry, in one transaction."""
    items = members.get("TransactItems", ())
    runs = [item["Put"]["Item"]["run"]["S"] for item in items if "run" in item.get("Put", {}).get("Item", {})]
    return runs if any(_lets_go(item["Update"]) for item in items if "Update" in item) else []


def _lets_go(update: dict[str, Any]) -> bool:
    clauses = re.split(r"\b(SET|ADD|REMOVE|DELETE)\b", update["UpdateExpression"])
    removed = clauses[clauses.index("REMOVE") + 1] if "REMOVE" in clauses else ""
    names = update.get("ExpressionAttributeNames", {})
    return "owner" in {names.get(each.strip()) for each in removed.split(",")}
