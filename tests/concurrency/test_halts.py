"""A halt that is set, or lifted, while sixteen ask and change: what comes after it is refused."""

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.guard import RunGuard
from nightcrew.admission.halting import halt_name, lift_halt, set_halt
from nightcrew.admission.request import lock_key
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening
from nightcrew.ledger.transaction import ConditionFailed
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import Answer, asked, deliver, insist, instance
from tests.concurrency.report import Report
from tests.concurrency.switch import Seen, Switch

pytestmark = pytest.mark.concurrency

CHANGING = range(1, 6)
"""Worker 0 halts; these carry on runs that were admitted before; the others ask for runs."""


@pytest.mark.parametrize(("weather", "rounds"), [("calm", 6), ("storm", 4)])
def test_nobody_is_admitted_and_nothing_changed_once_a_halt_stands(
    arena: Arena, report: Report, weather: str, rounds: int
) -> None:
    """All was well until it was being set; each refusal that follows has its entry and its claim."""
    switches = [Switch() for _ in range(rounds)]
    books = {}
    for number in range(rounds):
        for worker in CHANGING:
            run, resource = f"running-{number}-{worker}", instance(f"i-{number}-{worker}")
            admit(asked(arena.clock, run, resource, runbook=f"runbook-{number}"), arena.stores[0], arena.clock)
            entry = opening(arena.stores[0], run)
            assert entry is not None
            books[number, worker] = Book(arena.stores[worker], arena.clock, run, 0, entry.hash)
    arena.set(weather)

    def change(number: int, worker: int, time: int) -> str | None:
        guard = RunGuard(
            books[number, worker].run,
            f"runbook-{number}",
            instance(f"i-{number}-{worker}"),
            arena.stores[worker],
            arena.clock,
        )
        try:
            body = {"title": f"change {time}"}
            insist(lambda: books[number, worker].write("change", body, guard.pieces(undoing=False)))
        except ConditionFailed as failed:
            return str(guard.why(failed)["words"])
        return None

    def ask(number: int, worker: int, time: int) -> Answer:
        name = f"{number}-{worker}-{time}"
        wish = asked(
            arena.clock, f"run-{name}", instance(f"i-{name}"), runbook=f"runbook-{number}", alarm=f"alarm-{name}"
        )
        return deliver(arena.stores[worker], arena.clock, wish)

    def work(number: int, worker: int) -> list[Seen[Answer | str | None]]:
        if worker:
            does = change if worker in CHANGING else ask
            return switches[number].across(lambda time: does(number, worker, time))
        halt, store = halt_name(runbook=f"runbook-{number}"), arena.stores[worker]
        switches[number].throw(lambda: set_halt(store, halt, by="ada", reason="to see", now=arena.clock.now()))
        return []

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    chains, state = arena.chains(), arena.state()
    winners = refused = 0
    for number, round_ in enumerate(answers):
        for each in (each for done in round_ for each in done):
            well = each.what.run is not None if isinstance(each.what, Answer) else each.what is None
            assert well or not each.before
            assert not well or not each.after
            winners, refused = winners + well, refused + (not well)
            if isinstance(each.what, Answer) and not well:
                assert each.what.refused(chains, state).body["gate"] == "halt"
            elif not well:
                assert each.what == f"runbook runbook-{number} is halted by ada: to see"
        for worker in CHANGING:
            made = sum(each.what is None for each in round_[worker])
            assert [entry.kind for entry in chains[f"running-{number}-{worker}"]] == ["opening", *["change"] * made]
    assert refused >= rounds * (WORKERS - 1)
    report.add(
        f"a halt is set, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=winners,
        refused=refused,
        conflicts=befallen,
    )


def test_a_halt_that_is_lifted_lets_one_through(arena: Arena, report: Report) -> None:
    """Fifteen want the same resource while it is lifted: nobody gets it before, and one of them after."""
    rounds = 6
    switches = [Switch() for _ in range(rounds)]
    for number in range(rounds):
        halt = halt_name(runbook=f"runbook-{number}")
        set_halt(arena.stores[0], halt, by="ada", reason="to see", now=arena.clock.now())

    def work(number: int, worker: int) -> list[Seen[Answer]]:
        store, runbook = arena.stores[worker], f"runbook-{number}"
        if not worker:
            switches[number].throw(lambda: lift_halt(store, halt_name(runbook=runbook)))
            return []

        def ask(time: int) -> Answer:
            run = f"run-{number}-{worker}-{time}"
            return deliver(store, arena.clock, asked(arena.clock, run, instance(f"i-{number}"), runbook=runbook))

        return switches[number].across(ask)

    answers = arena.race(rounds, work)

    chains, state = arena.chains(), arena.state()
    refused = 0
    for number, round_ in enumerate(answers):
        seen = [each for done in round_ for each in done]
        (run,) = [each.what.run for each in seen if each.what.run is not None]
        assert state[lock_key(instance(f"i-{number}"))]["owner"] == run
        gates = {"before": set(), "after": set(), "": set()}  # type: dict[str, set[str]]
        for each in seen:
            if each.what.run is None:
                when = "before" if each.before else "after" if each.after else ""
                gates[when].add(str(each.what.refused(chains, state).body["gate"]))
                refused += 1
        assert gates["before"] <= {"halt"}
        assert gates["after"] <= {"lock"}
    report.add("a halt is lifted", rounds=rounds, workers=WORKERS, winners=rounds, refused=refused)
