"""One signal, delivered sixteen times at the same moment, starts one run."""

import pytest

from nightcrew.admission.admit import settled
from nightcrew.admission.gates.claim import claim_key
from nightcrew.admission.request import lock_key
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import Answer, asked, deliver, insist, instance
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency


@pytest.mark.parametrize(
    ("weather", "rounds"),
    [("calm", 150), ("conflicts", 40), ("lost replies", 40), ("throttling", 40), ("half told", 40)],
)
def test_one_claim_wins(arena: Arena, report: Report, weather: str, rounds: int) -> None:
    """Every other delivery is refused by the claim, or finds the same run, to be started again by its name."""
    arena.set(weather)

    def work(number: int, worker: int) -> Answer:
        store, alarm = arena.stores[worker], f"alarm-{number}"
        request = asked(arena.clock, f"run-{number}-{worker}", instance(f"i-{number}"), alarm=alarm)
        answer = deliver(store, arena.clock, request)
        if answer.run is not None:
            insist(lambda: settled(request, store))
        return answer

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    assert len(chains) == rounds
    refused = 0
    for number, round_ in enumerate(answers):
        (run,) = {answer.run for answer in round_ if answer.run is not None}
        assert [entry.kind for entry in chains[run]] == ["opening"]
        assert sum(answer.run is not None and not answer.again for answer in round_) <= 1
        if weather != "lost replies":
            assert sum(answer.run is not None and not answer.again for answer in round_) == 1
        refusals = [answer.refusal for answer in round_ if answer.refusal is not None]
        assert {(refusal.gate, refusal.run) for refusal in refusals} <= {("claim", run)}
        refused += len(refusals)
        claim = state[claim_key(f"alarm-{number}\t\tnow")["key"]]
        assert (claim["run"], claim["settled"]) == (run, True)
        assert state[lock_key(instance(f"i-{number}"))]["owner"] == run
        assert not {name for answer in round_ for name in answer.gave_up} & chains.keys()
    report.add(
        f"one claim wins, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=len(chains),
        refused=refused,
        conflicts=befallen,
    )
