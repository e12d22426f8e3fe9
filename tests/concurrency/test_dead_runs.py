"""What a dead run left behind stands in nobody's way, and is cleared away once."""

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.request import lock_key
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import Answer, asked, deliver, get_hold, group, instance
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency


@pytest.mark.parametrize(
    ("weather", "rounds"), [("calm", 30), ("conflicts", 10), ("lost replies", 10), ("half told", 10)]
)
def test_a_dead_runs_lock_goes_to_one_and_the_dead_run_is_closed_once(
    arena: Arena, report: Report, weather: str, rounds: int
) -> None:
    """Its lease is over; every second one had made a change, which nobody takes back: its closing says so."""
    for number in range(rounds):
        dead = asked(arena.clock, f"dead-{number}", instance(f"i-{number}"))
        admit(dead, arena.stores[0], arena.clock)
        entry = opening(arena.stores[0], dead.run)
        assert entry is not None
        if number % 2:
            Book(arena.stores[0], arena.clock, dead.run, 0, entry.hash).write("change", {"title": "stop it"})
    arena.clock.sleep(2 * 3600)
    arena.set(weather)

    def work(number: int, worker: int) -> Answer:
        resource = instance(f"i-{number}")
        run = f"run-{number}-{worker}"
        request = asked(arena.clock, run, resource, runbook=f"runbook-{worker}")
        return deliver(arena.stores[worker], arena.clock, request)

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    refused = 0
    for number, round_ in enumerate(answers):
        (run,) = {answer.run for answer in round_ if answer.run is not None}
        assert state[lock_key(instance(f"i-{number}"))]["owner"] == run
        refusals = [answer.refusal for answer in round_ if answer.refusal is not None]
        assert {(refusal.gate, refusal.run) for refusal in refusals} == {("lock", run)}
        assert len(refusals) == WORKERS - 1
        refused += len(refusals)
        chain = chains[f"dead-{number}"]
        assert [entry.kind for entry in chain] == ["opening", *(["change"] * (number % 2)), "closing"]
        assert chain[-1].body["outcome"] == "failed"
        assert [left["title"] for left in chain[-1].body["not_undone"]] == ["stop it"] * (number % 2)
    report.add(
        f"a dead run's lock goes to one, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=rounds,
        refused=refused,
        conflicts=befallen,
    )


def test_a_group_whose_holders_all_died_goes_to_one(arena: Arena, report: Report) -> None:
    """Three dead holders; in every second round a fourth one lives, and then nobody gets it."""
    rounds = 30
    groups = [group(f"g-{number}") for number in range(rounds)]

    def holder(run: str, name: str) -> str:
        request = asked(arena.clock, run, instance(run))
        admit(request, arena.stores[0], arena.clock)
        get_hold(request, [name], arena.stores[0], arena.clock)
        return run

    for number, name in enumerate(groups):
        for dead in range(3):
            holder(f"dead-{number}-{dead}", name)
    arena.clock.sleep(2 * 3600)
    living = {number: holder(f"living-{number}", groups[number]) for number in range(1, rounds, 2)}

    def work(number: int, worker: int) -> Answer:
        run = f"run-{number}-{worker}"
        return deliver(arena.stores[worker], arena.clock, asked(arena.clock, run, groups[number], runbook="roll"))

    answers = arena.race(rounds, work)

    state = arena.state()
    arena.chains()
    for number, round_ in enumerate(answers):
        runs = {answer.run for answer in round_ if answer.run is not None}
        item = state[lock_key(groups[number])]
        assert len(runs) == 1 - number % 2
        assert runs == ({item["owner"]} if "owner" in item else set())
        standing = living.get(number, item.get("owner"))
        assert {answer.refusal.run for answer in round_ if answer.refusal is not None} == {standing}
    report.add(
        "dead holders leave the group",
        rounds=rounds,
        workers=WORKERS,
        winners=rounds - len(living),
        refused=sum(answer.refusal is not None for round_ in answers for answer in round_),
    )
