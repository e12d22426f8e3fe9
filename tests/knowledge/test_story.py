"""A run's story out of its entries, where it did not go as it should."""

from datetime import UTC, datetime, timedelta
from typing import Any

from nightcrew.clock import stamp
from nightcrew.knowledge.story.seen import differences
from nightcrew.knowledge.story.step import OPEN, Step
from nightcrew.knowledge.story.steps import steps
from nightcrew.ledger.entries import Entry

START = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    """A moment of the run, as the ledger writes it."""
    return stamp(START + timedelta(seconds=seconds))


def entry(number: int, kind: str, *facts: dict[str, Any], **body: Any) -> Entry:
    """An entry of a run, ten seconds after the one before it."""
    return Entry("a-run", number, kind, START + timedelta(seconds=10 * number), {"facts": list(facts), **body}, "")


def change(number: int, title: str, *facts: dict[str, Any], **more: Any) -> Entry:
    """A change's intent."""
    call = {"call": "ec2:StopInstances", "parameters": {"InstanceIds": ["i-1"]}, "undo": "none"}
    return entry(number, "change", *facts, title=title, **call, **more)


def only(*entries: Entry) -> Step:
    """The one step of these entries."""
    (step,) = steps(entries)
    return step


def test_an_intent_meets_its_result_which_stands_in_the_next_entry() -> None:
    made = {"changed": "stop it", "at": at(11), "how": "once", "request": "r-1", "tries": 1}
    step = only(change(1, "stop it"), entry(2, "closing", made))
    assert (step.verb, step.title, step.state, step.at) == ("change", "stop it", "done", START + timedelta(seconds=10))
    assert step.result == ["done, request r-1"]


def test_a_change_whose_end_is_not_there_stays_open() -> None:
    """A crash, or a run that goes on."""
    assert only(change(1, "stop it")).state == OPEN


def test_an_unknown_outcome_and_an_error_are_said() -> None:
    looked = {"changed": "stop it", "how": "looked: it had taken effect", "result": {}}
    assert only(change(1, "stop it"), entry(2, "closing", looked)).result[0].startswith("its outcome was unknown")
    refused = {"changed": "stop it", "how": "once", "error": {"code": "No", "message": "way", "request": "r-2"}}
    failed = only(change(1, "stop it"), entry(2, "closing", refused))
    assert (failed.state, failed.result) == ("failed", ["No: way (request r-2)"])
    lost = {"changed": "stop it", "how": "unknown", "person": "AWS did not answer 4 times"}
    stopped = only(change(1, "stop it"), entry(2, "closing", lost))
    assert (stopped.state, stopped.result[-1]) == ("failed", "a person must look: AWS did not answer 4 times")


def test_what_is_left_for_later_is_told_with_its_time() -> None:
    later = {"later": "put it back", "runbook": "put-it-back", "parameters": {"group": "web"}, "due": at(3600)}
    step = only(entry(1, "closing", later))
    assert (step.verb, step.title, step.state) == ("later", "put it back", "done")
    assert step.details == ["put-it-back group=web", "due 2026-11-21 04:00:00"]


def test_an_undo_is_a_step_of_its_own_kind() -> None:
    step = only(change(1, "start it again", undoing=True))
    assert (step.verb, step.details) == ("undo", ["ec2:StopInstances InstanceIds=[i-1]"])


def test_waits_and_proofs_say_how_long_and_what_was_seen_last() -> None:
    announced = entry(1, "wait", title="it answers", call="ec2:DescribeInstances", parameters={})
    missed = {"proved": "it answers", "tries": 7, "faults": 2, "since": at(10), "at": at(130), "seen": "stopping"}
    step = only(announced, entry(2, "closing", missed))
    assert (step.verb, step.state) == ("prove", "failed")
    assert step.result == ["not met after 7 looks in 2 min, 2 of them in vain", "seen last: stopping"]
    met = {"waited": "it answers", "met": True, "tries": 1, "since": at(10), "at": at(10), "value": {"state": "ok"}}
    short = only(entry(1, "closing", met))
    assert (short.verb, short.state, short.result) == ("wait", "done", ["met after 1 look", "state=ok"])


def test_reads_and_preconditions_say_what_was_found() -> None:
    facts: list[dict[str, Any]] = [
        {"held": ["arn:aws:autoscaling:eu-west-1:1:group"], "at": at(1)},
        {"read": "find it", "call": "ec2:DescribeInstances", "value": {"id": "i-1", "group": None}, "at": at(2)},
        {"require": "it runs", "held": False},
        {"read": "find more", "call": "ec2:DescribeInstances", "missing": "there is no such instance"},
    ]
    told = steps([entry(1, "closing", *facts)])
    assert [(step.verb, step.state) for step in told] == [
        ("hold", "done"),
        ("read", "done"),
        ("require", "failed"),
        ("read", "failed"),
    ]
    assert told[1].result == ["id=i-1, group=none"]


def test_a_pause_is_over_once_the_run_went_on() -> None:
    pause = entry(1, "wait", title="the OK, held for 5 min", within="300s", callback="c-1")
    assert [(step.verb, step.state) for step in steps([pause])] == [("pause", "open")]
    assert [(step.verb, step.state) for step in steps([pause, entry(2, "closing")])] == [("pause", "done")]


def test_an_approval_stands_beside_its_question() -> None:
    """Who agreed, and why; without a decision that nobody answered."""
    question = entry(1, "wait", title="approve the plan", approval="d6", within="1800s", callback="c-1")
    yes = {"asked": "approve the plan", "decision": "approved", "by": ["arn:aws:iam::1:user/bob"], "at": at(15)}
    step = only(question, entry(2, "closing", {**yes, "reason": "it is night"}))
    assert (step.verb, step.state, step.result) == ("approve", "done", ["approved by bob", "because: it is night"])
    assert (step.until, step.ended) == (START + timedelta(seconds=1810), START + timedelta(seconds=15))
    late = only(question, entry(2, "closing", {"asked": "approve the plan", "answer": "nobody answered"}))
    assert (late.state, late.result) == ("failed", ["nobody answered"])


def test_what_may_be_missing_is_no_failure() -> None:
    """A name that was to be free."""
    free = {"read": "is it free?", "call": "dynamodb:DescribeTable", "missing": "no such table", "value": None}
    assert (only(entry(1, "closing", free)).state, only(entry(1, "closing", free)).result) == (
        "done",
        ["no such table"],
    )


def test_what_somebody_edited_is_a_step_that_says_so() -> None:
    """The others are told all the same."""
    edited = entry(1, "change", title="stop it")
    told = steps([edited, entry(2, "closing", {"require": "it runs", "held": True})])
    assert [(step.verb, step.state, step.entry) for step in told] == [("odd", "failed", 1), ("require", "done", 2)]


def read(title: str, **value: Any) -> dict[str, Any]:
    return {"read": title, "call": "ec2:DescribeInstances", "value": value}


def test_what_is_different_is_what_the_same_probe_saw_before_and_after() -> None:
    """The last before the first change, and the last of all; another probe's values are not compared."""
    first = [read("find it", size=1, state="new"), read("find it", size=2, state="running"), read("look", other=1)]
    made = {"changed": "grow it", "how": "once", "result": {"size": 99, "state": "x"}}
    seen = {"proved": "it is large", "met": True, "value": {"size": 3, "state": "running"}}
    found = differences(steps([change(1, "grow it", *first), entry(2, "closing", made, seen)]))
    assert [(each.name, each.before, each.after) for each in found] == [("size", 2, 3)]
    assert differences(steps([entry(1, "closing", *first, read("find it", size=4, state="x"))])) == []
