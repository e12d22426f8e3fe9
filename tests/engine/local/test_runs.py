"""Runs in the journal: opened once, begun, finished, on disk."""

import stat
from pathlib import Path

import pytest
from aws_durable_execution_sdk_python.lambda_service import ContextOptions, Operation, OperationType, OperationUpdate

from nightcrew.clock import StoppedClock
from nightcrew.engine.local import Journal
from nightcrew.errors import BadInput, Unknown
from tests.engine.local.writing import ERROR, Writer, callback, named, poll_again, recorded, start, succeed, wait


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
