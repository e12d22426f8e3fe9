"""What is due, and several sweepers at once: each item is started once; and equal wishes are one."""

from collections import Counter
from datetime import timedelta

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.alarms import alarm_key
from nightcrew.admission.follow_ups import Due, due_now, keep, listed
from nightcrew.admission.gates.claim import claim_key
from nightcrew.admission.request import lock_key
from nightcrew.clock import moment, stamp
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.sweep import sweep
from nightcrew.ledger.history import running
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import asked, insist
from tests.concurrency.crews import Crews
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency

SWEEPERS = 4
MOST = 50
"""So often each sweeps, at most, until nothing is left."""


def resource(queue: str) -> str:
    """The ARN of a queue."""
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"


def occupied(arena: Arena, queue: str) -> str:
    """A run that has it, and that nobody carries on."""
    request = asked(arena.clock, f"occupant-of-{queue}", resource(queue), runbook="change-thrice")
    return admit(request, arena.stores[0], arena.clock).run


@pytest.mark.parametrize(("weather", "rounds"), [("calm", 8), ("storm", 4)])
def test_sixteen_equal_signals_are_one_run_or_one_refusal_with_one_second_try(
    arena: Arena, report: Report, weather: str, rounds: int
) -> None:
    """In odd rounds another run has the resource."""
    crews = Crews(arena, [f"queue-{number}" for number in range(rounds)])
    for number in range(1, rounds, 2):
        occupied(arena, f"queue-{number}")
    signals = [crews.signal(queue, arena.clock.now()) for queue in crews.queues]
    arena.set(weather)

    def work(number: int, worker: int) -> Answer:
        return insist(lambda: crews.dispatchers[worker].signal(signals[number]))

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    for number, round_ in enumerate(answers):
        run = state[claim_key(signals[number].claim)["key"]]["run"]
        owner = state[lock_key(resource(crews.queues[number]))]["owner"]
        assert {answer.run for answer in round_ if answer.gate != "lock"} <= {run}
        if number % 2:
            assert [entry.kind for entry in chains[run]] == ["refusal"]
            assert {answer.kind for answer in round_} == {"refused"}
            assert {answer.gate for answer in round_} <= {"lock", "claim"}
            assert owner == f"occupant-of-{crews.queues[number]}"
            assert run not in crews.started
        else:
            assert [entry.kind for entry in chains[run]] == ["opening"]
            assert {(answer.kind, answer.gate) for answer in round_} <= {("admitted", None), ("refused", "claim")}
            assert owner == run
            assert crews.started[run] >= 1
        changes = state[alarm_key(signals[number].alarm, None)["key"]]["changes"]
        assert len(changes) == 1, "one change of state, however often it was told"
    kept = {due.what["resource"] for due in listed(arena.stores[0], "retry")}
    assert kept == {resource(queue) for queue in crews.queues[1::2]}
    assert len(chains) == rounds + rounds // 2
    report.add(
        f"equal signals, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=rounds - rounds // 2,
        refused=sum(answer.kind == "refused" for round_ in answers for answer in round_),
        conflicts=befallen,
    )


@pytest.mark.parametrize(("weather", "items"), [("calm", 6), ("storm", 4)])
def test_what_is_due_is_started_once_and_what_died_is_closed_once(
    arena: Arena, report: Report, weather: str, items: int
) -> None:
    """Follow-ups, each kept by sixteen at the same moment; and second tries, whose resource a dead run has."""
    crews = Crews(arena, [f"queue-{number}" for number in range(2 * items)])
    later, retried = crews.queues[:items], crews.queues[items:]
    occupants = [occupied(arena, queue) for queue in retried]
    for queue in retried:
        crews.dispatchers[0].signal(crews.signal(queue, arena.clock.now()))
    due = moment(stamp(arena.clock.now() + timedelta(minutes=30)))
    kept = [Due(f"run-a#{queue}", "later", due, "change-thrice", "ada", what(queue)) for queue in later]
    arena.set(weather)
    arena.race(items, lambda number, worker: insist(lambda: keep(arena.stores[worker], kept[number])))
    assert {each.name: each for each in listed(arena.stores[0])} == {each.name: each for each in kept}
    assert due_now(arena.stores[0], "retry", arena.clock.now()) == []
    arena.clock.sleep(2 * 3600)

    def sweeps(number: int, worker: int) -> list[Answer]:
        del number
        answers: list[Answer] = []
        for _ in range(MOST if worker < SWEEPERS else 0):
            answers += sweep(crews.dispatchers[worker], lambda arn, name: "ALARM").started
            if not any(due_now(arena.stores[worker], kind, arena.clock.now()) for kind in ("later", "retry")):
                break
        return answers

    (round_,) = arena.race(1, sweeps)
    befallen = arena.befallen()
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    assert not [key for key in state if key.startswith("due#")]
    for run in occupants:
        assert [entry.kind for entry in chains[run]] == ["opening", "closing"]
        assert chains[run][1].body["abandoned"] is True
    assert crews.news["failed"] >= len(occupants), "people are told of each"
    opened = [chain for run, chain in chains.items() if run not in occupants and chain[0].kind == "opening"]
    assert Counter(chain[0].body["resource"] for chain in opened) == Counter(map(resource, crews.queues))
    assert {str(chain[0].body["why"]).split()[0] for chain in opened} == {"follow-up", "second"}
    assert {row.run for row in running(arena.stores[0])} == {chain[0].run for chain in opened} == set(crews.started)
    answers = [answer for done in round_ for answer in done]
    assert {answer.gate for answer in answers} <= {None, "claim"}
    report.add(
        f"what is due, {weather}",
        rounds=2 * items,
        workers=SWEEPERS,
        winners=len(opened),
        refused=sum(answer.kind == "refused" for answer in answers),
        conflicts=befallen,
    )


def what(queue: str) -> dict[str, object]:
    """What a follow-up starts."""
    parameters = {"queue": queue, "seconds": 99}
    told = {"title": "put it back", "run": "run-a", "by": "person"}
    return {**told, "parameters": parameters, "resource": resource(queue)}
