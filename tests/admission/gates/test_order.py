"""Autonomy, and of several gates that refuse the first."""

from dataclasses import replace
from datetime import timedelta

from nightcrew.admission.admit import admit
from nightcrew.admission.settings import Level
from nightcrew.clock import StoppedClock, stamp
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import Piece
from tests.admission.conftest import Make
from tests.admission.gates.asking import Turned, ended


def test_a_follow_up_of_an_alarms_run_needs_that_policy_lets_it_run_by_itself(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Nobody decided it: it is no person's start."""
    refusal = turned_away(ask(by="follow-up", level=Level.SUGGEST), "autonomy")
    assert refusal.figures == {"autonomy": "suggest", "because": "the test"}
    assert not admit(ask(by="follow-up", level=Level.AUTO), store, clock).again


def test_of_several_gates_that_refuse_the_first_in_order_is_told(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Locked, cooling down and out of tries: it is locked."""
    request = ask()
    for _ in range(2):
        ended(ask(resource=request.resource), "failed", store, clock)
    chain = turned_away(ask(resource=request.resource), "chain")
    assert chain.figures["runs"] == 2
    changed = Piece(
        table="state", key={"key": request.lock}, gate="test", sets={"changed_at": stamp(clock.now() - timedelta(60))}
    )
    store.transact([replace(changed, sets={"changed_at": stamp(clock.now())})])
    turned_away(ask(resource=request.resource), "cool-down")
    store.transact([replace(changed, sets={"owner": "run-x", "lease": stamp(clock.now() + timedelta(1))})])
    turned_away(ask(resource=request.resource), "lock")
