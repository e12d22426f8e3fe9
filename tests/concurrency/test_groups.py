"""A run on a group and runs on its members exclude each other."""

import threading

import pytest

from nightcrew.admission.gates.lock import member
from nightcrew.admission.request import lock_key
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import Answer, asked, deliver, finish, group, holds, instance
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency

EXCLUSIVE = 4
"""So many workers want the group itself, the others a member of it."""


@pytest.mark.parametrize(("weather", "rounds"), [("calm", 70), ("conflicts", 20), ("lost replies", 20)])
def test_a_run_on_a_group_and_runs_on_its_members_are_never_both(
    arena: Arena, report: Report, weather: str, rounds: int
) -> None:
    """In even rounds the members' runs are admitted before, so that their hold meets the group's admission."""
    arena.set(weather)
    names = [group(f"g-{number}") for number in range(rounds)]

    def member_of(number: int, worker: int) -> Answer:
        name = f"run-{number}-{worker}"
        request = asked(arena.clock, name, instance(f"i-{number}-{worker}"), runbook="restart")
        return deliver(arena.stores[worker], arena.clock, request)

    before = {
        (number, worker): member_of(number, worker)
        for number in range(0, rounds, 2)
        for worker in range(EXCLUSIVE, WORKERS)
    }

    def work(number: int, worker: int) -> str | None:
        store = arena.stores[worker]
        if worker < EXCLUSIVE:
            run = f"run-{number}-{worker}"
            return deliver(store, arena.clock, asked(arena.clock, run, names[number], runbook="roll")).run
        answer = before.get((number, worker)) or member_of(number, worker)
        assert answer.run is not None
        return member(answer.request) if holds(answer.request, [names[number]], store, arena.clock) else None

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    state = arena.state()
    arena.chains()
    shared = 0
    for number, round_ in enumerate(answers):
        item = state[lock_key(names[number])]
        owners = {run for run in round_[:EXCLUSIVE] if run is not None}
        held = {holder for holder in round_[EXCLUSIVE:] if holder is not None}
        assert bool(owners) != bool(held)
        assert owners == ({item["owner"]} if "owner" in item else set())
        assert held == item.get("holders", set())
        assert len(held) in {0, WORKERS - EXCLUSIVE}
        shared += bool(held)
    assert 0 < shared < rounds, "both have won at times, or this proves little"
    report.add(
        f"group versus member, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=sum(each is not None for round_ in answers for each in round_),
        refused=sum(each is None for round_ in answers for each in round_),
        conflicts=befallen,
    )


def test_they_take_turns_and_are_never_inside_together(arena: Arena, report: Report) -> None:
    """All on one group, again and again; who got it looks around, and leaves."""
    lock, inside = threading.Lock(), {"group": 0, "member": 0}
    seen: list[dict[str, int]] = []
    rounds = 30

    def look(kind: str, by: int) -> None:
        with lock:
            inside[kind] += by
            seen.append(dict(inside))

    def work(number: int, worker: int) -> bool:
        store, run = arena.stores[worker], f"run-{number}-{worker}"
        kind = "group" if worker < EXCLUSIVE else "member"
        resource = group("g") if kind == "group" else instance(f"i-{worker}")
        groups = [] if kind == "group" else [group("g")]
        answer = deliver(store, arena.clock, asked(arena.clock, run, resource, runbook="restart"))
        if answer.run is None:
            return False
        held = holds(answer.request, groups, store, arena.clock)
        if held:
            look(kind, 1)
            look(kind, -1)
        finish(run, groups if held else [], "succeeded", store, arena.clock)
        return held

    answers = arena.race(rounds, work)

    assert all(now["group"] <= 1 for now in seen)
    assert not any(now["group"] and now["member"] for now in seen)
    item = arena.state()[lock_key(group("g"))]
    assert "owner" not in item
    assert "holders" not in item
    chains = arena.chains()
    assert all(len(chain) == 2 or chain[0].kind == "refusal" for chain in chains.values())
    winners = sum(sum(round_) for round_ in answers)
    report.add(
        "group and members take turns",
        rounds=rounds,
        workers=WORKERS,
        winners=winners,
        refused=rounds * WORKERS - winners,
    )
