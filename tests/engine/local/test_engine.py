"""Driving runs in this process: time, crashes, retries, two drivers of one run."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aws_durable_execution_sdk_python.config import Duration, StepConfig
from aws_durable_execution_sdk_python.context import DurableContext
from aws_durable_execution_sdk_python.exceptions import (
    CheckpointError,
    DurableApiErrorCategory,
    InvocationError,
    SuspendExecution,
)
from aws_durable_execution_sdk_python.execution import durable_execution
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

from nightcrew.authoring.steps import BeyondUse, Json, Steps
from nightcrew.clock import SkippingClock, StoppedClock
from nightcrew.engine.local import Ended, Journal, LocalEngine
from nightcrew.engine.local.engine import RETRIES, Handler
from nightcrew.errors import BadInput, Unknown
from tests.engine.engines import Body, handler

HOURS = 3600


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def journal(clock: StoppedClock) -> Journal:
    return Journal(":memory:", clock)


def started(body: Body, journal: Journal, clock: StoppedClock) -> LocalEngine:
    return started_on(handler(body), journal, clock)


def started_on(made: Handler, journal: Journal, clock: StoppedClock) -> LocalEngine:
    engine = LocalEngine(made, journal, clock)
    engine.start("run", {"instance": "i-1"})
    return engine


# --- starting


def test_a_run_gets_its_payload(journal: Journal, clock: StoppedClock) -> None:
    @durable_execution
    def echo(event: Any, context: DurableContext) -> Json:
        return event

    assert started_on(echo, journal, clock).drive("run") == Ended("SUCCEEDED", {"instance": "i-1"})


def test_starting_runs_nothing_and_an_equal_name_runs_once(journal: Journal, clock: StoppedClock) -> None:
    bodies: list[int] = []

    def body(steps: Steps) -> Json:
        bodies.append(1)
        return "done"

    engine = started(body, journal, clock)
    engine.start("run", {"instance": "i-1"})
    assert bodies == []

    assert engine.drive("run") == engine.drive("run") == Ended("SUCCEEDED", "done")
    engine.start("run", {"instance": "i-1"})
    assert engine.resume("run").result == "done"
    assert bodies == [1]


def test_an_equal_name_with_another_payload_is_refused(journal: Journal, clock: StoppedClock) -> None:
    engine = started(lambda steps: None, journal, clock)
    with pytest.raises(BadInput, match="payload"):
        engine.start("run", {"instance": "i-2"})


def test_an_unknown_run_cannot_be_driven(journal: Journal, clock: StoppedClock) -> None:
    with pytest.raises(Unknown, match="elsewhere"):
        started(lambda steps: None, journal, clock).drive("elsewhere")


# --- time


def test_a_four_hour_wait_takes_four_hours_of_the_clock_and_no_real_time(journal: Journal, clock: StoppedClock) -> None:
    """A clock that stands still shows it: all the time that passes is what the engine slept on it."""
    before = clock.now()
    ended = started(lambda steps: [steps.pause("settle", 4 * HOURS)], journal, clock).drive("run")

    assert ended.result == [None]
    assert clock.now() - before == timedelta(hours=4)


def test_a_year_is_not_looked_at_second_by_second(journal: Journal) -> None:
    class Counting(StoppedClock):
        sleeps = 0

        def sleep(self, seconds: float) -> None:
            self.sleeps += 1
            super().sleep(seconds)

    clock = Counting()
    started(lambda steps: steps.pause("settle", 365 * 24 * HOURS), Journal(":memory:", clock), clock).drive("run")
    assert clock.sleeps < 20_000


def test_polls_come_at_the_times_that_they_asked_for(journal: Journal, clock: StoppedClock) -> None:
    times: list[datetime] = []

    def check(state: Json | None) -> tuple[Json, float | None]:
        times.append(clock.now())
        return len(times), [2, 2.5, 0, None][len(times) - 1]

    started(lambda steps: steps.poll("look", check), journal, clock).drive("run")

    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert gaps == [2, 3, 1], "in whole seconds, rounded up, at least one"


def test_a_clock_far_from_the_machines_own_decides(journal: Journal) -> None:
    """The SDK looks at the machine's clock; nothing that matters follows from it."""

    def body(steps: Steps) -> Json:
        return steps.poll("look", lambda state: (1, None if state else 60))

    for year in (1999, 2199):
        clock = StoppedClock(datetime.fromisoformat(f"{year}-01-01T00:00:00+00:00"))
        assert started(body, Journal(":memory:", clock), clock).drive("run").result == 1
        assert clock.now().isoformat() == f"{year}-01-01T00:01:00+00:00"


