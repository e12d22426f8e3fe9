"""Runs that did not help, counted while others ask: so many are tried, and none more."""

from dataclasses import replace

import pytest

from nightcrew.admission.request import lock_key
from nightcrew.admission.settings import Setting
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import BECAUSE, SETTINGS, Answer, asked, deliver, finish, instance
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency

CHAIN = 3
MOST = 200
"""So often each asks, at most, until the chain refuses."""


@pytest.mark.parametrize(("weather", "rounds"), [("calm", 5), ("storm", 3)])
def test_closings_that_did_not_help_and_admissions_make_no_run_too_many(
    arena: Arena, report: Report, weather: str, rounds: int
) -> None:
    """Who gets the resource closes as ineffective, and asks again, as all the others do."""
    settings = replace(SETTINGS, chain=Setting(CHAIN, BECAUSE))
    arena.set(weather)

    def work(number: int, worker: int) -> list[Answer]:
        store, answers = arena.stores[worker], []
        for time in range(MOST):
            run = f"run-{number}-{worker}-{time}"
            wish = asked(arena.clock, run, instance(f"i-{number}"), settings=settings)
            answers.append(deliver(store, arena.clock, wish))
            refusal = answers[-1].refusal
            if refusal is None:
                finish(run, [], "ineffective", store, arena.clock)
            elif refusal.gate == "chain":
                return answers
        raise AssertionError(f"{MOST} times, and the chain never refused")

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    winners = refused = 0
    for number, round_ in enumerate(answers):
        seen = [answer for done in round_ for answer in done]
        runs = {answer.run for answer in seen if answer.run is not None}
        assert len(runs) == CHAIN
        assert all([entry.kind for entry in chains[run]] == ["opening", "closing"] for run in runs)
        gates = {answer.refused(chains, state).body["gate"] for answer in seen if answer.run is None}
        assert gates <= {"lock", "chain"}
        item = state[lock_key(instance(f"i-{number}"))]
        assert item[f"chain|{seen[0].request.symptom}"] == CHAIN
        assert "owner" not in item
        winners, refused = winners + len(runs), refused + len(seen) - len(runs)
    report.add(
        f"what does not help is not tried on, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=winners,
        refused=refused,
        conflicts=befallen,
    )
