"""What becomes of operations, as on Lambda's backend."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from aws_durable_execution_sdk_python.exceptions import CheckpointError
from aws_durable_execution_sdk_python.lambda_service import (
    CallbackOptions,
    ChainedInvokeOptions,
    OperationStatus,
    OperationType,
    OperationUpdate,
)

from nightcrew.clock import StoppedClock
from nightcrew.engine.local import Journal
from tests.engine.local.writing import ERROR, Writer, callback, named, poll_again, recorded, start, succeed, wait

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "again",
    [
        lambda: start("done"),
        lambda: succeed("done"),
        lambda: succeed("never started"),
        lambda: poll_again("waiting", "2", 30),
        lambda: callback("approve"),
        lambda: wait("settle", 3),
        lambda: OperationUpdate.create_context_succeed(named("done", OperationType.CONTEXT), None),
        lambda: OperationUpdate.create_callback(named("heart", OperationType.CALLBACK), CallbackOptions(60, 5)),
        lambda: OperationUpdate.create_invoke_start(
            named("other function", OperationType.CHAINED_INVOKE), None, ChainedInvokeOptions("other")
        ),
    ],
)
def test_what_lambda_would_refuse_or_only_lambda_can_do_ends_the_execution(
    journal: Journal, again: Callable[[], OperationUpdate]
) -> None:
    writer = Writer(journal)
    writer.write(start("done"), succeed("done"), start("waiting"), poll_again("waiting", "1", 30))
    writer.write(callback("approve"), wait("settle", 3))

    with pytest.raises(CheckpointError, match="not possible") as refused:
        writer.write(again())

    assert not refused.value.is_retryable()


def test_a_retried_step_waits_and_is_then_ready_for_its_next_attempt(journal: Journal, clock: StoppedClock) -> None:
    writer = Writer(journal)
    (pending,) = writer.write(start("read"), OperationUpdate.create_step_retry(named("read"), ERROR, 30))

    assert pending.status is OperationStatus.PENDING
    assert pending.step_details is not None
    assert pending.step_details.attempt == 1
    assert pending.step_details.error == ERROR
    assert pending.step_details.next_attempt_timestamp == journal.due("run") == clock.now() + timedelta(seconds=30)

    assert journal.fire("run", clock.now() + timedelta(seconds=29)) == 0
    assert journal.fire("run", clock.now() + timedelta(seconds=30)) == 1
    ready = recorded(journal)["read"]
    assert ready.status is OperationStatus.READY
    assert journal.due("run") is None


def test_a_poll_keeps_its_state_when_its_next_check_has_begun(journal: Journal, clock: StoppedClock) -> None:
    """A crash inside that check must not lose it."""
    Writer(journal).write(start("look"), poll_again("look", "[7]", 30))
    journal.fire("run", clock.now() + HOUR)
    Writer(journal).write(start("look"))

    look = recorded(journal)["look"].step_details
    assert look is not None
    assert (look.result, look.attempt) == ("[7]", 1)


def test_a_wait_is_over_at_its_time(journal: Journal, clock: StoppedClock) -> None:
    Writer(journal).write(wait("settle", 3600))
    assert journal.due("run") == clock.now() + HOUR

    clock.sleep(3600)
    journal.fire("run", clock.now())

    settled = recorded(journal)["settle"]
    assert settled.status is OperationStatus.SUCCEEDED
    assert settled.end_timestamp == clock.now()


def test_the_earliest_of_what_is_due_counts(journal: Journal, clock: StoppedClock) -> None:
    Writer(journal).write(wait("long", 90), callback("approve", 60), start("look"), poll_again("look", "1", 75))
    assert journal.due("run") == clock.now() + timedelta(seconds=60)


def test_nothing_is_due_in_a_run_that_has_ended(journal: Journal) -> None:
    writer = Writer(journal)
    writer.write(wait("settle", 60))
    journal.finish(writer.invocation, "SUCCEEDED")

    assert journal.due("run") is None


def test_an_empty_result_is_not_taken_for_none(journal: Journal) -> None:
    Writer(journal).write(start("empty"), succeed("empty", ""), start("none"), succeed("none", None))

    details = {title: operation.step_details for title, operation in recorded(journal).items()}
    assert {title: each and each.result for title, each in details.items()} == {"empty": "", "none": None}


def test_a_checkpoint_without_updates_tells_what_has_become_due(journal: Journal, clock: StoppedClock) -> None:
    """So branches that wait side by side go on within one invocation."""
    writer = Writer(journal)
    writer.write(wait("settle", 60))
    assert writer.write() == []

    clock.sleep(60)
    (settled,) = writer.write()
    assert settled.status is OperationStatus.SUCCEEDED


def test_the_last_checkpoint_of_an_execution_ends_the_run_and_has_no_token(journal: Journal) -> None:
    writer = Writer(journal)
    output = writer.checkpoint(start("stop it"), succeed("stop it"), OperationUpdate.create_execution_succeed("[1]"))

    assert output.checkpoint_token is None
    assert journal.ended("run") == ("SUCCEEDED", "[1]", None)
    assert not journal.finish(writer.invocation, "SUCCEEDED", result=""), "it stays as it is"
    assert journal.ended("run") == ("SUCCEEDED", "[1]", None)


def test_an_execution_may_end_in_failure_by_a_checkpoint(journal: Journal) -> None:
    Writer(journal).checkpoint(OperationUpdate.create_execution_fail(ERROR))
    assert journal.ended("run") == ("FAILED", None, "ValueError: it is gone")