def test_a_run_is_driven_no_further_than_was_asked_for(journal: Journal, clock: StoppedClock) -> None:
    bodies: list[int] = []

    def body(steps: Steps) -> Json:
        bodies.append(1)
        return [steps.pause("settle", 60), steps.pause("settle more", 60)]

    engine = started(body, journal, clock)
    now = clock.now()

    assert engine.drive("run", until=now).status == "WAITING"
    assert engine.drive("run", until=now + timedelta(seconds=59)).status == "WAITING"
    assert clock.now() == now
    assert bodies == [1], "what waits is not invoked to no purpose"

    assert engine.drive("run", until=now + timedelta(seconds=60)).status == "WAITING"
    assert clock.now() == now + timedelta(seconds=60)
    assert engine.drive("run").status == "SUCCEEDED"


def test_an_answer_from_elsewhere_is_seen_before_the_time_is_over(tmp_path: Path) -> None:
    """Another process answers while this one waits."""
    path = tmp_path / "journal.db"

    class Impatient(StoppedClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            elsewhere = Journal(path, self)
            for callback_id in elsewhere.callbacks("run"):
                elsewhere.callback_succeed(callback_id, '"yes"')
            elsewhere.close()

    clock = Impatient()
    before = clock.now()
    ended = started(lambda steps: steps.pause("approve", 4 * HOURS), Journal(path, clock), clock).drive("run")

    assert ended.result == "yes"
    assert clock.now() - before < timedelta(seconds=15)


def test_a_run_that_waits_for_an_answer_alone_is_left_waiting(journal: Journal, clock: StoppedClock) -> None:
    @durable_execution
    def ask(event: Any, context: DurableContext) -> Json:
        return context.create_callback(name="approve").result()

    engine = started_on(ask, journal, clock)
    assert engine.drive("run") == Ended("WAITING")
    assert journal.status("run") == "WAITING"

    (callback_id,) = journal.callbacks("run")
    assert engine.answer(callback_id, {"approved": True})
    assert engine.resume("run").result == '{"approved": true}'


# --- whatever the SDK can send


def test_the_sdks_own_waits_retries_and_child_contexts_work(journal: Journal, clock: StoppedClock) -> None:
    tries: list[int] = []

    def flaky(_: object) -> int:
        tries.append(1)
        if len(tries) < 3:
            raise ValueError("not yet")
        return len(tries)

    def part(child: DurableContext) -> Json:
        child.wait(Duration.from_hours(1), name="settle")
        return [child.step(lambda _: "x" * 300_000, name="large"), "end"]

    retry = StepConfig(create_retry_strategy(RetryStrategyConfig(max_attempts=5, initial_delay=Duration(30))))

    @durable_execution
    def run(event: Any, context: DurableContext) -> Json:
        third = context.step(flaky, name="flaky", config=retry)
        length = [len(each) for each in context.run_in_child_context(part, name="part")]
        context.wait(Duration.from_hours(1), name="settle")
        return [third, length]

    before = clock.now()
    assert started_on(run, journal, clock).drive("run").result == [3, [300_000, 3]]
    assert clock.now() - before >= timedelta(hours=2)


def test_branches_side_by_side_work(journal: Journal) -> None:
    clock = SkippingClock()

    @durable_execution
    def run(event: Any, context: DurableContext) -> Json:
        def branch(child: DurableContext, item: int, *_: object) -> int:
            child.wait(Duration(item), name="settle")
            return child.step(lambda _: item * 10, name="multiply")

        return context.map([3600, 7200], branch, name="each").get_results()

    engine = LocalEngine(run, Journal(":memory:", clock), clock)
    engine.start("run", {})
    assert engine.drive("run").result == [36000, 72000]


def test_a_result_beyond_lambdas_limit_is_kept(journal: Journal, clock: StoppedClock) -> None:
    size = 6 * 1024 * 1024
    ended = started(lambda steps: "x" * size, journal, clock).drive("run")

    assert ended.status == "SUCCEEDED"
    assert len(ended.result) == size


def test_an_error_beyond_lambdas_limit_is_kept(journal: Journal, clock: StoppedClock) -> None:
    def body(steps: Steps) -> Json:
        raise ValueError("x" * 6 * 1024 * 1024)

    ended = started(body, journal, clock).drive("run")
    assert ended.status == "FAILED"
    assert (ended.error or "").startswith("ValueError: xxx")


def test_a_thousand_steps_are_recorded_and_replayed(journal: Journal, clock: StoppedClock) -> None:
    called: list[int] = []

    def step(number: int) -> Callable[[], int]:
        def call() -> int:
            called.append(number)
            return number

        return call

    def body(steps: Steps) -> Json:
        total = sum(steps.repeat(f"step {number}", step(number)) for number in range(1000))
        steps.pause("settle", 60)
        return total

    assert started(body, journal, clock).drive("run").result == sum(range(1000))
    assert called == list(range(1000))


# --- what goes wrong


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


# --- two drivers of one run


def test_a_driver_that_was_overtaken_stops_and_records_nothing(journal: Journal, clock: StoppedClock) -> None:
    """The other one begins while this one is inside a step."""
    called: list[str] = []

    def body(steps: Steps) -> Json:
        def overtaken() -> Json:
            called.append("stop it")
            assert journal.begin("run") is not None
            return "stopped"

        steps.once("stop it", overtaken)
        steps.once("start it", lambda: called.append("start it"))
        return "done"

    ended = started(body, journal, clock).drive("run")

    assert ended == Ended("SUPERSEDED")
    assert called == ["stop it"]
    assert journal.status("run") == "RUNNING"
    other = journal.begin("run")
    assert other is not None
    assert [operation.status.value for operation in other.operations[1:]] == ["STARTED"]


def test_a_driver_that_was_overtaken_at_its_end_does_not_end_the_run(journal: Journal, clock: StoppedClock) -> None:
    def body(steps: Steps) -> Json:
        assert journal.begin("run") is not None
        return "mine"

    assert started(body, journal, clock).drive("run") == Ended("SUPERSEDED")
    assert journal.ended("run") == ("RUNNING", None, None)


def test_a_driver_that_was_overtaken_to_the_end_tells_that_end(journal: Journal, clock: StoppedClock) -> None:
    def body(steps: Steps) -> Json:
        other = journal.begin("run")
        assert other is not None
        assert journal.finish(other, "SUCCEEDED", result='"the other one\'s"')
        return "mine"

    assert started(body, journal, clock).drive("run") == Ended("SUCCEEDED", "the other one's")


# --- quiet


def test_nothing_is_printed_when_steps_fail_and_waits_end(
    journal: Journal, clock: StoppedClock, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python prints what the SDK logs where nobody configured logging; pytest did, so it is taken away here."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("aws_durable_execution_sdk_python"), "handlers", [])

    def fail() -> Json:
        raise ValueError("no")

    def body(steps: Steps) -> Json:
        try:
            steps.once("stop it", fail)
        except Exception:  # noqa: BLE001  whatever it is
            steps.pause("settle", 60)
        raise ValueError("no")

    assert started(body, journal, clock).drive("run").status == "FAILED"
    assert capfd.readouterr() == ("", "")
