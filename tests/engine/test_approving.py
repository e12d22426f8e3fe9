"""People agree first: what they are asked, what follows from each answer, and what if the world moves meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Run
from nightcrew.admission.approvals import find, waiting
from nightcrew.clock import stamp
from nightcrew.errors import Refused
from nightcrew.ledger.transaction import Piece
from tests.engine.shift import ADA, BOB, CYD, Shift
from tests.house import House
from tests.queues import Queue, hidden_for, hide_for, settings, url

MINUTE = timedelta(minutes=1)


def doubles(run: Run, queue: Queue) -> str:
    """Doubles what is there: so what it will do depends on the world."""
    seen = run.read("look", settings(queue), pick=lambda answer: int(answer["Attributes"]["VisibilityTimeout"]))
    run.change("double it", hide_for(queue, seen * 2), undo=hide_for(queue, seen))
    run.prove("it is doubled", settings(queue), lambda _: True, within=MINUTE)
    return "doubled"


def test_under_approve_a_run_waits_for_another_person_and_then_does_what_was_approved(house: House) -> None:
    """A start by hand too. Nothing is changed before."""
    shift = Shift.build(house, doubles, level="approve")
    run = shift.by_hand()
    assert shift.on(run).status == "WAITING"
    assert house.scripted.changes() == []
    (asked,) = [each for each in waiting(shift.crew.store, shift.now()) if each.run == run]
    (line,) = asked.question["lines"]
    assert (line["title"], line["parameters"]["Attributes"]) == ("double it", {"VisibilityTimeout": "60"})
    assert asked.requester == ADA
    with pytest.raises(Refused):
        shift.decide(run, ADA)
    shift.decide(run, plan=asked.hash[:8])
    assert shift.through(run)["outcome"] == "succeeded"
    assert hidden_for(shift.house, shift.queue) == 60
    fact = next(fact for fact in shift.house.facts(run) if "asked" in fact)
    assert (fact["decision"], fact["by"], fact["hash"]) == ("approved", [BOB], asked.hash)
    assert "approval wanted" in shift.kinds()


def test_an_answer_that_nobody_decided_is_not_believed(house: House) -> None:
    """Whoever may cancel a run may answer its callbacks: that alone must not approve anything."""
    shift = Shift.build(house, doubles, level="approve")
    run = shift.by_hand()
    shift.on(run)
    asked = find(shift.crew.store, run)
    assert asked is not None
    forged = {"decision": "approved", "by": [BOB], "hash": asked.hash, "reason": "", "at": stamp(shift.now())}
    shift.crew.engine.answer(asked.callback, forged)
    ended = shift.through(run)
    assert ended["outcome"] == "declined"
    assert "no decision of anybody stands behind it" in ended["words"]
    assert house.scripted.changes() == []


@pytest.mark.parametrize("by", [[ADA], []])
def test_a_decision_that_was_written_past_the_rules_is_not_believed(house: House, by: list[str]) -> None:
    """By who asked, or by fewer than it takes: `decide` would have refused."""
    shift = Shift.build(house, doubles, level="approve")
    run = shift.by_hand()
    shift.on(run)
    asked = find(shift.crew.store, run)
    assert asked is not None
    forged = {"decision": "approved", "by": by, "hash": asked.hash, "reason": "", "at": stamp(shift.now())}
    piece = Piece(table="state", key={"key": f"approval#{run}"}, gate="approval", sets={"decided": forged})
    shift.crew.store.transact([piece])
    shift.crew.engine.answer(asked.callback, forged)
    assert shift.through(run)["outcome"] == "declined"
    assert house.scripted.changes() == []


def test_an_alarm_whose_own_tag_wants_an_approval_starts_a_run_that_asks(
    house: House, event: Callable[[str], dict[str, Any]]
) -> None:
    """Policy alone would let it run by itself, and knows no tag of the alarm when the run takes hold."""
    shift = Shift.build(house, doubles)
    sent = shift.event(event("ec2-status-check"))
    sent["detail"] |= {"alarmTags": {"nightcrew:autonomy": "approve"}, "alarmTagsStatus": "SUCCESS"}
    run = shift.fires(sent).run
    assert run is not None
    assert shift.on(run).status == "WAITING"
    assert shift.waits(run) == ["approve the plan"]
    assert house.scripted.changes() == []


def test_a_plan_by_hand_has_the_hash_that_is_asked_about(house: House) -> None:
    """So that who planned it can tell that it is the same."""
    shift = Shift.build(house, doubles, level="approve")
    run = shift.by_hand()
    shift.on(run)
    asked = find(shift.crew.store, run)
    assert asked is not None
    assert asked.hash == shift.house.plan("remedy", queue=shift.queue).hash


def test_a_declined_run_changes_nothing_and_says_who_and_why(house: House) -> None:
    """It counts neither as a failure nor as a try."""
    shift = Shift.build(house, doubles, level="approve")
    run = shift.by_hand()
    shift.on(run)
    shift.decide(run, approve=False, reason="not during the sale")
    ended = shift.through(run)
    assert ended["outcome"] == "declined"
    assert ended["words"] == f"approve the plan: declined by {BOB}: not during the sale"
    assert house.scripted.changes() == []


def test_no_answer_in_time_is_declined_and_people_are_told(house: House) -> None:
    """After the policy's minutes; and whoever comes late is told so."""
    shift = Shift.build(house, doubles, level="approve", more="approval: 10m")
    run = shift.by_hand()
    ended = shift.through(run)
    assert ended["outcome"] == "declined"
    assert ended["words"] == "approve the plan: nobody approved it within 10 min"
    assert shift.kinds()[-1] == "closed"
    with pytest.raises(Refused, match="its time was over"):
        shift.decide(run)


