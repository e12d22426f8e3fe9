"""Callbacks, their answers, and what a run owes for them."""

import pytest
from aws_durable_execution_sdk_python.lambda_service import ErrorObject, OperationStatus

from nightcrew.clock import StoppedClock
from nightcrew.engine.local import Journal
from nightcrew.errors import Unknown
from tests.engine.local.writing import Writer, callback, recorded, start, succeed


def opened(journal: Journal, timeout: int = 0) -> str:
    (created,) = Writer(journal).write(callback("approve", timeout))
    assert created.callback_details is not None
    return created.callback_details.callback_id


def test_a_callback_is_answered_once(journal: Journal) -> None:
    callback_id = opened(journal)
    assert journal.callbacks("run") == {callback_id: "approve"}

    assert journal.callback_succeed(callback_id, '"yes"')
    assert not journal.callback_succeed(callback_id, '"no"')
    assert not journal.callback_fail(callback_id, "no")

    approved = recorded(journal)["approve"]
    assert approved.status is OperationStatus.SUCCEEDED
    assert approved.callback_details is not None
    assert approved.callback_details.result == '"yes"'
    assert journal.callbacks("run") == {}


def test_a_callback_may_be_answered_with_a_failure(journal: Journal) -> None:
    assert journal.callback_fail(opened(journal), "cancelled")

    failed = recorded(journal)["approve"]
    assert failed.status is OperationStatus.FAILED
    assert failed.callback_details is not None
    assert failed.callback_details.error == ErrorObject.from_message("cancelled")


def test_an_answer_after_the_time_is_none(journal: Journal, clock: StoppedClock) -> None:
    """Also where nobody has looked at the time yet."""
    callback_id = opened(journal, 60)
    clock.sleep(60)
    assert not journal.callback_succeed(callback_id, "true")

    journal.fire("run", clock.now())
    assert not journal.callback_succeed(callback_id, "true")
    assert recorded(journal)["approve"].status is OperationStatus.TIMED_OUT


def test_an_answer_to_a_run_that_has_ended_is_none(journal: Journal) -> None:
    writer = Writer(journal)
    writer.write(callback("approve"))
    (callback_id,) = journal.callbacks("run")
    journal.finish(writer.invocation, "FAILED", error="no")

    assert not journal.callback_succeed(callback_id, "true")


def test_an_unknown_callback_is_named(journal: Journal) -> None:
    with pytest.raises(Unknown, match="no callback guessed"):
        journal.callback_succeed("guessed", "true")


def test_the_ids_of_callbacks_cannot_be_told_from_one_another(journal: Journal, clock: StoppedClock) -> None:
    """Equal runs, steps and times give other ids."""
    other = Journal(":memory:", clock)
    other.open("run", "{}")

    ids = {opened(journal), opened(other)}
    assert len(ids) == 2
    assert all(len(each) >= 32 for each in ids)


def test_an_answer_while_the_run_goes_on_comes_with_the_next_checkpoint(journal: Journal) -> None:
    writer = Writer(journal)
    writer.write(callback("approve"))
    (callback_id,) = journal.callbacks("run")
    journal.callback_succeed(callback_id, "true")

    told = {operation.name: operation.status.value for operation in writer.write(start("read"))}
    assert told == {"approve": "SUCCEEDED", "read": "STARTED"}
    assert [operation.name for operation in writer.write(succeed("read"))] == ["read"], "each is told once"


def test_a_run_owes_an_invocation_after_a_crash_and_after_news(journal: Journal) -> None:
    writer = Writer(journal)
    writer.write(callback("approve"))
    assert journal.owed("run"), "it is running, or it died"

    journal.finish(writer.invocation, "WAITING")
    assert not journal.owed("run")

    (callback_id,) = journal.callbacks("run")
    journal.callback_succeed(callback_id, "true")
    assert journal.owed("run")

    journal.finish(Writer(journal).invocation, "SUCCEEDED")
    assert not journal.owed("run")
