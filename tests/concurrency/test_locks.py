"""Sixteen requests for one resource at the same moment: one run gets it, and each other one is told why not."""

import pytest

from nightcrew.admission.request import lock_key
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import Answer, asked, deliver, instance
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency


@pytest.mark.parametrize(
    ("weather", "rounds"),
    [("calm", 100), ("conflicts", 30), ("lost replies", 30), ("throttling", 30)],
)
def test_one_lock_wins_and_no_refusal_is_lost(arena: Arena, report: Report, weather: str, rounds: int) -> None:
    """Persons and alarms, in even rounds each with another runbook, in odd ones all with the same: then their equal
    refusals are one entry, and race for it too.
    """
    arena.set(weather)

    def work(number: int, worker: int) -> Answer:
        runbook = "restart" if number % 2 else f"runbook-{worker}"
        alarm = f"alarm-{number}-{worker}" if worker % 2 else None
        run = f"run-{number}-{worker}"
        request = asked(arena.clock, run, instance(f"i-{number}"), alarm=alarm, runbook=runbook)
        return deliver(arena.stores[worker], arena.clock, request)

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    losers = 0
    for number, round_ in enumerate(answers):
        (run,) = {answer.run for answer in round_ if answer.run is not None}
        assert [entry.kind for entry in chains[run]] == ["opening"]
        assert state[lock_key(instance(f"i-{number}"))]["owner"] == run
        lost = [answer for answer in round_ if answer.run is None]
        assert len(lost) == WORKERS - 1
        losers += len(lost)
        told = set()
        for answer in lost:
            assert answer.refusal is not None
            if answer.refusal.gate == "claim":
                # Its refusal was written, the reply lost, and its next delivery is told so.
                assert weather == "lost replies"
            else:
                assert (answer.refusal.gate, answer.refusal.run) == ("lock", run)
            entry = answer.refused(chains, state)
            assert (entry.body["gate"], entry.body["figures"]["run"]) == ("lock", run)
            told.add(entry.run)
        assert len(told) == (1 if number % 2 else WORKERS - 1)
        assert not {name for answer in round_ for name in answer.gave_up} & chains.keys()
    assert sum(chain[0].kind == "opening" for chain in chains.values()) == rounds
    report.add(
        f"one lock wins, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=rounds,
        refused=losers,
        conflicts=befallen,
    )
