"""The journal as Lambda's backend: runs, tokens, time, answers."""

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aws_durable_execution_sdk_python.exceptions import CheckpointError, GetExecutionStateError
from aws_durable_execution_sdk_python.identifier import OperationIdentifier
from aws_durable_execution_sdk_python.lambda_service import (
    CallbackOptions,
    ChainedInvokeOptions,
    CheckpointOutput,
    ContextOptions,
    ErrorObject,
    Operation,
    OperationAction,
    OperationStatus,
    OperationType,
    OperationUpdate,
    WaitOptions,
)

from nightcrew.clock import StoppedClock
from nightcrew.engine.local import Invocation, Journal
from nightcrew.errors import BadInput, Unknown

HOUR = timedelta(hours=1)

ERROR = ErrorObject("it is gone", "ValueError", None, None)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def journal(clock: StoppedClock) -> Journal:
    made = Journal(":memory:", clock)
    made.open("run", "{}")
    return made


class Writer:
    """Checkpoints for one invocation, as the SDK does: each with the token of the last one's answer."""

    def __init__(self, journal: Journal, name: str = "run") -> None:
        invocation = journal.begin(name)
        assert invocation is not None
        self.invocation: Invocation = invocation
        self._journal = journal
        self._token: str | None = invocation.token

    def write(self, *updates: OperationUpdate) -> list[Operation]:
        return self.checkpoint(*updates).new_execution_state.operations

    def checkpoint(self, *updates: OperationUpdate) -> CheckpointOutput:
        output = self._journal.checkpoint(self.invocation.arn, self._token or "", list(updates), None)
        self._token = output.checkpoint_token
        return output


def named(title: str, kind: OperationType = OperationType.STEP) -> OperationIdentifier:
    return OperationIdentifier(f"id of {title}", "Any", None, title, operation_type=kind)


def start(title: str) -> OperationUpdate:
    return OperationUpdate.create_step_start(named(title))


def succeed(title: str, result: str | None = "1") -> OperationUpdate:
    return OperationUpdate.create_step_succeed(named(title), result)


def poll_again(title: str, state: str, seconds: int) -> OperationUpdate:
    return OperationUpdate.create_wait_for_condition_retry(named(title), state, seconds)


def callback(title: str, timeout: int = 0) -> OperationUpdate:
    return OperationUpdate.create_callback(named(title, OperationType.CALLBACK), CallbackOptions(timeout))


def wait(title: str, seconds: int) -> OperationUpdate:
    return OperationUpdate.create_wait_start(named(title, OperationType.WAIT), WaitOptions(seconds))


def recorded(journal: Journal) -> dict[str | None, Operation]:
    """What a next invocation would get, by title."""
    return {operation.name: operation for operation in Writer(journal).invocation.operations[1:]}


# --- runs


def test_a_run_is_opened_once(journal: Journal) -> None:
    assert journal.open("other", '{"a":1}')
    assert not journal.open("other", '{"a":1}')
    assert journal.unfinished() == ["other", "run"]


def test_an_equal_name_with_another_payload_is_refused(journal: Journal) -> None:
    with pytest.raises(BadInput, match=r"run was opened with \{\}"):
        journal.open("run", '{"a":2}')


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65])
def test_a_name_that_lambda_would_not_take_is_refused(journal: Journal, name: str) -> None:
    with pytest.raises(BadInput, match="name"):
        journal.open(name, "{}")


def test_an_unknown_run_is_named(journal: Journal) -> None:
    for ask in (journal.begin, journal.status, journal.owed):
        with pytest.raises(Unknown, match="no run elsewhere"):
            ask("elsewhere")


def test_the_first_operation_is_the_execution_itself_with_its_payload(journal: Journal) -> None:
    journal.open("other", '{"a":1}')
    invocation = Writer(journal, "other").invocation

    (execution,) = invocation.operations
    assert execution.operation_type is OperationType.EXECUTION
    assert execution.operation_id == invocation.arn.split("/")[-1]
    assert execution.execution_details is not None
    assert execution.execution_details.input_payload == '{"a":1}'


def test_a_finished_run_begins_no_more(journal: Journal) -> None:
    writer = Writer(journal)
    assert journal.finish(writer.invocation, "SUCCEEDED", result="[1]")

    assert journal.begin("run") is None
    assert journal.ended("run") == ("SUCCEEDED", "[1]", None)
    assert journal.unfinished() == []
    assert not journal.finish(writer.invocation, "FAILED", error="late")
    assert journal.status("run") == "SUCCEEDED"


def test_the_file_is_its_owners_alone(tmp_path: Path, clock: StoppedClock) -> None:
    """Checkpoints hold what was read."""
    Journal(tmp_path / "journal.db", clock).close()

    assert stat.S_IMODE((tmp_path / "journal.db").stat().st_mode) == 0o600


