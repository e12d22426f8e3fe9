"""What becomes of an operation: by the SDK's updates, by time, by an answer. Nothing here reads or writes.

Source: the SDK itself, and its own test runner. One thing is other than there: the START of a further try keeps the
result of the last one, so that a poll keeps its state when it dies inside a check. The SDK looks for it there, too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aws_durable_execution_sdk_python.exceptions import CheckpointError, DurableApiErrorCategory
from aws_durable_execution_sdk_python.lambda_service import (
    CallbackDetails,
    CallbackTimeoutType,
    ContextDetails,
    ErrorObject,
    Operation,
    OperationAction,
    OperationStatus,
    OperationType,
    OperationUpdate,
    StepDetails,
    WaitDetails,
)


@dataclass(frozen=True)
class Kept:
    """An operation as the SDK knows it; ``due`` is when it changes by itself, if it does."""

    operation: Operation
    due: datetime | None = None


_LEADS: Mapping[tuple[OperationType, OperationAction], tuple[frozenset[OperationStatus | None], OperationStatus]] = {
    (OperationType.STEP, OperationAction.START): (frozenset({None, OperationStatus.READY}), OperationStatus.STARTED),
    (OperationType.STEP, OperationAction.RETRY): (frozenset({OperationStatus.STARTED}), OperationStatus.PENDING),
    (OperationType.STEP, OperationAction.SUCCEED): (frozenset({OperationStatus.STARTED}), OperationStatus.SUCCEEDED),
    (OperationType.STEP, OperationAction.FAIL): (frozenset({OperationStatus.STARTED}), OperationStatus.FAILED),
    (OperationType.WAIT, OperationAction.START): (frozenset({None}), OperationStatus.STARTED),
    (OperationType.CALLBACK, OperationAction.START): (frozenset({None}), OperationStatus.STARTED),
    (OperationType.CONTEXT, OperationAction.START): (frozenset({None}), OperationStatus.STARTED),
    (OperationType.CONTEXT, OperationAction.SUCCEED): (frozenset({OperationStatus.STARTED}), OperationStatus.SUCCEEDED),
    (OperationType.CONTEXT, OperationAction.FAIL): (frozenset({OperationStatus.STARTED}), OperationStatus.FAILED),
}
"""Which update leads from where (None: there is no such operation yet) to where."""


def updated(update: OperationUpdate, before: Kept | None, now: datetime, new_id: Callable[[], str]) -> Kept:
    """The operation after the update; ``new_id`` makes the id of a new callback.

    Raises ``CheckpointError``, of the kind that ends the execution, for what Lambda refuses, and for what needs Lambda.
    """
    old = before.operation if before else None
    sources, status = _LEADS.get((update.operation_type, update.action), (frozenset(), OperationStatus.FAILED))
    if (old.status if old else None) not in sources or (old and old.operation_type is not update.operation_type):
        raise refusal(update, f"it is {old.status.value}" if old else "there is none, or it needs Lambda")
    operation = replace(old, status=status) if old else _begun(update, status, now)
    match update.operation_type:
        case OperationType.STEP:
            return _step(update, operation, now)
        case OperationType.WAIT:
            due = now + timedelta(seconds=update.wait_options.wait_seconds if update.wait_options else 1)
            return Kept(replace(operation, wait_details=WaitDetails(due)), due)
        case OperationType.CALLBACK:
            return _callback(update, operation, now, new_id)
        case _:
            return _context(update, operation, now)


def passed(kept: Kept, now: datetime) -> Kept:
    """The operation after its ``due`` has come."""
    operation = kept.operation
    match operation.operation_type:
        case OperationType.STEP:
            details = replace(operation.step_details or StepDetails(), next_attempt_timestamp=None)
            return Kept(replace(operation, status=OperationStatus.READY, step_details=details))
        case OperationType.WAIT:
            return Kept(replace(operation, status=OperationStatus.SUCCEEDED, end_timestamp=now))
        case _:
            late = ErrorObject("Callback timed out", CallbackTimeoutType.TIMEOUT.value, None, None)
            return answered(kept, OperationStatus.TIMED_OUT, now, error=late)


def answered(
    kept: Kept, status: OperationStatus, now: datetime, *, result: str | None = None, error: ErrorObject | None = None
) -> Kept:
    """The callback after somebody answered, or nobody did in time."""
    operation = kept.operation
    details = replace(operation.callback_details or CallbackDetails(""), result=result, error=error)
    return Kept(replace(operation, status=status, end_timestamp=now, callback_details=details))


def refusal(update: OperationUpdate, why: str) -> CheckpointError:
    """What the SDK takes as the end of the execution: another try would do the same."""
    return CheckpointError(f"{said(update)}: not possible, {why}", DurableApiErrorCategory.EXECUTION)


def said(update: OperationUpdate) -> str:
    """An update in words: ``STEP START stop it``."""
    return f"{update.operation_type.value} {update.action.value} {update.name or ''}".rstrip()


def _begun(update: OperationUpdate, status: OperationStatus, now: datetime) -> Operation:
    return Operation(
        operation_id=update.operation_id,
        operation_type=update.operation_type,
        status=status,
        parent_id=update.parent_id,
        name=update.name,
        sub_type=update.sub_type,
        start_timestamp=now,
    )


def _step(update: OperationUpdate, operation: Operation, now: datetime) -> Kept:
    details = operation.step_details or StepDetails()
    if update.action is OperationAction.START:
        return Kept(replace(operation, step_details=details))
    due = None
    if update.action is OperationAction.RETRY:
        due = now + timedelta(seconds=update.step_options.next_attempt_delay_seconds if update.step_options else 1)
    details = StepDetails(details.attempt + 1, due, update.payload, update.error)
    return Kept(replace(operation, step_details=details, end_timestamp=None if due else now), due)


def _callback(update: OperationUpdate, operation: Operation, now: datetime, new_id: Callable[[], str]) -> Kept:
    options = update.callback_options
    if options and options.heartbeat_timeout_seconds:
        raise refusal(update, "heartbeats are not kept here")
    due = now + timedelta(seconds=options.timeout_seconds) if options and options.timeout_seconds else None
    return Kept(replace(operation, callback_details=CallbackDetails(new_id())), due)


def _context(update: OperationUpdate, operation: Operation, now: datetime) -> Kept:
    if update.action is OperationAction.START:
        return Kept(replace(operation, context_details=ContextDetails()))
    again = update.context_options.replay_children if update.context_options else False
    details = ContextDetails(replay_children=again, result=update.payload, error=update.error)
    return Kept(replace(operation, context_details=details, end_timestamp=now))
