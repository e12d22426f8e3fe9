"""Drives durable executions to their end in this process: what Lambda does around the handler.

The SDK reads the machine's clock in two places only: to name the time at which a suspended run would go on (which
nobody reads: the journal's times decide), and to let concurrent branches of one run wait side by side (``Steps`` has
none). So a run's time is all the clock's that is handed in here.
"""

import json
import logging
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aws_durable_execution_sdk_python.execution import DurableExecutionInvocationInputWithClient, InitialExecutionState
from aws_durable_execution_sdk_python.lambda_service import ErrorObject
from aws_durable_execution_sdk_python.types import LambdaContext

from nightcrew.clock import Clock
from nightcrew.engine.local.journal import Invocation, Journal, words

Handler = Callable[[Any, LambdaContext], MutableMapping[str, Any]]
"""What the SDK's ``durable_execution`` makes of a function."""

RETRIES = 3
"""How often an invocation that raised is tried once more, after 1, 2 and 4 seconds."""


@dataclass(frozen=True)
class Ended:
    """How driving a run ended.

    ``status`` is SUCCEEDED (with ``result``), FAILED (with ``error``), WAITING (for an answer, or for a later time than
    was asked for), or SUPERSEDED: another process drives the run now, and this one has recorded nothing since.
    """

    status: str
    result: Any = None
    error: str | None = None


class LocalEngine:
    """Runs a durable handler over a journal.

    Made, it gives the SDK's logger a handler that does nothing: without one, Python prints the traceback of each failed
    step, which the journal tells anyway, to stderr. Where logging is configured, those records go there.

    An answer may come from another process while it waits: it looks each second, or so many ``looks`` times at least.
    """

    def __init__(self, handler: Handler, journal: Journal, clock: Clock, *, looks: int = 1000) -> None:
        self._handler = handler
        self._journal = journal
        self._clock = clock
        self._looks = looks
        logger = logging.getLogger("aws_durable_execution_sdk_python")
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())

    def start(self, name: str, payload: Mapping[str, Any]) -> None:
        """Record a run, to be driven; a name is used once. Raises ``BadInput`` if it was, with another payload."""
        self._journal.open(name, json.dumps(payload, sort_keys=True, allow_nan=False))

    def drive(self, name: str, *, until: datetime | None = None) -> Ended:
        """Invoke a run until it has ended, or waits for nothing but answers; after a crash too. Raises ``Unknown``.

        It does not wait beyond ``until``: a time that has come already lets the run do what it can do now. What is no
        ``Exception`` passes, and leaves the run as after a crash.
        """
        while self._wait(name, until):
            if not self._invoke(name) and self._journal.status(name) in {"RUNNING", "WAITING"}:
                return Ended("SUPERSEDED")
        status, result, error = self._journal.ended(name)
        return Ended(status, json.loads(result) if result else None, error)

    def resume(self, name: str) -> Ended:
        """Drive on what a crash, or a missing answer, left."""
        return self.drive(name)

    def answer(self, callback_id: str, value: Any) -> bool:
        """Send a JSON value to a paused run; False if it waits no more. Raises ``Unknown``."""
        return self._journal.callback_succeed(callback_id, json.dumps(value, allow_nan=False))

    def _wait(self, name: str, until: datetime | None) -> bool:
        """Let time pass until the run owes an invocation; False if by itself it never will, or not so soon."""
        while not self._journal.owed(name):
            due = self._journal.due(name)
            if due is None or (until is not None and due > until):
                return False
            left = (due - self._clock.now()).total_seconds()
            if left <= 0:
                self._journal.fire(name, self._clock.now())
            else:
                # Each second alone, and a clock that skips a week would be asked a million times.
                self._clock.sleep(min(left, max(left / self._looks, 1.0)))
        return True

    def _invoke(self, name: str) -> bool:
        """Invoke the handler, and again where Lambda would; False if the run did not take how it ended."""
        retry = 0
        while (invocation := self._journal.begin(name)) is not None:
            try:
                output = self._handler(_input(invocation, self._journal), _Context(f"{name}.{invocation.number}"))
            except Exception as error:  # noqa: BLE001  as Lambda; an ending, or what ends the process, is none
                if retry < RETRIES and self._journal.holds(invocation):
                    self._clock.sleep(2.0**retry)
                    retry += 1
                    continue
                return self._journal.finish(invocation, "FAILED", error=words(ErrorObject.from_exception(error)))
            return self._finish(invocation, output)
        return True

    def _finish(self, invocation: Invocation, output: Mapping[str, Any]) -> bool:
        match output["Status"]:
            case "SUCCEEDED":
                return self._journal.finish(invocation, "SUCCEEDED", result=output.get("Result"))
            case "PENDING" if self._journal.wakes(invocation.name):
                return self._journal.finish(invocation, "WAITING")
            case "PENDING":
                return self._journal.finish(invocation, "FAILED", error="it suspended, and nothing would ever wake it")
            case _:
                error = ErrorObject.from_dict(output.get("Error") or {})
                return self._journal.finish(invocation, "FAILED", error=words(error))


@dataclass
class _Context(LambdaContext):
    """What Lambda tells a handler about its invocation: nothing of it matters here but that it has an id."""

    aws_request_id: str
    function_name: str | None = "nightcrew"
    function_version: str | None = "1"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000

    def log(self, msg: object) -> None:
        """Lambda would write it to the function's log."""


def _input(invocation: Invocation, journal: Journal) -> DurableExecutionInvocationInputWithClient:
    return DurableExecutionInvocationInputWithClient(
        durable_execution_arn=invocation.arn,
        checkpoint_token=invocation.token,
        initial_execution_state=InitialExecutionState(invocation.operations, ""),
        service_client=journal,
    )
