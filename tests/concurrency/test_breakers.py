"""A breaker that is half open: of sixteen one trial gets through, and what becomes of it decides for the others."""

import pytest

from nightcrew.admission.gates.breaker import breaker_key
from nightcrew.admission.settings import Level, Setting, Settings
from nightcrew.clock import stamp
from nightcrew.ledger.transaction import Piece
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import BECAUSE, Answer, asked, deliver, finish, instance
from tests.concurrency.report import Report
from tests.concurrency.switch import Seen, Switch

pytestmark = pytest.mark.concurrency

STRICT = Settings(autonomy=Setting(Level.AUTO, BECAUSE))
REST = STRICT.breaker_rest.value


@pytest.mark.parametrize(("weather", "rounds"), [("calm", 4), ("storm", 2)])
def test_one_trial_gets_through_a_dead_one_frees_itself_and_a_good_one_frees_the_others(
    arena: Arena, report: Report, weather: str, rounds: int
) -> None:
    """Each asks about a resource of its own: only the runbook's breaker stands between them. In odd rounds the second
    trial does not help either, and nobody follows it.
    """
    for number in range(rounds):
        key, long_ago = breaker_key(f"runbook-{number}"), stamp(arena.clock.now() - 2 * REST)
        arena.stores[0].transact(
            [Piece(table="state", key=key, gate="breaker", sets={"fails": 3, "last_fail": long_ago})]
        )
    arena.set(weather)

    def ask(number: int, worker: int, time: str) -> Answer:
        name = f"{number}-{worker}-{time}"
        wish = asked(
            arena.clock,
            f"run-{name}",
            instance(f"i-{name}"),
            runbook=f"runbook-{number}",
            alarm=f"alarm-{name}",
            settings=STRICT,
        )
        return deliver(arena.stores[worker], arena.clock, wish)

    first = arena.race(rounds, lambda number, worker: ask(number, worker, "first"))
    arena.clock.sleep(REST.total_seconds() + 1)
    second = arena.race(rounds, lambda number, worker: ask(number, worker, "second"))
    trials = [one_of(round_) for round_ in second]
    switches = [Switch() for _ in range(rounds)]

    def third(number: int, worker: int) -> list[Seen[Answer]]:
        if worker:
            return switches[number].across(lambda time: ask(number, worker, f"third-{time}"))
        outcome = "failed" if number % 2 else "cured"
        switches[number].throw(lambda: finish(trials[number], [], outcome, arena.stores[worker], arena.clock))
        return []

    last = arena.race(rounds, third)
    befallen = arena.befallen()
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    answers = [answer for round_ in (*first, *second) for answer in round_]
    assert [one_of(round_) for round_ in first] != trials
    for number, round_ in enumerate(last):
        seen = [each for done in round_ for each in done]
        through = [each for each in seen if each.what.run is not None]
        assert not any(each.before for each in through)
        if number % 2:
            assert not through
            assert state[breaker_key(f"runbook-{number}")["key"]]["fails"] == 4
        else:
            assert all(each.what.run is not None for each in seen if each.after)
            assert "fails" not in state[breaker_key(f"runbook-{number}")["key"]]
        answers += [each.what for each in seen]
    refusals = [answer.refused(chains, state) for answer in answers if answer.run is None]
    assert {entry.body["gate"] for entry in refusals} == {"breaker"}
    report.add(
        f"a breaker is half open, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=len(answers) - len(refusals),
        refused=len(refusals),
        conflicts=befallen,
    )


def one_of(round_: list[Answer]) -> str:
    """The one run of a round."""
    (run,) = {answer.run for answer in round_ if answer.run is not None}
    return run
