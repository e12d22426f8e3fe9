"""Only the youngest life of a run may write."""

from pathlib import Path

import pytest
from aws_durable_execution_sdk_python.exceptions import CheckpointError, GetExecutionStateError
from aws_durable_execution_sdk_python.lambda_service import (
    OperationAction,
    OperationStatus,
    OperationType,
    OperationUpdate,
)

from nightcrew.clock import StoppedClock
from nightcrew.engine.local import Journal
from tests.engine.local.writing import Writer, recorded, start, succeed


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