def test_a_world_that_moved_is_asked_about_again_with_the_difference(house: House) -> None:
    """What was approved would not be what is done."""
    shift = Shift.build(house, doubles, level="approve")
    run = shift.by_hand()
    shift.on(run)
    first = find(shift.crew.store, run)
    moved = {"QueueUrl": hide_for(shift.queue, 0).parameters["QueueUrl"], "Attributes": {"VisibilityTimeout": "40"}}
    shift.crew.client("sqs").set_queue_attributes(**moved)
    shift.decide(run)
    assert shift.on(run).status == "WAITING"
    second = find(shift.crew.store, run)
    assert first is not None
    assert second is not None
    assert (second.hash != first.hash, second.approvers, second.decided) == (True, (), None)
    (difference,) = second.question["seen"]
    assert "60" in difference
    assert "80" in difference
    assert house.scripted.changes() == []
    shift.decide(run)
    assert shift.through(run)["outcome"] == "succeeded"
    assert hidden_for(shift.house, shift.queue) == 80


def test_a_plan_that_is_not_applicable_asks_nobody(house: House) -> None:
    """There is nothing to agree to."""

    def not_now(run: Run, queue: Queue) -> str:
        run.require("the moon is full", False)
        return ""

    shift = Shift.build(house, not_now, level="approve")
    run = shift.by_hand()
    assert shift.through(run)["outcome"] == "not_applicable"
    assert find(shift.crew.store, run) is None


def test_where_data_can_be_lost_two_people_must_agree(house: House) -> None:
    """Under any policy, and none of them is the requester."""
    shift = Shift.build(house, doubles, risk="data-loss")
    run = shift.by_hand()
    shift.on(run)
    shift.decide(run, BOB)
    assert shift.on(run).status == "WAITING"
    assert house.scripted.changes() == []
    shift.decide(run, CYD)
    assert shift.through(run)["outcome"] == "succeeded"


def test_an_irreversible_change_is_approved_by_itself(house: House) -> None:
    """Under auto as well: what went before is done, and undone if nobody agrees."""

    def burns(run: Run, queue: Queue) -> str:
        run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
        run.change("burn it", hide_for(queue, 62), irreversible=True)
        run.prove("it is burnt", settings(queue), lambda _: True, within=MINUTE)
        return "burnt"

    shift = Shift.build(house, burns)
    run = shift.by_hand()
    assert shift.on(run).status == "WAITING"
    assert shift.waits(run) == ["approve: burn it"]
    assert hidden_for(shift.house, shift.queue) == 61
    shift.decide(run, approve=False)
    assert shift.through(run)["outcome"] == "declined"
    assert hidden_for(shift.house, shift.queue) == 30
    assert shift.house.closing(run)["undone"] == ["set it"]

    again = Shift.build(house, burns)
    run = again.by_hand()
    again.on(run)
    again.decide(run)
    assert again.through(run)["outcome"] == "succeeded"
    assert hidden_for(again.house, again.queue) == 62


def asks(**more: Any) -> Callable[..., str]:
    """A runbook that asks a person in the middle."""

    def remedy(run: Run, queue: Queue) -> str:
        run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
        by = run.approve("is it better?", **more)
        run.prove("it is set", settings(queue), lambda _: True, within=MINUTE)
        return f"agreed by {' and '.join(name.rsplit('/', 1)[-1] for name in by)}"

    return remedy


