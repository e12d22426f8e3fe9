"""Halt: set and lifted by people, asked by every start and every change."""

from collections.abc import Iterator

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.gates.halt import SHARDS, shard_of
from nightcrew.admission.guard import RunGuard
from nightcrew.admission.halting import halt_name, halts, lift_halt, set_halt
from nightcrew.admission.request import Request
from nightcrew.clock import StoppedClock, stamp
from nightcrew.errors import BadInput, Refused, Unreachable
from nightcrew.ledger.history import opening
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed
from tests.admission.conftest import Make

ACCOUNT = halt_name(account="111122223333")


@pytest.fixture
def lifted(store: Store) -> Iterator[None]:
    """Whatever a test halts, other tests go on."""
    yield
    for name in halts(store):
        lift_halt(store, name)


def guard_of(request: Request, store: Store, clock: StoppedClock) -> RunGuard:
    """The gates of this run's changes."""
    return RunGuard(request.run, request.runbook, request.resource, store, clock)


def test_a_halt_is_of_everything_a_runbook_or_an_account() -> None:
    """One of them at a time."""
    assert halt_name() == "all"
    assert halt_name(runbook="restart-ec2-instance") == "runbook|restart-ec2-instance"
    assert ACCOUNT == "account|111122223333"
    with pytest.raises(BadInput, match="one at a time"):
        halt_name(runbook="restart-ec2-instance", account="111122223333")


@pytest.mark.usefixtures("lifted")
def test_what_is_halted_can_be_listed_and_lifted_one_by_one(store: Store, clock: StoppedClock) -> None:
    """Lifting what is not halted changes nothing."""
    set_halt(store, ACCOUNT, by="ada", reason="audit", now=clock.now())
    set_halt(store, "runbook|x", by="bob", reason="it is broken", now=clock.now())
    assert halts(store) == {
        ACCOUNT: {"by": "ada", "reason": "audit", "at": stamp(clock.now())},
        "runbook|x": {"by": "bob", "reason": "it is broken", "at": stamp(clock.now())},
    }
    lift_halt(store, ACCOUNT)
    lift_halt(store, "runbook|never-halted")
    assert list(halts(store)) == ["runbook|x"]


@pytest.mark.usefixtures("lifted")
def test_a_halt_stands_wherever_a_resource_may_ask_for_it(store: Store, clock: StoppedClock, ask: Make) -> None:
    """Each resource asks one of eight equal items; and they are all asked."""
    set_halt(store, "all", by="ada", reason="stop", now=clock.now())
    arn = "arn:aws:ec2:eu-west-1:123456789012:instance/i-shard"
    requests = [ask(resource=f"{arn}-{number}") for number in range(40)]
    assert len({shard_of(request.resource)["key"] for request in requests}) == SHARDS
    for request in requests:
        with pytest.raises(Refused, match="everything is halted by ada: stop"):
            admit(request, store, clock)


@pytest.mark.usefixtures("lifted")
@pytest.mark.parametrize("name", ["all", "runbook|restart-ec2-instance", "account|123456789012"])
def test_a_halt_holds_before_the_next_change_of_a_run_and_never_before_an_undo(
    ask: Make, store: Store, clock: StoppedClock, name: str
) -> None:
    """The run ends as cancelled, and its words name the halt."""
    request = ask()
    admit(request, store, clock)
    guard = guard_of(request, store, clock)
    store.transact(guard.pieces(undoing=False))
    set_halt(store, name, by="ada", reason="stop", now=clock.now())
    with pytest.raises(ConditionFailed) as failed:
        store.transact(guard.pieces(undoing=False))
    stop = guard.why(failed.value)
    assert stop["ending"] == "cancelled"
    assert stop["words"].endswith("is halted by ada: stop")
    store.transact(guard.pieces(undoing=True))
    lift_halt(store, name)
    store.transact(guard.pieces(undoing=False))


@pytest.mark.usefixtures("lifted")
def test_a_lost_lock_is_told_before_a_halt(ask: Make, store: Store, clock: StoppedClock) -> None:
    """A run that has lost its resource may not undo: that is what it must know."""
    request = ask()
    admit(request, store, clock)
    set_halt(store, "all", by="ada", reason="stop", now=clock.now())
    stranger = RunGuard("run-of-before", request.runbook, request.resource, store, clock)
    with pytest.raises(ConditionFailed) as failed:
        store.transact(stranger.pieces(undoing=False))
    assert stranger.why(failed.value)["ending"] == "lost"


def test_what_cannot_be_read_counts_as_halted(ask: Make, clock: StoppedClock) -> None:
    """The halt is asked in the very transaction that opens the run: where the table is out of reach, nothing opens."""

    class Away(MemoryStore):
        def transact(self, pieces: object) -> None:
            raise Unreachable("no answer")

    request = ask()
    away = Away()
    with pytest.raises(Unreachable):
        admit(request, away, clock)
    assert opening(away, request.run) is None
