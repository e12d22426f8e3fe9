"""Writes to a journal as the SDK does."""

from aws_durable_execution_sdk_python.identifier import OperationIdentifier
from aws_durable_execution_sdk_python.lambda_service import (
    CallbackOptions,
    CheckpointOutput,
    ErrorObject,
    Operation,
    OperationType,
    OperationUpdate,
    WaitOptions,
)

from nightcrew.engine.local import Invocation, Journal

ERROR = ErrorObject("it is gone", "ValueError", None, None)


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
