"""What ``Steps`` promises, on each engine."""

from functools import partial
from pathlib import Path

import pytest
from aws_durable_execution_sdk_python_testing.executor import Executor

from nightcrew.authoring.steps import BeyondUse, Interrupted, Json, StepFailed, Steps
from tests.engine.engines import Answer, Crashed, Engine, Local, Runner


@pytest.fixture(params=[Local, Crashed, Runner])
def engine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(Executor, "RETRY_BACKOFF_SECONDS", 0)
    made: Engine = request.param(tmp_path)
    return made


def replay(steps: Steps, title: str = "replayed") -> None:
    """Suspends, so that the body runs once more from its beginning."""
    steps.poll(title, lambda state: (True, None if state else 1))


def test_a_run_gets_what_its_bodies_give_back_as_json(engine: Engine) -> None:
    def body(steps: Steps) -> Json:
        return [
            steps.once("a mapping", lambda: {"a": [1, 2.5, None, True], 7: ("x", "y")}),
            steps.repeat("nothing", lambda: None),
            steps.repeat("text", lambda: "ä"),
        ]

    ended = engine.run(body, crash="after STEP SUCCEED nothing")

    assert ended.status == "SUCCEEDED"
    assert ended.result == [{"a": [1, 2.5, None, True], "7": ["x", "y"]}, None, "ä"]


def test_a_result_is_not_computed_again_on_replay(engine: Engine) -> None:
    def body(steps: Steps) -> Json:
        engine.tally.mark("body")
        first = steps.once("first", lambda: engine.tally.mark("first"))
        second = steps.repeat("second", lambda: engine.tally.mark("second"))
        replay(steps)
        return [first, second]

    ended = engine.run(body, crash="after STEP SUCCEED second")

    assert ended.result == [1, 1]
    assert engine.tally.of("body") >= 2
    assert engine.tally.of("first") == engine.tally.of("second") == 1


def test_a_once_that_died_inside_is_interrupted_and_further_steps_go_on(engine: Engine) -> None:
    def stop_it() -> Json:
        engine.tally.mark("called")
        engine.die()

    def body(steps: Steps) -> Json:
        try:
            steps.once("stop it", stop_it)
        except Interrupted as interrupted:
            engine.tally.mark(f"interrupted: {interrupted.title}")
        again = steps.once("stop it, interrupted 1", lambda: "stopped")
        replay(steps)
        return again

    ended = engine.run(body, crash="inside")

    assert ended.result == "stopped"
    assert engine.tally.of("called") == 1
    assert engine.tally.of("interrupted: stop it") >= 2, "it is interrupted again on each replay"


def test_a_repeat_that_died_inside_is_called_again(engine: Engine) -> None:
    def read() -> Json:
        times = engine.tally.mark("called")
        if times == 1:
            engine.die()
        return times

    ended = engine.run(lambda steps: steps.repeat("read", read), crash="inside")

    assert ended.result == 2


def test_a_check_that_died_inside_is_called_again(engine: Engine) -> None:
    def check(state: Json | None) -> tuple[Json, float | None]:
        times = engine.tally.mark("called")
        if times == 1:
            engine.die()
        return [state, times], None

    ended = engine.run(lambda steps: steps.poll("it has stopped", check), crash="inside")

    assert ended.result == [None, 2]


def test_a_poll_hands_each_state_to_its_next_check(engine: Engine) -> None:
    def check(state: Json | None) -> tuple[Json, float | None]:
        engine.tally.mark("checked")
        seen = [*(state or []), len(state or [])]
        return seen, None if len(seen) == 4 else 1000.5

    def body(steps: Steps) -> Json:
        seen = steps.poll("it has stopped", check)
        replay(steps)
        return seen

    ended = engine.run(body, crash="after STEP RETRY it has stopped")

    assert ended.result == [0, 1, 2, 3]
    assert engine.tally.of("checked") == 4, "a poll that is done is not checked again on replay"


def test_a_poll_may_be_done_at_its_first_check(engine: Engine) -> None:
    ended = engine.run(lambda steps: steps.poll("it runs", lambda _: ({}, None)), crash="after STEP SUCCEED it runs")

    assert ended.result == {}


def test_a_pause_ends_with_its_time(engine: Engine) -> None:
    ended = engine.run(lambda steps: [steps.pause("settle", 1)], crash="after CALLBACK START settle")

    assert ended.result == [None]


def test_a_pause_of_no_time_ends_too(engine: Engine) -> None:
    ended = engine.run(lambda steps: [steps.pause("settle", 0)], crash="after CALLBACK START settle")

    assert ended.result == [None]


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (Answer('{"approved": true, "by": ["ana"]}'), {"approved": True, "by": ["ana"]}),
        (Answer(), {}),
        (Answer("null"), {}),
        (Answer("fine with me"), "fine with me"),
        (Answer(failure="cancelled by ana"), {"failed": "cancelled by ana"}),
    ],
)
def test_a_pause_ends_with_an_answer(engine: Engine, answer: Answer, seen: Json) -> None:
    def body(steps: Steps) -> Json:
        answered = steps.pause("approve", 3600, engine.announce)
        replay(steps)
        return answered

    ended = engine.run(body, crash="inside", answer=answer)

    assert ended.result == seen


