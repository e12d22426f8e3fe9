"""Alarms that policy leaves to people: how long they lasted is an entry of the ledger, once, and of nobody's run."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Run
from nightcrew.clock import moment
from nightcrew.errors import Unreachable
from nightcrew.knowledge.reads import Reads
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.transaction import Piece
from nightcrew.ledger.verify import verify
from tests.engine.shift import Shift, policy
from tests.house import House
from tests.queues import Queue, settings

Event = Callable[[str], dict[str, Any]]
MINUTE = timedelta(minutes=1)


def looks(run: Run, queue: Queue) -> str:
    """Only looks."""
    run.prove("it is there", settings(queue), lambda _: True, within=timedelta(minutes=1))
    return "seen"


def spells(shift: Shift) -> list[Entry]:
    """What the ledger has of alarms that were observed."""
    items = shift.crew.store._items["ledger"].values()  # type: ignore[attr-defined]  # a MemoryStore
    return [Entry.from_item(item) for item in items if item["kind"] == "spell"]


@pytest.mark.parametrize("level", ["observe", "suggest"])
def test_how_long_an_alarm_lasted_that_was_left_to_people_is_written_down(
    house: House, event: Event, level: str
) -> None:
    """With what would have answered it, and on which resource; however often its OK comes."""
    shift = Shift.build(house, looks, level=level)
    sent = shift.event(event("ec2-status-check"))
    assert shift.fires(sent).gate == "autonomy"
    shift.pass_time(40 * 60)
    ok = shift.turns_ok(sent)
    assert ok.reason == "ok"
    (spell,) = spells(shift)
    assert (spell.body["runbook"], spell.body["level"], spell.body["arn"]) == ("remedy", level, sent["resources"][0])
    assert spell.body["resource"].endswith(shift.queue)
    assert spell.body["began"] == sent["detail"]["state"]["timestamp"]
    assert (moment(spell.body["ended"]) - moment(spell.body["began"])) // MINUTE == 40
    assert verify([spell]) == []


def test_its_ok_once_more_is_the_same_entry(house: House, event: Event) -> None:
    """Delivered again, or a second OK after it: it ended when it ended first."""
    shift = Shift.build(house, looks, level="observe")
    sent = shift.event(event("ec2-status-check"))
    shift.fires(sent)
    shift.pass_time(600)
    shift.turns_ok(sent)
    before = spells(shift)
    shift.pass_time(600)
    shift.turns_ok(sent)
    assert spells(shift) == before
    assert len(before) == 1


def test_an_alarm_that_started_a_run_is_in_nobodys_hands(house: House, event: Event) -> None:
    shift = Shift.build(house, looks)
    sent = shift.event(event("ec2-status-check"))
    assert shift.fires(sent).kind == "admitted"
    shift.pass_time(60)
    shift.turns_ok(sent)
    assert spells(shift) == []


def test_an_alarm_that_fired_again_before_its_ok_is_measured_from_its_last_change(house: House, event: Event) -> None:
    """It went to INSUFFICIENT_DATA, of which no event is taken; who had it before then is not known."""
    shift = Shift.build(house, looks, level="observe")
    shift.fires(shift.event(event("ec2-status-check")))
    shift.pass_time(3600)
    again = shift.event(event("ec2-status-check"))
    shift.fires(again)
    shift.pass_time(60)
    shift.turns_ok(again)
    (spell,) = spells(shift)
    assert spell.body["began"] == again["detail"]["state"]["timestamp"]


def test_an_alarm_whose_next_change_started_a_run_tells_nothing_of_peoples_hands(house: House, event: Event) -> None:
    """The OK came from the run's work, not from theirs."""
    shift = Shift.build(house, looks, level="observe")
    shift.fires(shift.event(event("ec2-status-check")))
    shift.pass_time(60)
    bolder = replace(shift.crew.installation, policy=policy("auto", queue=shift.queue))
    again = shift.event(event("ec2-status-check"))
    assert replace(shift.crew.dispatcher, installation=bolder).event(again).kind == "admitted"
    shift.turns_ok(again)
    assert spells(shift) == []


class Unwritten(Reads):
    """A ledger that takes no entry at this moment."""

    def update(self, piece: Piece) -> dict[str, Any]:
        return self._store.update(piece)

    def transact(self, pieces: Sequence[Piece]) -> None:
        raise Unreachable("the ledger takes no entry")


def test_a_run_that_waits_for_the_ok_hears_of_it_before_a_figure_is_written(house: House, event: Event) -> None:
    """Else the run would wait until the OK comes once more out of its queue."""
    shift = Shift.build(house, looks, level="observe")
    sent = shift.event(event("ec2-status-check"))
    shift.fires(sent)
    items = shift.crew.store._items["state"].values()  # type: ignore[attr-defined]  # a MemoryStore
    (key,) = [item["key"] for item in items if "observed" in item]
    shift.crew.store.transact([Piece("state", {"key": key}, gate="test", sets={"waiting": "callback-1"})])
    heard: list[str] = []
    deaf = replace(shift.crew.installation, store=Unwritten(shift.crew.store), answer=lambda to, _: heard.append(to))
    shift.house.crew = replace(shift.crew, dispatcher=replace(shift.crew.dispatcher, installation=deaf))
    shift.pass_time(60)
    with pytest.raises(Unreachable):
        shift.turns_ok(sent)
    assert heard == ["callback-1"]