def test_a_journal_opened_again_has_everything(tmp_path: Path, clock: StoppedClock) -> None:
    first = Journal(tmp_path / "journal.db", clock)
    first.open("run", "{}")
    Writer(first).write(
        start("stop it"),
        OperationUpdate.create_step_fail(named("stop it"), ERROR),
        start("look"),
        poll_again("look", "[1,30]", 30),
        callback("approve", 60),
        wait("settle", 90),
        OperationUpdate.create_context_start(named("part", OperationType.CONTEXT)),
        OperationUpdate.create_context_succeed(
            named("part", OperationType.CONTEXT), "[2]", context_options=ContextOptions(replay_children=True)
        ),
    )
    before = recorded(first)
    first.close()

    assert recorded(Journal(tmp_path / "journal.db", clock)) == before
    assert [operation.status.value for operation in before.values()] == [
        "FAILED",
        "PENDING",
        "STARTED",
        "STARTED",
        "SUCCEEDED",
    ]


# --- tokens


def test_a_stale_token_is_refused_and_nothing_is_recorded(journal: Journal) -> None:
    """Two lives of one run, both begun: only the younger one writes."""
    older = Writer(journal)
    older.write(start("stop it"))
    younger = Writer(journal)

    with pytest.raises(CheckpointError, match="Invalid checkpoint token") as refused:
        older.write(succeed("stop it"))

    assert refused.value.is_retryable(), "as Lambda's: it ends the invocation, not the execution"
    assert younger.write(succeed("stop it"))[0].status is OperationStatus.SUCCEEDED
    with pytest.raises(CheckpointError):
        older.write(start("start it"))
    assert list(recorded(journal)) == ["stop it"]


def test_each_checkpoint_has_a_token_of_its_own(journal: Journal) -> None:
    writer = Writer(journal)
    used = writer.invocation.token
    writer.write(start("stop it"))

    with pytest.raises(CheckpointError, match="stale"):
        journal.checkpoint(writer.invocation.arn, used, [succeed("stop it")], None)


def test_a_life_that_was_overtaken_cannot_end_the_run(journal: Journal) -> None:
    older = Writer(journal)
    younger = Writer(journal)

    assert not journal.finish(older.invocation, "FAILED", error="fenced off")
    assert journal.status("run") == "RUNNING"
    assert journal.finish(younger.invocation, "SUCCEEDED")


def test_a_life_that_was_overtaken_cannot_read(journal: Journal) -> None:
    older = Writer(journal).invocation
    younger = Writer(journal).invocation

    with pytest.raises(GetExecutionStateError):
        journal.get_execution_state(older.arn, older.token, "")
    assert journal.get_execution_state(younger.arn, younger.token, "").operations == []


def test_a_refused_checkpoint_records_none_of_its_updates(journal: Journal) -> None:
    writer = Writer(journal)

    with pytest.raises(CheckpointError):
        writer.write(start("stop it"), succeed("start it"))

    assert recorded(journal) == {}


def test_a_checkpoint_that_is_refused_at_its_end_leaves_nothing_behind(journal: Journal) -> None:
    """Not even a used token: the transaction is taken back."""
    writer = Writer(journal)
    restart = OperationUpdate("run", OperationType.EXECUTION, OperationAction.START)

    with pytest.raises(CheckpointError, match="not possible"):
        writer.write(start("stop it"), restart)

    assert [operation.name for operation in writer.write(start("start it"))] == ["start it"]
    assert list(recorded(journal)) == ["start it"]


def test_a_stale_token_is_refused_between_processes_too(tmp_path: Path, clock: StoppedClock) -> None:
    here, there = Journal(tmp_path / "journal.db", clock), Journal(tmp_path / "journal.db", clock)
    here.open("run", "{}")
    older, younger = Writer(here), Writer(there)

    with pytest.raises(CheckpointError, match="stale"):
        older.write(start("stop it"))
    assert younger.write(start("stop it"))


# --- operations


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


# --- answers


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


# --- the watch


def test_a_watch_is_told_before_and_after_each_update_is_on_disk(tmp_path: Path, clock: StoppedClock) -> None:
    path = tmp_path / "journal.db"
    told: list[tuple[str, str, str, int]] = []

    def watch(name: str, point: str, detail: str) -> None:
        told.append((name, point, detail, len(recorded_elsewhere(path, clock))))

    journal = Journal(path, clock, watch)
    journal.open("run", "{}")
    writer = Writer(journal)
    writer.write(start("stop it"), succeed("stop it"))
    writer.write(callback("approve"))

    assert told == [
        ("run", "before", "STEP START stop it", 0),
        ("run", "before", "STEP SUCCEED stop it", 0),
        ("run", "after", "STEP START stop it", 1),
        ("run", "after", "STEP SUCCEED stop it", 1),
        ("run", "before", "CALLBACK START approve", 1),
        ("run", "after", "CALLBACK START approve", 2),
    ]


def recorded_elsewhere(path: Path, clock: StoppedClock) -> list[Operation]:
    """What another process sees on disk now, without beginning anything."""
    other = Journal(path, clock)
    run = other._store.run("run")
    operations = [kept.operation for kept in other._store.operations(run)]
    other.close()
    return operations
