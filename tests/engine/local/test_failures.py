"""What goes wrong in a run that is driven here."""

from datetime import timedelta
from typing import Any

import pytest
from aws_durable_execution_sdk_python.context import DurableContext
from aws_durable_execution_sdk_python.exceptions import (
    CheckpointError,
    DurableApiErrorCategory,
    InvocationError,
    SuspendExecution,
)
from aws_durable_execution_sdk_python.execution import durable_execution

from nightcrew.authoring.steps import BeyondUse, Json, Steps
from nightcrew.clock import StoppedClock
from nightcrew.engine.local import Ended, Journal
from nightcrew.engine.local.engine import RETRIES
from tests.engine.local.driving import started, started_on


def test_an_invocation_that_raises_is_tried_again_and_then_goes_on(journal: Journal, clock: StoppedClock) -> None:
    bodies: list[int] = []

    def body(steps: Steps) -> Json:
        bodies.append(1)
        if len(bodies) <= RETRIES:
            raise InvocationError("Lambda would invoke again")
        return "done"

    before = clock.now()
    assert started(body, journal, clock).drive("run").result == "done"
    assert len(bodies) == RETRIES + 1
    assert clock.now() - before == timedelta(seconds=1 + 2 + 4)


def test_an_invocation_that_always_raises_fails_its_run_in_the_end(journal: Journal, clock: StoppedClock) -> None:
    bodies: list[int] = []

    def body(steps: Steps) -> Json:
        bodies.append(1)
        raise InvocationError("the table is away")

    ended = started(body, journal, clock).drive("run")

    assert ended.status == "FAILED"
    assert "the table is away" in (ended.error or "")
    assert len(bodies) == RETRIES + 1
    assert journal.status("run") == "FAILED"


def test_what_is_no_exception_passes_and_nothing_is_recorded_of_its_step(journal: Journal, clock: StoppedClock) -> None:
    bodies: list[int] = []

    def body(steps: Steps) -> Json:
        def step() -> Json:
            bodies.append(1)
            if len(bodies) == 1:
                raise KeyboardInterrupt
            return "done"

        return steps.repeat("read", step)

    engine = started(body, journal, clock)
    with pytest.raises(KeyboardInterrupt):
        engine.drive("run")

    assert journal.status("run") == "RUNNING"
    assert engine.resume("run").result == "done"


def test_a_suspension_that_nothing_would_end_fails_the_run(journal: Journal, clock: StoppedClock) -> None:
    def body(steps: Steps) -> Json:
        raise SuspendExecution("for nothing")

    ended = started(body, journal, clock).drive("run")
    assert ended.status == "FAILED"
    assert "nothing would ever wake it" in (ended.error or "")


def test_a_check_that_died_after_others_gets_the_state_of_the_last_one(journal: Journal, clock: StoppedClock) -> None:
    states: list[Json | None] = []

    def check(state: Json | None) -> tuple[Json, float | None]:
        states.append(state)
        if len(states) == 3:
            raise KeyboardInterrupt
        return [len(states)], None if len(states) == 4 else 30

    engine = started(lambda steps: steps.poll("look", check), journal, clock)
    with pytest.raises(KeyboardInterrupt):
        engine.drive("run")

    assert engine.resume("run").result == [4]
    assert states == [None, [1], [2], [2]]


def test_a_step_that_only_lambda_can_do_fails_the_run_with_its_name(journal: Journal, clock: StoppedClock) -> None:
    @durable_execution
    def run(event: Any, context: DurableContext) -> Json:
        return context.invoke("other", {}, name="another function")

    ended = started_on(run, journal, clock).drive("run")
    assert ended.status == "FAILED"
    assert "CHAINED_INVOKE START another function" in (ended.error or "")


def test_a_checkpoint_that_is_refused_for_good_is_beyond_use(clock: StoppedClock) -> None:
    """So that the run can still be closed, outside of any step."""

    def watch(name: str, point: str, detail: str) -> None:
        if detail == "STEP SUCCEED stop it":
            raise CheckpointError("the operations are used up", DurableApiErrorCategory.EXECUTION)

    def body(steps: Steps) -> Json:
        try:
            steps.once("stop it", lambda: None)
        except BeyondUse as beyond:
            return f"closed: {beyond}"

    ended = started(body, Journal(":memory:", clock, watch), clock).drive("run")
    assert ended == Ended("SUCCEEDED", "closed: the operations are used up")


def test_a_checkpoint_that_failed_this_time_is_tried_in_another_invocation(clock: StoppedClock) -> None:
    """It is not beyond use: nothing may be closed for it."""
    failures: list[str] = []

    def watch(name: str, point: str, detail: str) -> None:
        if not failures:
            failures.append(detail)
            raise CheckpointError("try again")

    def body(steps: Steps) -> Json:
        try:
            return steps.once("stop it", lambda: "stopped")
        except BeyondUse:
            return "closed"

    assert started(body, Journal(":memory:", clock, watch), clock).drive("run").result == "stopped"
    assert failures == ["STEP START stop it"]
