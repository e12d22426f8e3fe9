"""Cancel, at every moment of a run: it stops within one poll, takes back what it changed, and says who and why."""

from datetime import timedelta

import pytest

from nightcrew import Run
from nightcrew.demo.scripted import Refusal
from tests.engine.shift import Shift
from tests.house import House
from tests.queues import Queue, hidden_for, hide_for, settings

MINUTE = timedelta(minutes=1)


def polls(run: Run, queue: Queue) -> str:
    """Changes something, and waits for what never comes."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.wait_until("it is 99", settings(queue), lambda answer: "99" in str(answer), within=4 * MINUTE)
    return ""


def pauses(run: Run, queue: Queue) -> str:
    """Changes something, waits, and changes it again."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.wait("a while", timedelta(minutes=30))
    run.change("set it again", hide_for(queue, 62), undo=hide_for(queue, 61))
    run.prove("it is set", settings(queue), lambda _: True, within=MINUTE)
    return "set"


def was_cancelled(shift: Shift, run: str, *, undone: list[str]) -> None:
    """It ended so, its words name who and why, and the queue is as it was."""
    ended = shift.through(run)
    assert ended["outcome"] == "cancelled"
    assert "cancelled by ada" in ended["words"]
    assert ended["words"].endswith(": never mind")
    assert shift.house.closing(run).get("undone", []) == undone
    assert shift.house.closing(run).get("not_undone", []) == []
    assert hidden_for(shift.house, shift.queue) == 30
    lock = shift.crew.store.get("state", {"key": f"res#{shift.house.entries(run)[0].body['resource']}"}) or {}
    assert not {"owner", "cancel", "waiting"} & set(lock)


def test_before_its_first_step(house: House) -> None:
    """Nothing is changed."""
    shift = Shift.build(house, pauses)
    run = shift.by_hand()
    shift.cancel(run)
    was_cancelled(shift, run, undone=[])
    assert house.scripted.changes() == []


def test_during_a_poll(house: House) -> None:
    """At the next one, not at the deadline."""
    shift = Shift.build(house, polls)
    run = shift.by_hand()
    shift.on(run)
    before = shift.now()
    shift.cancel(run)
    was_cancelled(shift, run, undone=["set it"])
    assert shift.now() - before < MINUTE


def test_during_a_pause(house: House) -> None:
    """It is answered, and ends at once."""
    shift = Shift.build(house, pauses)
    run = shift.by_hand()
    assert shift.on(run).status == "WAITING"
    assert shift.waits(run) == ["a while"]
    before = shift.now()
    shift.cancel(run)
    was_cancelled(shift, run, undone=["set it"])
    assert shift.now() - before < MINUTE


def test_between_two_changes(house: House) -> None:
    """The second is not made: it asks in the transaction of its entry."""
    runs: list[str] = []

    def between(run: Run, queue: Queue) -> str:
        run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
        if not runs:
            runs.append(run.id)
            shift.cancel(run.id)
        run.change("set it again", hide_for(queue, 62), undo=hide_for(queue, 61))
        return ""

    shift = Shift.build(house, between)
    run = shift.by_hand()
    was_cancelled(shift, run, undone=["set it"])
    assert [entry.body["title"] for entry in shift.house.entries(run) if entry.kind == "change"] == [
        "set it",
        "undo: set it",
    ]


def test_before_a_pause_begins(house: House) -> None:
    """The run finds it when it leaves word where it waits, and answers itself."""
    runs: list[str] = []

    def before(run: Run, queue: Queue) -> str:
        run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
        if not runs:
            runs.append(run.id)
            shift.cancel(run.id)
        run.wait("a while", timedelta(minutes=30))
        return ""

    shift = Shift.build(house, before)
    started = shift.now()
    was_cancelled(shift, shift.by_hand(), undone=["set it"])
    assert shift.now() - started < MINUTE


def test_during_an_undo_it_stops_nothing(house: House) -> None:
    """What is being taken back is taken back whole, and the run ends as it would have."""

    def fails(run: Run, queue: Queue) -> str:
        def take_back() -> None:
            shift.cancel(run.id)
            run.change("back to 31", hide_for(queue, 31))
            run.wait("let it settle", timedelta(minutes=2))
            run.change("back to 30", hide_for(queue, 30))
            run.prove("it is back", settings(queue), lambda answer: "30" in str(answer), within=MINUTE)

        run.change("set it", hide_for(queue, 61), undo=take_back)
        run.require("it is well", False)
        return ""

    shift = Shift.build(house, fails)
    run = shift.by_hand()
    ended = shift.through(run)
    assert ended["outcome"] == "failed"
    assert "it is well" in ended["words"]
    assert shift.house.closing(run)["undone"] == ["set it"]
    assert hidden_for(shift.house, shift.queue) == 30


@pytest.mark.parametrize("cures", [True, False])
def test_at_the_last_moment(house: House, cures: bool) -> None:
    """After its last poll, before it is closed: who cancelled it was told so, and so it takes back what it did."""
    runs: list[str] = []

    def last(run: Run, queue: Queue) -> str:
        def holds(answer: object) -> bool:
            if not runs:
                runs.append(run.id)
                shift.cancel(run.id)
            return cures

        run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
        run.prove("it is set", settings(queue), holds, within=timedelta(seconds=1))
        return "set"

    shift = Shift.build(house, last)
    was_cancelled(shift, shift.by_hand(), undone=["set it"])


def test_twice(house: House) -> None:
    """The first reason stays."""
    shift = Shift.build(house, pauses)
    run = shift.by_hand()
    shift.on(run)
    first = shift.cancel(run)
    second = shift.cancel(run, "another reason")
    assert second.words == first.words
    was_cancelled(shift, run, undone=["set it"])


def test_after_the_end(house: House) -> None:
    """It is told how it ended, and nothing changes."""
    shift = Shift.build(house, pauses)
    run = shift.by_hand()
    assert shift.through(run)["outcome"] == "succeeded"
    before = shift.house.entries(run)
    assert shift.cancel(run).words.startswith("already over: succeeded at ")
    assert shift.house.entries(run) == before
    assert hidden_for(shift.house, shift.queue) == 62


def test_an_undo_that_fails_after_a_cancel_is_told(house: House) -> None:
    """It ends as cancelled, and says what is left for a person."""
    shift = Shift.build(house, pauses)
    run = shift.by_hand()
    shift.on(run)
    house.scripted.answer("sqs", "SetQueueAttributes", Refusal("AccessDenied", "no"))
    shift.cancel(run)
    assert shift.through(run)["outcome"] == "cancelled"
    (left,) = shift.house.closing(run)["not_undone"]
    assert left["title"] == "set it"
    assert "AccessDenied" in left["words"]


@pytest.mark.parametrize("function", [polls, pauses])
def test_a_cancelled_run_leaves_the_resource_to_the_next_one(house: House, function: object) -> None:
    """After the cool-down: its change and its undo were changes."""
    shift = Shift.build(house, function)  # type: ignore[arg-type]
    run = shift.by_hand()
    shift.on(run)
    shift.cancel(run)
    shift.through(run)
    shift.pass_time(2)
    assert shift.by_hand() != run
