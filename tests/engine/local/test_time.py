"""A run's time is the clock's."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from aws_durable_execution_sdk_python.context import DurableContext
from aws_durable_execution_sdk_python.execution import durable_execution

from nightcrew.authoring.steps import Json, Steps
from nightcrew.clock import StoppedClock
from nightcrew.engine.local import Ended, Journal
from tests.engine.local.driving import started, started_on

HOURS = 3600


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
