"""Durable executions in one SQLite file: what Lambda's backend keeps, for the SDK's ``DurableServiceClient``.

A checkpoint is one transaction, on disk when it returns. Each invocation gets a token, each checkpoint the next one,
and an older one is refused: of two processes that drive one run, only the one that began last can write.
"""

import re
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aws_durable_execution_sdk_python.exceptions import CheckpointError, GetExecutionStateError
from aws_durable_execution_sdk_python.lambda_service import (
    CheckpointOutput,
    CheckpointUpdatedExecutionState,
    DurableServiceClient,
    ErrorObject,
    ExecutionDetails,
    Operation,
    OperationAction,
    OperationStatus,
    OperationType,
    OperationUpdate,
    StateOutput,
)

from nightcrew.clock import Clock, moment, stamp
from nightcrew.engine.local.operations import answered, refusal, said
from nightcrew.engine.local.store import Store, one
from nightcrew.engine.local.tables import kept_from
from nightcrew.errors import BadInput

Watch = Callable[[str, str, str], None]
"""Told (run, ``before`` or ``after``, ``STEP START stop it``) for each update of a checkpoint: before its transaction,
and after it is on disk. The SDK's own thread calls it: an ``Exception`` ends the invocation, anything else hangs it."""

_ARN = "arn:aws:lambda:local:000000000000:function:nightcrew:1/durable-execution/{name}/{name}"
_UNFINISHED = {"RUNNING", "WAITING"}


@dataclass(frozen=True)
class Invocation:
    """One go at a run: what the handler gets. ``operations`` are all that were recorded, the execution itself first."""

    name: str
    number: int
    arn: str
    token: str
    operations: list[Operation]


