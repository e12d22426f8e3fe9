"""Approve and decline from a channel, through the function behind the buttons: who may, and who may not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Run
from nightcrew.admission.approvals import find
from nightcrew.authoring.catalog import Catalog
from nightcrew.ledger.history import entries
from tests.chat.channel import ADA, BOB, CYD, ROLE, STRANGER, Channel
from tests.engine import shift as people
from tests.engine.shift import Shift
from tests.house import House
from tests.queues import Queue, hidden_for, hide_for, settings

Event = Callable[[str], dict[str, Any]]


def remedy(run: Run, queue: Queue) -> str:
    """One change, proved."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.prove("it is set", settings(queue), lambda _: True, within=timedelta(minutes=1))
    return "set"


def asks(house: House, event: Event | None = None, more: str = "", **declared: Any) -> tuple[Channel, str]:
    """A channel in which a run asks: one that ada started, or one that an alarm did."""
    shift = Shift.build(house, remedy, level="approve", more=more, **declared)
    channel = Channel.of(shift)
    run = shift.by_hand() if event is None else str(shift.fires(shift.event(event("ec2-status-check"))).run)
    shift.on(run)
    assert "Decline" in channel.shown
    return channel, run


def undecided(channel: Channel, run: str) -> bool:
    """Whether nobody has decided, and nothing was changed."""
    asked = find(channel.shift.crew.store, run)
    assert asked is not None
    return asked.decided is None and not asked.approvers and channel.shift.house.scripted.changes() == []


# --- who may


def test_a_member_whom_the_stack_names_approves_and_the_run_goes_on(house: House) -> None:
    """The ledger has which member that was, and who that is; the thread is told."""
    channel, run = asks(house)
    assert channel.press("Approve") == "approved by chat:slack:U0BOB:bob@example.com"
    assert channel.shift.through(run)["outcome"] == "succeeded"
    assert hidden_for(house, channel.shift.queue) == 61
    facts = [fact for entry in entries(channel.shift.crew.store, run) for fact in entry.body.get("facts", ())]
    (approval,) = [fact for fact in facts if fact.get("decision") == "approved"]
    assert approval["by"] == ["chat:slack:U0BOB:bob@example.com"]


@pytest.mark.parametrize("member", [BOB, STRANGER, ADA])
def test_any_member_declines_and_nothing_is_changed(house: House, member: str) -> None:
    """Who is not named as well, and who asked: it only stops."""
    channel, run = asks(house, more="from_chat: nobody")
    assert channel.press("Decline", member).startswith(f"declined by chat:slack:{member}")
    assert channel.shift.through(run)["outcome"] == "declined"
    assert house.scripted.changes() == []


def test_pressing_twice_is_one_approval(house: House) -> None:
    """SQS may deliver a message twice, too."""
    channel, run = asks(house)
    first = channel.press("Approve")
    assert channel.press("Approve").startswith(first)
    assert channel.shift.through(run)["outcome"] == "succeeded"


# --- who may not


def test_a_member_whom_nobody_names_approves_nothing_of_themselves(house: House, event: Event) -> None:
    """Unless policy says that anyone may."""
    channel, run = asks(house, event)
    assert "ChatPeople" in channel.press("Approve", STRANGER)
    assert undecided(channel, run)


def test_where_policy_lets_anyone_they_approve_what_an_alarm_started(house: House, event: Event) -> None:
    channel, run = asks(house, event, more="from_chat: anyone")
    assert channel.press("Approve", STRANGER) == "approved by chat:slack:U0WHO"
    assert channel.shift.through(run)["outcome"] != "declined"
    assert hidden_for(house, channel.shift.queue) == 61


def test_but_not_what_a_person_started_since_it_could_be_theirs(house: House) -> None:
    channel, run = asks(house, more="from_chat: anyone")
    assert "it could have been you" in channel.press("Approve", STRANGER)
    assert undecided(channel, run)


