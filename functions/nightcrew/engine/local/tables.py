"""The journal's two tables, and an operation as a row of one of them."""

import json
import sqlite3
from datetime import datetime
from typing import Any

from aws_durable_execution_sdk_python.lambda_service import (
    CallbackDetails,
    ContextDetails,
    ErrorObject,
    Operation,
    OperationStatus,
    OperationType,
    StepDetails,
    WaitDetails,
)

from nightcrew.clock import moment, stamp
from nightcrew.engine.local.operations import Kept

SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
  name TEXT PRIMARY KEY,
  payload TEXT NOT NULL,
  opened TEXT NOT NULL,
  status TEXT NOT NULL,        -- RUNNING | WAITING | SUCCEEDED | FAILED
  result TEXT,
  error TEXT,
  invocation INTEGER NOT NULL, -- counts the invocations: the last one may write
  sequence INTEGER NOT NULL,   -- counts its checkpoints: both make the token
  changes INTEGER NOT NULL,    -- counts the changes of operations
  seen INTEGER NOT NULL        -- those that the last invocation was told
);
CREATE TABLE IF NOT EXISTS operations (
  run TEXT NOT NULL,
  id TEXT NOT NULL,
  born INTEGER NOT NULL,       -- the change that made it: their order
  changed INTEGER NOT NULL,    -- the last change
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  parent TEXT,
  title TEXT,
  subtype TEXT,
  started TEXT NOT NULL,
  ended TEXT,
  due TEXT,                    -- when it changes by itself
  attempt INTEGER NOT NULL,
  result TEXT,
  error TEXT,
  again INTEGER NOT NULL,      -- a context too large to keep: its children are replayed
  callback TEXT,
  PRIMARY KEY (run, id)
);
CREATE UNIQUE INDEX IF NOT EXISTS callbacks ON operations (callback) WHERE callback IS NOT NULL;
CREATE INDEX IF NOT EXISTS dues ON operations (run, due) WHERE due IS NOT NULL;
"""

PUT = """
INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run, id) DO UPDATE SET
  changed = excluded.changed, status = excluded.status, ended = excluded.ended, due = excluded.due,
  attempt = excluded.attempt, result = excluded.result, error = excluded.error, again = excluded.again
"""


def row_from(run: str, change: int, kept: Kept) -> tuple[Any, ...]:
    """The values for ``PUT``."""
    operation = kept.operation
    details = operation.step_details or operation.callback_details or operation.context_details
    error = details.error if details else None
    return (
        run,
        operation.operation_id,
        change,
        change,
        operation.operation_type.value,
        operation.status.value,
        operation.parent_id,
        operation.name,
        operation.sub_type,
        _written(operation.start_timestamp),
        _written(operation.end_timestamp),
        _written(kept.due),
        operation.step_details.attempt if operation.step_details else 0,
        details.result if details else None,
        json.dumps(error.to_dict()) if error else None,
        int(operation.context_details.replay_children) if operation.context_details else 0,
        operation.callback_details.callback_id if operation.callback_details else None,
    )


def kept_from(row: sqlite3.Row) -> Kept:
    """The operation that ``row_from`` made this row of."""
    kind = OperationType(row["type"])
    due = _read(row["due"])
    error = ErrorObject.from_dict(json.loads(row["error"])) if row["error"] else None
    result = row["result"]
    operation = Operation(
        operation_id=row["id"],
        operation_type=kind,
        status=OperationStatus(row["status"]),
        parent_id=row["parent"],
        name=row["title"],
        sub_type=row["subtype"],
        start_timestamp=_read(row["started"]),
        end_timestamp=_read(row["ended"]),
        step_details=StepDetails(row["attempt"], due, result, error) if kind is OperationType.STEP else None,
        wait_details=WaitDetails(due) if kind is OperationType.WAIT else None,
        callback_details=CallbackDetails(row["callback"], result, error) if kind is OperationType.CALLBACK else None,
        context_details=ContextDetails(bool(row["again"]), result, error) if kind is OperationType.CONTEXT else None,
    )
    return Kept(operation, due)


def _written(moment_: datetime | None) -> str | None:
    return stamp(moment_) if moment_ else None


def _read(text: str | None) -> datetime | None:
    return moment(text) if text else None