def test_a_runbook_may_ask_a_person_itself(house: House) -> None:
    """And is told who agreed."""
    shift = Shift.build(house, asks(wanted=2))
    run = shift.by_hand()
    shift.on(run)
    shift.decide(run, CYD)
    shift.decide(run, BOB)
    ended = shift.through(run)
    assert (ended["outcome"], ended["words"]) == ("succeeded", "agreed by bob and cyd")


def test_a_question_of_a_runbooks_own_that_nobody_answers_undoes_what_was_changed(house: House) -> None:
    """Within its own time."""
    shift = Shift.build(house, asks(within=timedelta(minutes=7)))
    run = shift.by_hand()
    before = shift.now()
    ended = shift.through(run)
    assert ended["words"] == "is it better?: nobody approved it within 7 min"
    assert timedelta(minutes=7) <= shift.now() - before < timedelta(minutes=8)
    assert hidden_for(shift.house, shift.queue) == 30


def test_a_question_that_may_wait_beyond_the_deadline_is_an_authors_error(house: House) -> None:
    """The lock would end before people answer."""
    shift = Shift.build(house, asks(within=timedelta(days=1)))
    ended = shift.through(shift.by_hand())
    assert ended["outcome"] == "failed"
    assert "is beyond the runbook's deadline" in ended["words"]
    assert hidden_for(shift.house, shift.queue) == 30


def test_a_cancel_ends_the_wait_for_people(house: House) -> None:
    """And then nobody can approve it any more."""
    shift = Shift.build(house, doubles, level="approve")
    run = shift.by_hand()
    shift.on(run)
    shift.cancel(run)
    with pytest.raises(Refused):
        shift.decide(run)
    ended = shift.on(run)
    assert ended.status == "SUCCEEDED"
    assert ended.result["outcome"] == "cancelled"
    assert house.scripted.changes() == []


@pytest.mark.parametrize("first", ["approve", "cancel"])
def test_of_an_approver_and_a_canceller_at_the_same_moment_the_canceller_wins(house: House, first: str) -> None:
    """Whoever answered the wait first: the change asks for the cancel again."""
    shift = Shift.build(house, doubles, level="approve")
    run = shift.by_hand()
    shift.on(run)
    if first == "approve":
        shift.decide(run)
        shift.cancel(run)
    else:
        shift.cancel(run)
    assert shift.through(run)["outcome"] == "cancelled"
    assert house.scripted.changes() == []


def test_a_crash_while_people_think_asks_them_once(house: House) -> None:
    """Each later life finds the question as it was put."""
    shift = Shift.build(house, doubles, level="approve")
    run = shift.by_hand()
    shift.on(run)
    first = find(shift.crew.store, run)
    shift.pass_time(60)
    assert shift.on(run).status == "WAITING"
    assert find(shift.crew.store, run) == first
    assert shift.kinds().count("approval wanted") == 1


def test_the_question_about_one_change_shows_no_secret(house: House) -> None:
    """It is kept, and told to people: only its hash knows."""

    def burns(run: Run, queue: Queue) -> str:
        run.change("burn it", hide_for(queue, 4321), irreversible=True)
        return "burnt"

    shift = Shift.build(house, burns, secret=("VisibilityTimeout",))
    run = shift.by_hand()
    shift.on(run)
    asked = find(shift.crew.store, run)
    assert asked is not None
    assert asked.question["lines"][0]["parameters"]["Attributes"] == {"VisibilityTimeout": "redacted"}
    assert "'4321'" not in str(asked)
    assert "'4321'" not in str(shift.news)


def test_what_changed_between_two_plans_shows_no_secret(house: House) -> None:
    """Neither on the page that asks nor in the news: the lines of a plan are data, this is text."""
    shift = Shift.build(house, doubles, level="approve", secret=("VisibilityTimeout",))
    run = shift.by_hand()
    shift.on(run)
    shift.house.crew.client("sqs").set_queue_attributes(
        QueueUrl=url(shift.queue), Attributes={"VisibilityTimeout": "4321"}
    )
    shift.decide(run)
    shift.on(run)
    asked = find(shift.crew.store, run)
    assert asked is not None
    (line,) = asked.question["seen"]
    assert "double it" in line
    assert line.count("redacted") == 2
    assert asked.question["lines"][0]["parameters"]["Attributes"] == {"VisibilityTimeout": "redacted"}
    told = [what.get("seen") for kind, what in shift.news if kind == "approval wanted"]
    assert told == [None, [line]]