def test_and_never_what_can_lose_data(house: House, event: Event) -> None:
    """Whatever policy says."""
    channel, run = asks(house, event, more="from_chat: anyone", risk="data-loss")
    assert "data can be lost" in channel.press("Approve", STRANGER)
    assert undecided(channel, run)


def test_of_a_runbook_that_is_gone_the_worst_is_assumed(house: House, event: Event) -> None:
    """Nobody knows its risk any more."""
    channel, run = asks(house, event, more="from_chat: anyone")
    gone = replace(channel.shift.crew.installation, catalog=Catalog([]))
    channel.send(channel.shown["Approve"], f"{ROLE}:chatbot-session-slack-{STRANGER}", installation=gone)
    assert "data can be lost" in channel.thread[-1]
    assert undecided(channel, run)


def test_where_policy_lets_nobody_nobody_does(house: House) -> None:
    channel, run = asks(house, more="from_chat: nobody")
    assert "from_chat: nobody" in channel.press("Approve", BOB)
    assert undecided(channel, run)


def test_whoever_asked_does_not_approve_it_from_a_channel_either(house: House) -> None:
    """Ada started it as the user ada; in the channel she is U0ADA."""
    channel, run = asks(house)
    assert "another person must approve" in channel.press("Approve", ADA)
    assert undecided(channel, run)


def test_where_data_can_be_lost_two_named_people_agree(house: House) -> None:
    channel, run = asks(house, risk="data-loss")
    assert "another person must approve, too" in channel.press("Approve", BOB)
    assert channel.press("Approve", CYD).startswith("approved by")
    assert channel.shift.through(run)["outcome"] == "succeeded"


def test_one_human_at_a_terminal_and_in_a_channel_is_not_two(house: House) -> None:
    """Bob approves as the user bob, and then as U0BOB; or the other way round."""
    channel, run = asks(house, risk="data-loss")
    channel.shift.decide(run, people.BOB)
    assert "approved it already" in channel.press("Approve", BOB)
    channel.shift.decide(run, people.CYD)
    assert channel.shift.through(run)["outcome"] == "succeeded"


# --- what about


def test_another_plan_than_the_one_that_was_shown_is_not_approved(house: House) -> None:
    """The world has moved, and the run asks about something else by now."""
    channel, run = asks(house)
    verb, of, plan = channel.shown["Approve"].split("/")
    other = ("0" if plan[0] != "0" else "1") + plan[1:]
    channel.send(f"{verb}/{of}/{other}", f"{ROLE}:chatbot-session-slack-{BOB}")
    assert channel.thread[-1].startswith("not approved: the run asks about the plan")
    assert undecided(channel, run)


def test_who_presses_late_is_told_so(house: House) -> None:
    channel, run = asks(house)
    channel.shift.pass_time(3600)
    assert "its time was over" in channel.press("Approve")
    assert undecided(channel, run)


def test_who_presses_after_somebody_declined_is_told_who(house: House) -> None:
    channel, _ = asks(house)
    channel.press("Decline", CYD)
    assert "declined already, by chat:slack:U0CYD:Cyd" in channel.press("Approve", BOB)


def test_a_run_that_there_is_not_is_no_ones_to_decide(house: House) -> None:
    channel, _ = asks(house)
    for verb in ("approve", "decline"):
        channel.send(f"{verb}/20261121-030004-k3f9qa2m/{'0' * 12}", f"{ROLE}:chatbot-session-slack-{BOB}")
        assert "20261121-030004-k3f9qa2m" in channel.thread[-1]


# --- what policy said is what holds


@pytest.mark.parametrize("value", ["nobody", "named", "anyone"])
def test_a_run_is_decided_by_the_policy_under_which_it_was_admitted(house: House, value: str) -> None:
    """The opening has it, where it is not what holds anyway."""
    from nightcrew.admission.opened import request_of
    from nightcrew.ledger.history import opening

    channel, run = asks(house, more=f"from_chat: {value}")
    entry = opening(channel.shift.crew.store, run)
    assert entry is not None
    assert str(request_of(entry).settings.from_chat.value) == value
    assert ("from_chat" in entry.body) == (value != "named")
