"""An alarm's run is cured by the alarm's own OK, held for policy's minutes: pushed, found, asked for, or missing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Run
from nightcrew.admission.follow_ups import listed
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


def asked(shift: Shift, run: str) -> list[str]:
    """What CloudWatch was asked for the verdict."""
    facts = [fact for fact in shift.house.facts(run) if "DescribeAlarms" in str(fact.get("call", ""))]
    return [str(fact["read"]) for fact in facts]


@pytest.fixture
def fired(house: House, event: Event) -> tuple[Shift, dict[str, Any], str]:
    """A run that an alarm started, just admitted."""
    shift = Shift.build(house, remedy)
    sent = shift.event(event("ec2-status-check"))
    answer = shift.fires(sent)
    assert answer.kind == "admitted", answer
    assert answer.run is not None
    return shift, sent, answer.run


def test_the_oks_event_answers_the_run_that_waits(fired: tuple[Shift, dict[str, Any], str]) -> None:
    """Without asking in between; and CloudWatch is asked once, after the hold."""
    shift, sent, run = fired
    assert shift.on(run).status == "WAITING"
    assert shift.waits(run) == ["the alarm's OK, within 15 min"]
    shift.pass_time(120)
    before = shift.now()
    assert shift.turns_ok(sent).words == "the alarm is OK: the run that waited for it goes on"
    ended = shift.through(run)
    assert ended["outcome"] == "cured"
    assert timedelta(minutes=5) <= shift.now() - before < timedelta(minutes=6)
    assert asked(shift, run) == ["is the alarm still OK?"]


def test_an_ok_that_comes_before_the_run_waits_is_not_lost(fired: tuple[Shift, dict[str, Any], str]) -> None:
    """It answers itself."""
    shift, sent, run = fired
    shift.turns_ok(sent)
    before = shift.now()
    assert shift.through(run)["outcome"] == "cured"
    assert shift.now() - before < timedelta(minutes=6), "only the hold"
    assert asked(shift, run) == ["is the alarm still OK?"]


def test_where_no_ok_comes_cloudwatch_is_asked_once_at_the_deadline(
    fired: tuple[Shift, dict[str, Any], str],
) -> None:
    """An event may be lost: the alarm's own state counts."""
    shift, _, run = fired
    before = shift.now()
    assert shift.through(run)["outcome"] == "cured"
    assert timedelta(minutes=20) <= shift.now() - before < timedelta(minutes=21)
    assert asked(shift, run) == ["is the alarm OK in time?", "is the alarm still OK?"]


def test_an_alarm_that_stays_in_alarm_was_not_cured(fired: tuple[Shift, dict[str, Any], str]) -> None:
    """Ineffective; what was changed and proved stays."""
    shift, sent, run = fired
    shift.says(sent, "ALARM")
    ended = shift.through(run)
    assert ended["outcome"] == "ineffective"
    assert ended["words"].endswith("is still ALARM")
    assert asked(shift, run) == ["is the alarm OK in time?"]
    assert shift.house.closing(run)["not_undone"] == [{"title": "set it", "words": "left as it is"}]


def test_an_ok_that_does_not_hold_is_no_cure(fired: tuple[Shift, dict[str, Any], str]) -> None:
    """It came back within the policy's minutes."""
    shift, sent, run = fired
    shift.on(run)
    shift.turns_ok(sent)
    shift.says(sent, "ALARM")
    ended = shift.through(run)
    assert ended["outcome"] == "ineffective"
    assert asked(shift, run) == ["is the alarm still OK?"]


def test_an_ok_after_the_run_gave_up_answers_nobody(fired: tuple[Shift, dict[str, Any], str]) -> None:
    """And harms nobody."""
    shift, sent, run = fired
    shift.says(sent, "ALARM")
    shift.through(run)
    before = shift.house.entries(run)
    assert shift.turns_ok(sent).kind == "left"
    assert shift.house.entries(run) == before


def test_another_alarm_on_the_resource_after_the_change_makes_it_worse(
    fired: tuple[Shift, dict[str, Any], str],
) -> None:
    """It was refused by the lock, and noted."""
    shift, sent, run = fired
    shift.on(run)
    shift.says(sent, "ALARM")
    other = second_alarm(shift, sent)
    assert shift.fires(other).gate == "lock"
    ended = shift.through(run)
    assert ended["outcome"] == "worse"
    assert ended["words"].startswith(f"set; {other['detail']['alarmName']} fired on it since; ")


def test_another_alarm_before_the_change_makes_nothing_worse(fired: tuple[Shift, dict[str, Any], str]) -> None:
    """It tells of the same trouble."""
    shift, sent, run = fired
    assert shift.fires(second_alarm(shift, sent)).gate == "lock"
    shift.says(sent, "ALARM")
    assert shift.through(run)["outcome"] == "ineffective"


def test_what_the_lock_refused_is_kept_for_its_second_try(fired: tuple[Shift, dict[str, Any], str]) -> None:
    """Till the lease that stands in the way ends."""
    shift, sent, run = fired
    other = second_alarm(shift, sent)
    answer = shift.fires(other)
    (kept,) = [
        due for due in listed(shift.crew.store, "retry") if due.actor == f"alarm: {other['detail']['alarmName']}"
    ]
    assert kept.due == answer.until
    assert (kept.what["gate"], kept.runbook) == ("lock", "remedy")
    assert answer.figures["run"] == run


def test_a_cancel_ends_the_wait_for_the_ok(fired: tuple[Shift, dict[str, Any], str]) -> None:
    """And takes the remedy back."""
    shift, _, run = fired
    shift.on(run)
    shift.cancel(run)
    ended = shift.through(run)
    assert ended["outcome"] == "cancelled"
    assert shift.house.closing(run)["undone"] == ["set it"]


def second_alarm(shift: Shift, sent: dict[str, Any]) -> dict[str, Any]:
    """Another alarm on the same queue, which fires now."""
    shift.pass_time(1)
    other = shift.house.alarmed(sent, {"QueueName": shift.queue, "Another": "one"})
    other["id"] = f"{sent['id']}-2"
    assert other["detail"]["alarmName"] != sent["detail"]["alarmName"]
    return other
