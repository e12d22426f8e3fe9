"""The three engines that one contract holds for: the local one, the local one after a crash, the SDK's own test runner.

Each runs a body, written against ``Steps``, to its end. A tally counts in a file: a crash takes what was in memory.
"""

import json
import os
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Protocol

from aws_durable_execution_sdk_python.exceptions import RetryableSerDesError
from aws_durable_execution_sdk_python.execution import durable_execution
from aws_durable_execution_sdk_python.lambda_service import ErrorObject
from aws_durable_execution_sdk_python_testing.runner import DurableFunctionTestRunner

from nightcrew.authoring.steps import Json, Steps
from nightcrew.clock import SkippingClock
from nightcrew.engine.local import Ended, Journal, LocalEngine
from nightcrew.engine.local.engine import Handler
from nightcrew.engine.local.journal import Watch
from nightcrew.engine.steps import DurableSteps

Body = Callable[[Steps], Json]

CRASHED = 9


def handler(body: Body) -> Handler:
    """What Lambda would be given for the body."""

    @durable_execution
    def run(event: object, context: object) -> Json:
        return body(DurableSteps(context))  # type: ignore[arg-type]

    return run


class Tally:
    """Counts what happened, across processes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def mark(self, what: str) -> int:
        """It happened; how often it has by now."""
        with self._path.open("a") as file:
            file.write(what + "\n")
        return self.of(what)

    def of(self, what: str) -> int:
        return self.all().count(what)

    def all(self) -> list[str]:
        return self._path.read_text().splitlines() if self._path.exists() else []


@dataclass(frozen=True)
class Answer:
    """What somebody sends to a callback: text, or a failure."""

    text: str | None = None
    failure: str | None = None


class Engine(Protocol):
    """Runs a body to its end; ``crash`` is where the engine that crashes does so."""

    tally: Tally

    def run(self, body: Body, *, crash: str, answer: Answer | None = None) -> Ended: ...

    def announce(self, callback_id: str) -> None:
        """For ``pause``: where the answer of ``run`` goes to."""

    def die(self) -> NoReturn:
        """Inside a body: the process ends here, or what comes closest to it."""


class Died(BaseException):
    """Stands for the end of a process that goes on."""


class Local:
    """The local engine, journal in memory."""

    def __init__(self, path: Path) -> None:
        self.tally = Tally(path / "tally")
        self._clock = SkippingClock()

    def run(self, body: Body, *, crash: str, answer: Answer | None = None) -> Ended:
        journal = Journal(":memory:", self._clock)
        LocalEngine(handler(body), journal, self._clock).start("run", {})
        return self.drive(body, journal, answer)

    def drive(self, body: Body, journal: Journal, answer: Answer | None) -> Ended:
        engine = LocalEngine(handler(body), journal, self._clock)
        ended = None
        while ended is None:
            try:
                ended = engine.drive("run", until=self._clock.now() if answer else None)
            except Died:
                continue
        if answer is None:
            return ended
        assert ended.status == "WAITING"
        (callback_id,) = journal.callbacks("run")
        if answer.failure is None:
            assert journal.callback_succeed(callback_id, answer.text)
        else:
            assert journal.callback_fail(callback_id, answer.failure)
        return engine.drive("run")

    def announce(self, callback_id: str) -> None:
        self.tally.mark(f"announced {callback_id}")

    def die(self) -> NoReturn:
        raise Died


class Crashed(Local):
    """The local engine in a process that ends by ``os._exit``; then here, with a new journal on the same file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._path = path / "journal.db"
        self._doomed = False

    def run(self, body: Body, *, crash: str, answer: Answer | None = None) -> Ended:
        child = os.fork()
        if child == 0:
            self._doomed = True
            try:
                journal = Journal(self._path, self._clock, exit_at(crash))
                LocalEngine(handler(body), journal, self._clock).start("run", {})
                self.drive(body, journal, answer)
                os._exit(0)
            except BaseException:  # noqa: BLE001  a forked test must never come back to pytest
                traceback.print_exc()
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == CRASHED, f"it did not crash: {crash}"
        journal = Journal(self._path, self._clock)
        ended = self.drive(body, journal, answer)
        journal.close()
        return ended

    def announce(self, callback_id: str) -> None:
        super().announce(callback_id)
        if self._doomed:
            os._exit(CRASHED)

    def die(self) -> NoReturn:
        assert self._doomed, "the second life may not die"
        os._exit(CRASHED)


def exit_at(crash: str) -> Watch:
    """Ends the process at a point like ``after STEP START stop it``."""

    def watch(name: str, point: str, detail: str) -> None:
        if f"{point} {detail}" == crash:
            os._exit(CRASHED)

    return watch


class Runner:
    """The SDK's own test runner. It skips polls, not time-outs, and takes a failed invocation for a crash."""

    def __init__(self, path: Path) -> None:
        self.tally = Tally(path / "tally")
        self._announced = threading.Event()
        self._callback = ""

    def run(self, body: Body, *, crash: str, answer: Answer | None = None) -> Ended:
        with DurableFunctionTestRunner(handler(body)) as runner:
            execution = runner.run_async(input="{}")
            if answer is not None:
                assert self._announced.wait(10)
                if answer.failure is None:
                    runner.send_callback_success(self._callback, answer.text.encode() if answer.text else None)
                else:
                    runner.send_callback_failure(self._callback, ErrorObject.from_message(answer.failure))
            result = runner.wait_for_result(execution, timeout=30)
        error = f"{result.error.type}: {result.error.message}" if result.error else None
        return Ended(result.status.value, json.loads(result.result) if result.result else None, error)

    def announce(self, callback_id: str) -> None:
        self.tally.mark(f"announced {callback_id}")
        self._callback = callback_id
        self._announced.set()

    def die(self) -> NoReturn:
        raise RetryableSerDesError("the step's end is not recorded, and the invocation is tried again")
