"""A halt holds before the next change of a run in progress, which takes back what it did and names the halt."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from nightcrew import Run
from nightcrew.admission.halting import halt_name, halts, lift_halt, set_halt
from nightcrew.demo.embedded import ACCOUNT
from nightcrew.ledger.store import Store
from tests.engine.shift import ADA, Shift
from tests.house import House
from tests.queues import Queue, hidden_for, hide_for, settings

HALTS = [halt_name(), halt_name(runbook="remedy"), halt_name(account=ACCOUNT)]


@pytest.fixture(autouse=True)
def _lifted(house: House) -> Iterator[None]:
    yield
    for name in halts(house.crew.store):
        lift_halt(house.crew.store, name)


def pauses(run: Run, queue: Queue) -> str:
    """Two changes with a pause between."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.wait("a while", timedelta(minutes=4))
    run.change("set it again", hide_for(queue, 62), undo=hide_for(queue, 61))
    run.prove("it is set", settings(queue), lambda _: True, within=timedelta(minutes=1))
    return "set"


def stop(store: Store, name: str, shift: Shift) -> None:
    """Ada halts it."""
    set_halt(store, name, by="ada", reason="the sale", now=shift.now())


@pytest.mark.parametrize("name", HALTS)
def test_the_next_change_is_not_made_and_the_last_one_is_undone(house: House, name: str) -> None:
    """It ends as cancelled; its undo runs, though everything is halted."""
    shift = Shift.build(house, pauses)
    run = shift.by_hand()
    shift.on(run)
    assert hidden_for(shift.house, shift.queue) == 61
    stop(shift.crew.store, name, shift)
    ended = shift.through(run)
    assert ended["outcome"] == "cancelled"
    assert ended["words"].endswith("is halted by ada: the sale")
    assert shift.house.closing(run)["undone"] == ["set it"]
    assert hidden_for(shift.house, shift.queue) == 30


def test_where_nobody_can_ask_for_a_halt_the_next_change_is_not_made(on_tables: House) -> None:
    """It counts as halted; the undo asks for none, and takes back what was done."""
    shift = Shift.build(on_tables, pauses)
    run = shift.by_hand()
    shift.on(run)

    def away(params: Mapping[str, Any], **_: Any) -> None:
        if b"halt#" in params["body"]:
            raise EndpointConnectionError(endpoint_url="the table")

    events = shift.crew.store._client.meta.events
    events.register("before-call.dynamodb.TransactWriteItems", away)
    try:
        ended = shift.through(run)
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", away)
    assert ended["outcome"] == "failed"
    assert "nothing was sent" in ended["words"]
    assert [entry.body["title"] for entry in shift.house.entries(run) if entry.kind == "change"] == [
        "set it",
        "undo: set it",
    ]
    assert hidden_for(shift.house, shift.queue) == 30


def test_a_halt_of_another_runbook_does_not_stop_it(house: House) -> None:
    """Nor one of another account."""
    shift = Shift.build(house, pauses)
    run = shift.by_hand()
    shift.on(run)
    for name in (halt_name(runbook="other"), halt_name(account="999999999999")):
        stop(shift.crew.store, name, shift)
    assert shift.through(run)["outcome"] == "succeeded"


def test_a_halt_that_is_lifted_in_time_stops_nothing(house: House) -> None:
    """It is asked before each change, and only there."""
    shift = Shift.build(house, pauses)
    run = shift.by_hand()
    shift.on(run)
    stop(shift.crew.store, "all", shift)
    lift_halt(shift.crew.store, "all")
    assert shift.through(run)["outcome"] == "succeeded"


def test_no_run_starts_while_everything_is_halted(house: House) -> None:
    """By hand neither; and then again."""
    shift = Shift.build(house, pauses)
    stop(shift.crew.store, "all", shift)
    answer, _ = shift.crew.person("remedy", queue=shift.queue, actor=ADA)
    assert (answer.kind, answer.gate) == ("refused", "halt")
    assert answer.words == "everything is halted by ada: the sale"
    lift_halt(shift.crew.store, "all")
    assert shift.through(shift.by_hand())["outcome"] == "succeeded"
