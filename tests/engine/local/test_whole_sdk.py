"""Whatever the SDK can send works on the local engine, beyond what Steps needs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from aws_durable_execution_sdk_python.config import Duration, StepConfig
from aws_durable_execution_sdk_python.context import DurableContext
from aws_durable_execution_sdk_python.execution import durable_execution
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

from nightcrew.authoring.steps import Json, Steps
from nightcrew.clock import SkippingClock, StoppedClock
from nightcrew.engine.local import Journal, LocalEngine
from tests.engine.local.driving import started, started_on


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
