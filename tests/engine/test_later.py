"""Follow-ups: kept by a run, listed, and started later as runs of their own."""

from datetime import timedelta

from nightcrew import Run
from nightcrew.admission.follow_ups import Due, drop, listed
from tests.engine.shift import ADA, Shift
from tests.house import House
from tests.queues import Queue, hide_for, settings

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def adds(run: Run, queue: Queue) -> str:
    """Changes something, and has it put back tomorrow."""
    run.read("look", settings(queue))
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.later("put it back", "puts-back", {"queue": queue}, after=DAY)
    run.wait("a while", MINUTE)
    run.prove("it is set", settings(queue), lambda _: True, within=MINUTE)
    return "set"


def puts_back(run: Run, queue: Queue) -> str:
    """What the follow-up starts."""
    run.change("put it back", hide_for(queue, 30))
    run.prove("it is back", settings(queue), lambda _: True, within=MINUTE)
    return "back"


def kept(shift: Shift) -> list[Due]:
    """The follow-ups of this shift's queue."""
    return [due for due in listed(shift.crew.store) if due.what["parameters"]["queue"] == shift.queue]


def test_a_run_keeps_a_follow_up_once_though_its_body_comes_by_again(house: House) -> None:
    """With its runbook, parameters and due time; the ledger tells of it."""
    shift = Shift.build(house, adds, also=(puts_back,))
    run = shift.by_hand()
    assert shift.through(run)["outcome"] == "succeeded"
    (due,) = kept(shift)
    assert (due.kind, due.runbook, due.actor) == ("later", "puts-back", ADA)
    assert due.what["title"] == "put it back"
    assert due.what["run"] == run
    (fact,) = [fact for fact in shift.house.facts(run) if "later" in fact]
    assert (fact["later"], fact["runbook"]) == ("put it back", "puts-back")
    changed = next(entry for entry in shift.house.entries(run) if entry.kind == "change")
    assert abs(due.due - changed.at - DAY) < MINUTE
    drop(shift.crew.store, due.name)
    assert kept(shift) == []


def test_a_plan_shows_a_follow_up_and_keeps_none(house: House) -> None:
    """Nothing is changed, so nothing is to be put back."""
    shift = Shift.build(house, adds, also=(puts_back,))
    planned = shift.house.plan("remedy", queue=shift.queue)
    assert planned.outcome == "planned"
    assert any("put it back" in str(line) for line in planned.lines)
    assert kept(shift) == []
