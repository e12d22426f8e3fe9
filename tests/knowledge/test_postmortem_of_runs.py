"""Post-mortems of runs that ran: what the engine writes is what a draft reads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from nightcrew import Run
from nightcrew.demo.scripted import Refusal
from nightcrew.knowledge.postmortem.moment import OK_HELD, OK_WITHIN, STILL
from nightcrew.knowledge.postmortem.postmortem import Draft, draft
from nightcrew.knowledge.postmortem.told import Told
from tests.engine.shift import Shift
from tests.house import House
from tests.queues import Queue, hide_for, settings

MINUTE = timedelta(minutes=1)
Event = Callable[[str], dict[str, Any]]


def remedy(run: Run, queue: Queue) -> str:
    """One change, proved."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.prove("it is set", settings(queue), lambda _: True, within=MINUTE)
    return "set"


def of(shift: Shift, *runs: str) -> tuple[Draft, Told]:
    told = draft(shift.crew.store, runs, shift.now())
    return told, told.incident.runs[0]


def test_an_alarm_s_run_is_over_when_its_ok_comes(house: House, event: Event) -> None:
    """The wait for the OK, and what ended it, are known by the titles that the engine gives them."""
    shift = Shift.build(house, remedy)
    sent = shift.event(event("ec2-status-check"))
    run = str(shift.fires(sent).run)
    shift.on(run)
    shift.pass_time(120)
    shift.turns_ok(sent)
    came = shift.now()
    shift.through(run)
    told, first = of(shift, run)
    assert first.over is not None
    assert abs(first.over - came) < timedelta(seconds=2)
    waits = [each.what.plain for each in first.of("paused")]
    assert [each.startswith(f"waits: {title}") for each, title in zip(waits, (OK_WITHIN, OK_HELD), strict=True)] == [
        True,
        True,
    ]
    assert [each.title for each in first.of("read")] == [STILL]
    assert any(each.plain.startswith("The OK of") for each in told.worked)


def test_an_alarm_that_stays_on_is_not_over(house: House, event: Event) -> None:
    """It was asked in time, and said ALARM."""
    shift = Shift.build(house, remedy)
    run = str(shift.fires(shift.event(event("ec2-status-check"), state="ALARM")).run)
    assert shift.through(run)["outcome"] == "ineffective"
    told, first = of(shift, run)
    assert (first.over, told.incident.over) == (None, None)
    assert any("still on?" in each.plain for each in told.questions)
    assert not any("proof" in each.plain for each in told.actions)  # it has one: the alarm says otherwise


def test_what_is_taken_back_and_what_is_not_are_told_apart(house: House) -> None:
    """A second change that AWS refuses, and an undo that it refuses, too."""

    def two(run: Run, queue: Queue) -> str:
        run.change("hide them", hide_for(queue, 60), undo=hide_for(queue, 30))
        run.change("hide them longer", hide_for(queue, 90), undo=hide_for(queue, 60))
        run.change("hide them for ever", hide_for(queue, 99), undo=hide_for(queue, 90))
        return "never"

    shift = Shift.build(house, two)
    refused = Refusal("AccessDenied", "you may not", status=403)
    house.scripted.answer("sqs", "SetQueueAttributes", None, None, refused, refused)
    run = shift.by_hand()
    assert shift.through(run)["outcome"] == "failed"
    told, first = of(shift, run)
    assert first.left == ["hide them longer"]
    assert any("was taken back: hide them." in each.plain for each in told.worked)
    assert any("was not taken back: hide them longer." in each.plain for each in told.did_not)
    assert [each.what.plain for each in first.of("undo")] == ["takes back: hide them longer", "takes back: hide them"]


def test_who_approved_is_told_by_name_and_how_long_it_took(house: House) -> None:
    shift = Shift.build(house, remedy, level="approve")
    run = shift.by_hand()
    shift.on(run)
    shift.pass_time(90)
    shift.decide(run)
    shift.through(run)
    told, first = of(shift, run)
    assert [each.who for each in first.of("decided")] == ["bob"]
    assert any(each.plain.startswith("bob approved what remedy planned, within 1 min 3") for each in told.worked)


def test_nobody_who_answers_is_told_without_a_name(house: House) -> None:
    shift = Shift.build(house, remedy, level="approve")
    run = shift.by_hand()
    assert shift.through(run)["outcome"] == "declined"
    told, _ = of(shift, run)
    assert any(
        each.plain == "See that somebody can answer: nobody did in time, when remedy asked." for each in told.actions
    )
