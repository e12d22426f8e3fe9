"""Several people decide about one run at the same moment: one decision counts, and everybody learns which."""

from datetime import timedelta

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.approvals import ApprovalDesk, Decided, decide, find
from nightcrew.admission.cancelling import Cancel, cancel
from nightcrew.admission.guard import RunGuard
from nightcrew.admission.request import Request
from nightcrew.clock import stamp
from nightcrew.errors import Refused
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed
from tests.concurrency.arena import WORKERS, Arena
from tests.concurrency.asking import asked, finish, insist, instance
from tests.concurrency.report import Report

pytestmark = pytest.mark.concurrency

PLAN = "0123456789abcdef" * 4
WEATHERS = [("calm", 12), ("storm", 6)]


def waiting_run(arena: Arena, number: int, wanted: int) -> Request:
    """A run of ada's that waits for so many people: what its pause writes, in that order."""
    store, clock = arena.stores[0], arena.clock
    request = asked(clock, f"run-{number}", instance(f"i-{number}"))
    admit(request, store, clock)
    deadline = stamp(clock.now() + timedelta(minutes=30))
    question = {"title": "approve the plan", "hash": PLAN, "lines": [], "wanted": wanted, "deadline": deadline}
    ApprovalDesk(request, store, clock, lambda kind, what: None).ask(f"callback-{number}", question)
    entry = opening(store, request.run)
    assert entry is not None
    Book(store, clock, request.run, 0, entry.hash).write(
        "wait", {"title": "approve the plan", "callback": f"callback-{number}"}
    )
    return request


def by(who: str, run: str, store: Store, arena: Arena, *, approve: bool = True) -> Decided | str:
    """What they decided, or why they could not; who met somebody else at the same moment looks again."""
    try:
        return insist(lambda: decide(store, run, by=who, approve=approve, now=arena.clock.now()))
    except Refused as refusal:
        return refusal.words


@pytest.mark.parametrize(("weather", "rounds"), WEATHERS)
def test_two_different_people_count_once_each(arena: Arena, report: Report, weather: str, rounds: int) -> None:
    """Four people, each in four places at once, where two must agree; one of them had asked for it. Who is a third is
    told who decided.
    """
    people = ("ada", "bob", "cyd", "dan")
    requests = [waiting_run(arena, number, 2) for number in range(rounds)]
    arena.set(weather)

    def work(number: int, worker: int) -> Decided | str:
        return by(people[worker % 4], requests[number].run, arena.stores[worker], arena)

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    refused = 0
    for number, round_ in enumerate(answers):
        found = find(arena.stores[0], f"run-{number}")
        assert found is not None
        assert found.decided is not None
        both = found.decided["by"]
        assert len(set(both)) == 2
        assert "ada" not in both
        for worker, answer in enumerate(round_):
            who = people[worker % 4]
            if isinstance(answer, str):
                assert answer in {
                    "ada asked for it: another person must approve",
                    f"{who} approved it already: another person must approve too",
                    f"run run-{number} was approved already, by {' and '.join(both)}",
                }
                refused += 1
            elif answer.callback is None:
                assert answer.value["by"] == [who]
                assert who in both
            else:
                assert (answer.callback, answer.value) == (f"callback-{number}", found.decided)
                assert who in both
        told = [answer for answer in round_ if isinstance(answer, Decided) and answer.callback is not None]
        assert told, "nobody was told where the answer goes"
    report.add(
        f"two people must agree, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=rounds,
        refused=refused,
        conflicts=befallen,
    )


@pytest.mark.parametrize(("weather", "rounds"), WEATHERS)
def test_of_approvals_and_declines_one_decision_wins(arena: Arena, report: Report, weather: str, rounds: int) -> None:
    """Eight people approve, eight decline. All others are told what was decided, and by whom."""
    requests = [waiting_run(arena, number, 1) for number in range(rounds)]
    arena.set(weather)

    def work(number: int, worker: int) -> Decided | str:
        return by(f"person-{worker}", requests[number].run, arena.stores[worker], arena, approve=worker % 2 == 0)

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    refused = 0
    for number, round_ in enumerate(answers):
        found = find(arena.stores[0], f"run-{number}")
        assert found is not None
        assert found.decided is not None
        decision, (who,) = found.decided["decision"], found.decided["by"]
        (mine,) = [worker for worker, answer in enumerate(round_) if isinstance(answer, Decided)]
        assert who == f"person-{mine}"
        assert decision == ("declined" if mine % 2 else "approved")
        assert round_[mine] == Decided(f"callback-{number}", dict(found.decided))
        others = {answer for answer in round_ if isinstance(answer, str)}
        assert others == {f"run run-{number} was {decision} already, by {who}"}
        refused += WORKERS - 1
    report.add(
        f"approved or declined, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=rounds,
        refused=refused,
        conflicts=befallen,
    )


@pytest.mark.parametrize(("weather", "rounds"), WEATHERS)
def test_an_approval_and_a_cancel_at_the_same_moment_change_nothing(
    arena: Arena, report: Report, weather: str, rounds: int
) -> None:
    """Eight approve, eight cancel. The first reason stays, whoever cancels is told where the run waits; and whichever
    answer comes there first, the run makes no change any more.
    """
    requests = [waiting_run(arena, number, 1) for number in range(rounds)]
    arena.set(weather)

    def work(number: int, worker: int) -> Decided | Cancel | str:
        run, store = requests[number].run, arena.stores[worker]
        if worker % 2:
            return insist(lambda: cancel(store, run, by=f"person-{worker}", reason="no", now=arena.clock.now()))
        return by(f"person-{worker}", run, store, arena)

    answers = arena.race(rounds, work)
    befallen = arena.befallen()
    arena.set("calm")

    refused = 0
    for number, round_ in enumerate(answers):
        request = requests[number]
        (cancelled,) = {(each.words, each.callback) for each in round_ if isinstance(each, Cancel)}
        assert cancelled[0].startswith("cancelled by person-")
        assert cancelled[1] == f"callback-{number}"
        decisions = [each for each in round_ if isinstance(each, Decided)]
        assert len(decisions) <= 1
        for each in round_:
            if isinstance(each, str):
                over = f"run run-{number} asks no more: it is over, or was cancelled"
                assert each == over or " was approved already, by person-" in each
                refused += 1
        guard = RunGuard(request.run, request.runbook, request.resource, arena.stores[0], arena.clock)
        stop = {"ending": "cancelled", "words": cancelled[0]}
        assert guard.asked() == stop
        with pytest.raises(ConditionFailed) as failed:
            arena.stores[0].transact(guard.pieces(undoing=False))
        assert guard.why(failed.value) == stop
        finish(request.run, [], "cancelled", arena.stores[0], arena.clock)
        assert isinstance(by("eve", request.run, arena.stores[0], arena), str)
    report.add(
        f"approved and cancelled, {weather}",
        rounds=rounds,
        workers=WORKERS,
        winners=rounds,
        refused=refused,
        conflicts=befallen,
    )