def test_a_pause_announces_the_same_id_each_time_the_run_comes_by(engine: Engine) -> None:
    def body(steps: Steps) -> Json:
        steps.pause("approve", 3600, engine.announce)
        return None

    engine.run(body, crash="inside", answer=Answer("true"))

    announced = engine.tally.all()
    assert len(announced) >= 2
    assert len(set(announced)) == 1


def test_steps_inside_an_announcement_are_not_computed_again(engine: Engine) -> None:
    def body(steps: Steps) -> Json:
        def announce(callback_id: str) -> None:
            steps.repeat("write its entry", lambda: engine.tally.mark("written"))
            engine.announce(callback_id)

        return steps.pause("approve", 3600, announce)

    ended = engine.run(body, crash="inside", answer=Answer("[1]"))

    assert ended.result == [1]
    assert engine.tally.of("written") == 1


def test_a_failed_step_is_the_same_at_first_and_on_replay(engine: Engine) -> None:
    def fail() -> Json:
        engine.tally.mark("called")
        raise OwnError("it is gone")

    def check(_: Json | None) -> tuple[Json, float | None]:
        raise OwnError("it is gone")

    def body(steps: Steps) -> Json:
        for attempt in (
            partial(steps.once, "once", fail),
            partial(steps.repeat, "repeat", fail),
            partial(steps.poll, "poll", check),
        ):
            with pytest.raises(StepFailed) as failed:
                attempt()
            engine.tally.mark(f"{failed.value.error_type} | {failed.value.message}")
        replay(steps)
        return "went on"

    ended = engine.run(body, crash="after STEP FAIL poll")

    assert ended.result == "went on"
    assert engine.tally.of("called") == 2
    failures = [line for line in engine.tally.all() if line != "called"]
    assert len(failures) >= 6
    assert set(failures) == {f"{OwnError.__module__}.OwnError | it is gone"}


class OwnError(Exception):
    """An error that the engine knows nothing of."""


def test_a_value_that_is_no_json_fails_its_step_and_names_the_place(engine: Engine) -> None:
    strange = {"find it": {"tags": [1, {2, 3}]}, "measure it": float("nan"), "name it": {("a",): 1}}

    def body(steps: Steps) -> Json:
        seen = []
        for title in strange:
            with pytest.raises(StepFailed) as failed:
                steps.repeat(title, partial(dict.get, strange, title))
            seen.append(failed.value.message.partition(" is not allowed")[0])
        return seen

    ended = engine.run(body, crash="after STEP FAIL measure it")

    assert ended.result == ["find it.tags.1: {2, 3}", "measure it: nan", "name it: ('a',)"]


@pytest.mark.parametrize("verb", ["once", "repeat", "poll", "pause"])
def test_a_run_that_is_not_the_same_on_replay_is_beyond_use(engine: Engine, verb: str) -> None:
    """Nothing takes it for a failed step, nor an ``except Exception`` for an error of the runbook's own."""

    def body(steps: Steps) -> Json:
        title = f"stop it, {engine.tally.mark('body')}"
        try:
            match verb:
                case "once":
                    steps.once(title, lambda: None)
                case "repeat":
                    steps.repeat(title, lambda: None)
                case "poll":
                    steps.poll(title, lambda state: (1, None if state else 1))
                case _:
                    steps.pause(title, 1)
            replay(steps)
        except Exception as error:  # noqa: BLE001  what a careless runbook does
            return f"swallowed: {error!r}"
        except BeyondUse as beyond:
            return f"closed: {beyond}"
        return "never"

    first = {"once": "STEP SUCCEED", "repeat": "STEP SUCCEED", "poll": "STEP RETRY", "pause": "CALLBACK START"}[verb]
    ended = engine.run(body, crash=f"after {first} stop it, 1")

    assert ended.status == "SUCCEEDED"
    assert ended.result.startswith("closed: Non-deterministic")


def test_an_except_exception_around_a_verb_does_not_swallow_a_suspension(engine: Engine) -> None:
    def body(steps: Steps) -> Json:
        try:
            replay(steps)
        except Exception:  # noqa: BLE001  what a careless runbook does
            return "swallowed"
        return "waited"

    ended = engine.run(body, crash="after STEP RETRY replayed")

    assert ended.result == "waited"


def test_an_error_that_nobody_caught_fails_the_run_with_its_words(engine: Engine) -> None:
    def body(steps: Steps) -> Json:
        steps.once("stop it", lambda: None)
        raise OwnError("nobody caught it")

    ended = engine.run(body, crash="after STEP SUCCEED stop it")

    assert ended.status == "FAILED"
    assert ended.error == f"{OwnError.__module__}.OwnError: nobody caught it"
