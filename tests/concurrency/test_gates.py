"""Two environments ask at once with all gates on: never two winners, and no refusal is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from nightcrew.admission.alarms import alarm_key
from nightcrew.admission.gates.breaker import breaker_key
from nightcrew.admission.halting import halt_name, set_halt
from nightcrew.admission.request import Frozen, Request, lock_key
from nightcrew.admission.settings import Level, Setting, Settings
from nightcrew.clock import SkippingClock, stamp
from nightcrew.ledger.transaction import Piece
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import BECAUSE, Answer, asked, deliver, instance
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency

STRICT = Settings(autonomy=Setting(Level.AUTO, BECAUSE))
"""All the limits as they are built in."""

MINUTE = timedelta(minutes=1)
BY_LOOKING: dict[str, Callable[[Request], Request]] = {
    "autonomy": lambda request: replace(request, settings=replace(STRICT, autonomy=Setting(Level.OBSERVE, BECAUSE))),
    "freeze": lambda request: replace(request, frozen=(Frozen("year end", request.at + MINUTE),)),
    "stale": lambda request: replace(
        request, alarm=replace(request.alarm, at=request.at - 60 * MINUTE) if request.alarm else None
    ),
}
"""What refuses by what was looked up before, and how a request comes to that."""

IN_THE_WAY = ("halt", "cool-down", "chain", "breaker", "flap")
"""What refuses by what stands in the tables."""

CASES = ("nothing", *IN_THE_WAY, "nothing", *BY_LOOKING)


def put_in_the_way(gate: str, number: int, request: Request, arena: Arena) -> None:
    """What makes this gate refuse a round's requests."""
    now = arena.clock.now()
    resource = {"key": lock_key(request.resource)}
    pieces = {
        "cool-down": [Piece(table="state", key=resource, gate=gate, sets={"changed_at": stamp(now - MINUTE)})],
        "chain": [
            Piece(
                table="state",
                key=resource,
                gate=gate,
                sets={f"chain|{request.symptom}": 2, f"chain_since|{request.symptom}": stamp(now - MINUTE)},
            )
        ],
        "breaker": [
            Piece(
                table="state",
                key=breaker_key(request.runbook),
                gate=gate,
                sets={"fails": 3, "last_fail": stamp(now - MINUTE)},
            )
        ],
        "flap": [
            Piece(
                table="state",
                key=alarm_key(f"arn:alarm-{number}-{worker}", None),
                gate=gate,
                sets={"changes": {stamp(now - minutes * MINUTE) for minutes in range(1, 6)}},
            )
            for worker in range(WORKERS)
        ],
    }
    if gate in pieces:
        arena.stores[0].transact(pieces[gate])
    if gate == "halt":
        set_halt(arena.stores[0], halt_name(runbook=request.runbook), by="ada", reason="to see", now=now)


@pytest.mark.parametrize(("weather", "turns"), [("calm", 2), ("storm", 1)])
def test_two_environments_with_all_gates_on_never_admit_two_and_lose_no_refusal(
    arena: Arena, report: Report, weather: str, turns: int
) -> None:
    """Their clocks differ by two seconds. Each signal is another alarm's; in some rounds nothing is in their way, in
    each other one a gate refuses them all. Every refusal has its entry, and its signal's claim names that.
    """
    clocks = [arena.clock, SkippingClock(timedelta(seconds=2))]
    rounds = turns * len(CASES)

    def request_of(number: int, worker: int) -> Request:
        name, clock = f"{number}-{worker}", clocks[worker % 2]
        runbook = f"runbook-{number}"
        wish = asked(
            clock, f"run-{name}", instance(f"i-{number}"), runbook=runbook, alarm=f"alarm-{name}", settings=STRICT
        )
        turned = BY_LOOKING.get(CASES[number % len(CASES)])
        return turned(wish) if turned else wish

    for number in range(rounds):
        put_in_the_way(CASES[number % len(CASES)], number, request_of(number, 0), arena)
    arena.set(weather)

    def work(number: int, worker: int) -> Answer:
        return deliver(arena.stores[worker], clocks[worker % 2], request_of(number, worker))

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    winners = refused = 0
    entries = set()
    for number, round_ in enumerate(answers):
        case = CASES[number % len(CASES)]
        gate = "lock" if case == "nothing" else case
        runs = {answer.run for answer in round_ if answer.run is not None}
        assert len(runs) == (1 if case == "nothing" else 0)
        assert state.get(lock_key(instance(f"i-{number}")), {}).get("owner") == next(iter(runs), None)
        winners += len(runs)
        for answer in round_:
            if answer.run is None:
                entry = answer.refused(chains, state)
                assert (entry.body["gate"], entry.body["resource"]) == (gate, instance(f"i-{number}"))
                entries.add(entry.run)
                refused += 1
            else:
                assert [entry.kind for entry in chains[answer.run]] == ["opening"]
    assert winners + refused == rounds * WORKERS
    assert len(chains) == winners + len(entries)
    report.add(
        f"all gates on, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=winners,
        refused=refused,
        conflicts=befallen,
    )
