"""A group's budget: exactly so many of sixteen members are worked on, at one time and in an hour."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.gates.lock import member
from nightcrew.admission.request import Request, lock_key
from nightcrew.admission.settings import Setting, Share
from nightcrew.clock import StoppedClock, stamp
from nightcrew.ledger.transaction import Piece
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import BECAUSE, SETTINGS, asked, deliver, finish, get_hold, group, holds, instance
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency

BUDGETS = [("4", 16, 4), ("25%", 16, 4), ("20%", 16, 3), ("20%", 4, 1), ("50%", None, 1)]
"""What policy says, how large the group is, and how many that are; of a group of unknown size a part is one."""


def share(text: str) -> Setting[Share]:
    """As policy reads it."""
    return Setting(Share(int(text.removesuffix("%")), text.endswith("%")), BECAUSE)


@pytest.mark.parametrize("weather", ["calm", "storm"])
def test_a_budget_at_one_time_is_used_up_and_not_exceeded(arena: Arena, report: Report, weather: str) -> None:
    """In every second round three dead runs stand in the group: they count for nothing."""
    rounds, clock = 2 * len(BUDGETS), StoppedClock(arena.clock.now())
    dead = {f"{stamp(clock.now() - timedelta(hours=1))}|dead-{number}" for number in range(3)}
    for number in range(1, rounds, 2):
        key = {"key": lock_key(group(f"g-{number}"))}
        arena.stores[0].transact([Piece(table="state", key=key, gate="test", sets={"holders": dead})])
    arena.set(weather)

    def work(number: int, worker: int) -> tuple[Request, bool]:
        said, size, _ = BUDGETS[number // 2]
        run, resource = f"run-{number}-{worker}", instance(f"i-{number}-{worker}")
        wish = asked(clock, run, resource, settings=replace(SETTINGS, budget_at_once=share(said)))
        request = deliver(arena.stores[worker], clock, wish).request
        return request, holds(request, [group(f"g-{number}")], arena.stores[worker], clock, size)

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    state = arena.state()
    arena.chains()
    for number, round_ in enumerate(answers):
        held = {member(request) for request, got in round_ if got}
        assert state[lock_key(group(f"g-{number}"))]["holders"] == held
        assert len(held) == BUDGETS[number // 2][2]
        for request, got in round_:
            assert ("held" in state[request.lock]) == got
    winners = sum(got for round_ in answers for _, got in round_)
    report.add(
        f"budget at one time, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=winners,
        refused=rounds * WORKERS - winners,
        conflicts=befallen,
    )


def test_who_comes_while_the_dead_are_taken_out_takes_no_room_from_others(arena: Arena) -> None:
    """Three dead and one living in a group of which four may be worked on. A run sees that it is full, and asks for the
    place of the dead; somebody else has done so meanwhile. There is room for both.
    """
    clock, name = StoppedClock(arena.clock.now()), group("g")
    key, dead = {"key": lock_key(name)}, {f"{stamp(clock.now() - timedelta(hours=1))}|dead-{each}" for each in range(3)}
    arena.stores[0].transact([Piece(table="state", key=key, gate="test", sets={"holders": dead})])
    settings = replace(SETTINGS, budget_at_once=share("4"))
    first, second, third = (asked(clock, run, instance(run), settings=settings) for run in ("a", "b", "c"))
    for request in (first, second, third):
        admit(request, arena.stores[0], clock)
    get_hold(first, [name], arena.stores[0], clock)
    sent = itertools.count()

    def between(**_: object) -> None:
        if next(sent) == 1:
            get_hold(third, [name], arena.stores[0], clock)

    events = arena.lines[1].client.meta.events
    events.register("before-send.dynamodb.TransactWriteItems", between)
    try:
        get_hold(second, [name], arena.stores[1], clock)
    finally:
        events.unregister("before-send.dynamodb.TransactWriteItems", between)
    assert arena.state()[key["key"]]["holders"] == {member(first), member(second), member(third)}


@pytest.mark.parametrize("weather", ["calm", "storm"])
def test_a_budget_in_the_hour_is_used_up_and_not_exceeded(arena: Arena, report: Report, weather: str) -> None:
    """Who got hold leaves at once, so that there is always room at one time; and the next hour begins anew."""
    rounds, clock = len(BUDGETS), StoppedClock(arena.clock.now().replace(minute=0))
    arena.set(weather)

    def work(number: int, worker: int) -> tuple[bool, bool]:
        said, size, _ = BUDGETS[number]
        got = []
        for hour in range(2):
            now = StoppedClock(clock.now() + timedelta(hours=hour))
            run, resource = f"run-{number}-{worker}-{hour}", instance(f"i-{number}-{worker}-{hour}")
            wish = asked(now, run, resource, settings=replace(SETTINGS, budget_hour=share(said)))
            deliver(arena.stores[worker], now, wish)
            held = holds(wish, [group(f"g-{number}")], arena.stores[worker], now, size)
            finish(run, [group(f"g-{number}")] if held else [], "succeeded", arena.stores[worker], now)
            got.append(held)
        return got[0], got[1]

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    state = arena.state()
    arena.chains()
    for number, round_ in enumerate(answers):
        most = BUDGETS[number][2]
        for hour in range(2):
            at = clock.now() + timedelta(hours=hour)
            assert state[f"hour#{group(f'g-{number}')}#{at:%Y-%m-%dT%H}"]["n"] == most
            assert sum(got[hour] for got in round_) == most
        assert "holders" not in state[lock_key(group(f"g-{number}"))]
    winners = sum(sum(got) for round_ in answers for got in round_)
    report.add(
        f"budget in the hour, {weather}",
        rounds=2 * rounds,
        workers=WORKERS,
        winners=winners,
        refused=2 * rounds * WORKERS - winners,
        conflicts=befallen,
    )