class Journal(DurableServiceClient):
    """All runs of one file, or of this process for ``:memory:``. Safe under threads and processes."""

    def __init__(self, path: str | Path, clock: Clock, watch: Watch | None = None) -> None:
        self._store = Store(path)
        self._clock = clock
        self._watch = watch

    def close(self) -> None:
        self._store.close()

    # --- runs

    def open(self, name: str, payload: str) -> bool:
        """Record a run; False if it is there already. Raises ``BadInput`` if it is, with another payload."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
            raise BadInput("name", name, "an execution's name is 1 to 64 letters, digits, - and _")
        with self._store.transaction():
            there = self._store.rows("SELECT payload FROM runs WHERE name = ?", name)
            if not there:
                query = "INSERT INTO runs VALUES (?, ?, ?, 'RUNNING', NULL, NULL, 0, 0, 0, 0)"
                self._store.write(query, name, payload, stamp(self._clock.now()))
        if there and there[0]["payload"] != payload:
            raise BadInput("payload", payload, f"{name} was opened with {there[0]['payload']}")
        return not there

    def begin(self, name: str) -> Invocation | None:
        """A new invocation, which alone may write from now on; None if the run has ended. Raises ``Unknown``."""
        with self._store.transaction():
            run = self._store.run(name)
            if run["status"] not in _UNFINISHED:
                return None
            query = "UPDATE runs SET status = 'RUNNING', invocation = invocation + 1, sequence = 0, seen = changes"
            self._store.write(f"{query} WHERE name = ?", name)
            kept = self._store.operations(run)
        execution = Operation(
            operation_id=name,
            operation_type=OperationType.EXECUTION,
            status=OperationStatus.STARTED,
            start_timestamp=moment(run["opened"]),
            execution_details=ExecutionDetails(run["payload"]),
        )
        number = run["invocation"] + 1
        operations = [execution, *(each.operation for each in kept)]
        return Invocation(name, number, _ARN.format(name=name), f"{number}.0", operations)

    def finish(
        self, invocation: Invocation, status: str, *, result: str | None = None, error: str | None = None
    ) -> bool:
        """Record how an invocation ended: WAITING, or how its run did, SUCCEEDED or FAILED.

        False, and nothing is recorded, if it is not the run's last invocation, or the run has ended.
        """
        with self._store.transaction():
            run = self._store.run(invocation.name)
            if run["invocation"] != invocation.number or run["status"] != "RUNNING":
                return False
            self._end(invocation.name, status, result, error)
        return True

    def holds(self, invocation: Invocation) -> bool:
        """Whether an invocation may still write: its run has not ended, and no other one has begun since."""
        query = "SELECT 1 FROM runs WHERE name = ? AND invocation = ? AND status = 'RUNNING'"
        return bool(self._store.read(query, invocation.name, invocation.number))

    def status(self, name: str) -> str:
        """RUNNING (also after a crash), WAITING, SUCCEEDED or FAILED. Raises ``Unknown``."""
        return self.ended(name)[0]

    def ended(self, name: str) -> tuple[str, str | None, str | None]:
        """Status, result (JSON text) and error (words). Raises ``Unknown``."""
        run = one(self._store.read("SELECT status, result, error FROM runs WHERE name = ?", name), f"run {name}")
        return run["status"], run["result"], run["error"]

    def unfinished(self) -> list[str]:
        """The runs that have not ended, the oldest first."""
        rows = self._store.read("SELECT name FROM runs WHERE status IN ('RUNNING', 'WAITING') ORDER BY opened, name")
        return [row["name"] for row in rows]

    # --- waiting

    def due(self, name: str) -> datetime | None:
        """When the first wait, next attempt or time-out of a run is due; None if nothing is."""
        query = (
            "SELECT MIN(due) AS due FROM operations WHERE run = ? AND due IS NOT NULL"
            " AND EXISTS (SELECT 1 FROM runs WHERE name = run AND runs.status IN ('RUNNING', 'WAITING'))"
        )
        first = self._store.read(query, name)[0]
        return moment(first["due"]) if first["due"] else None

    def fire(self, name: str, now: datetime) -> int:
        """Let pass what is due by then; how many that were."""
        with self._store.transaction():
            return len(self._store.fire(self._store.run(name), now))

    def owed(self, name: str) -> bool:
        """Whether a run owes an invocation: it has a crash behind it, or something that its last one was not told."""
        run = one(self._store.read("SELECT status, changes, seen FROM runs WHERE name = ?", name), f"run {name}")
        return run["status"] == "RUNNING" or bool(run["status"] == "WAITING" and run["changes"] > run["seen"])

    def wakes(self, name: str) -> bool:
        """Whether anything would wake a run that suspends now: something due, an answer, one that came already."""
        query = (
            "SELECT 1 FROM operations JOIN runs ON name = run WHERE run = ?"
            " AND (due IS NOT NULL OR changed > seen OR (type = 'CALLBACK' AND operations.status = 'STARTED')) LIMIT 1"
        )
        return bool(self._store.read(query, name))

    def callbacks(self, name: str) -> dict[str, str]:
        """The callbacks that wait for an answer: their titles by their ids."""
        query = (
            "SELECT callback, title FROM operations"
            " WHERE run = ? AND type = 'CALLBACK' AND status = 'STARTED' ORDER BY born"
        )
        return {row["callback"]: row["title"] or "" for row in self._store.read(query, name)}

    def run_of(self, callback_id: str) -> str:
        """The run that waits there, or waited. Raises ``Unknown``."""
        found = self._store.read("SELECT run FROM operations WHERE callback = ?", callback_id)
        return str(one(found, f"callback {callback_id}")["run"])

    def callback_succeed(self, callback_id: str, result: str | None = None) -> bool:
        """Answer a callback, with JSON text; False if it is over already. Raises ``Unknown``."""
        return self._answer(callback_id, OperationStatus.SUCCEEDED, result, None)

    def callback_fail(self, callback_id: str, error: str) -> bool:
        """Answer a callback with a failure, in words; False if it is over already. Raises ``Unknown``."""
        return self._answer(callback_id, OperationStatus.FAILED, None, ErrorObject.from_message(error))

    # --- what the SDK calls

    def checkpoint(
        self,
        durable_execution_arn: str,
        checkpoint_token: str,
        updates: list[OperationUpdate],
        client_token: str | None,
    ) -> CheckpointOutput:
        """Record the updates, all or none, and tell what changed since the last time.

        Raises ``CheckpointError``; for a stale token a retryable one, as Lambda: a later invocation has another.
        """
        name = durable_execution_arn.rpartition("/")[2]
        last = updates[-1] if updates and updates[-1].operation_type is OperationType.EXECUTION else None
        self._tell(name, "before", updates)
        with self._store.transaction():
            run = self._held(name, checkpoint_token, CheckpointError)
            now = self._clock.now()
            # Without updates the SDK asks what has become due: branches that wait side by side do.
            steps = updates[:-1] if last else updates
            changed = self._store.update(run, steps, now, _callback_id) if updates else self._store.fire(run, now)
            if run["changes"] > run["seen"]:
                changed = self._store.operations(run, after=run["seen"])
            self._store.write("UPDATE runs SET sequence = sequence + 1, seen = changes WHERE name = ?", name)
            if last:
                self._last(name, last)
        self._tell(name, "after", updates)
        token = None if last else f"{run['invocation']}.{run['sequence'] + 1}"
        return CheckpointOutput(token, CheckpointUpdatedExecutionState([kept.operation for kept in changed]))

    def get_execution_state(
        self,
        durable_execution_arn: str,
        checkpoint_token: str,
        next_marker: str,
        max_items: int = 1000,
    ) -> StateOutput:
        """All operations. ``begin`` and ``checkpoint`` hand out all there is at once, so the SDK has no need to ask."""
        with self._store.transaction():
            run = self._held(durable_execution_arn.rpartition("/")[2], checkpoint_token, GetExecutionStateError)
            return StateOutput([kept.operation for kept in self._store.operations(run)])

    # --- inside a transaction

    def _held(self, name: str, token: str, refused: type[CheckpointError | GetExecutionStateError]) -> sqlite3.Row:
        run = self._store.run(name)
        if token != f"{run['invocation']}.{run['sequence']}" or run["status"] != "RUNNING":
            raise refused(f"Invalid checkpoint token: {token} of {name} is stale, another invocation has begun since")
        return run

    def _last(self, name: str, update: OperationUpdate) -> None:
        """The SDK ends the run by a checkpoint when its result is too large to be an invocation's."""
        if update.action is OperationAction.SUCCEED:
            self._end(name, "SUCCEEDED", update.payload, None)
        elif update.action is OperationAction.FAIL:
            self._end(name, "FAILED", None, words(update.error))
        else:
            raise refusal(update, "an execution is started by its payload")

    def _end(self, name: str, status: str, result: str | None, error: str | None) -> None:
        query = "UPDATE runs SET status = ?, result = ?, error = ? WHERE name = ?"
        self._store.write(query, status, result, error, name)

    def _answer(self, callback_id: str, status: OperationStatus, result: str | None, error: ErrorObject | None) -> bool:
        now = self._clock.now()
        with self._store.transaction():
            found = self._store.rows("SELECT * FROM operations WHERE callback = ?", callback_id)
            callback = one(found, f"callback {callback_id}")
            run = self._store.run(callback["run"])
            late = callback["due"] is not None and callback["due"] <= stamp(now)
            if late or callback["status"] != "STARTED" or run["status"] not in _UNFINISHED:
                return False
            self._store.put(run, [answered(kept_from(callback), status, now, result=result, error=error)])
        return True

    # --- outside

    def _tell(self, name: str, point: str, updates: list[OperationUpdate]) -> None:
        if self._watch is not None:
            for update in updates:
                self._watch(name, point, said(update))


def words(error: ErrorObject | None) -> str:
    """An error as people read it: ``ValueError: no such thing``."""
    known = (error.type, error.message) if error else ()
    return ": ".join(part for part in known if part) or "no reason was given"


def _callback_id() -> str:
    # An id is all that an answer needs, so nobody may guess one: chance of the operating system's, for this alone.
    return secrets.token_urlsafe(24)
