"""Durable steps on the durable execution SDK: the only place that touches its context.

The SDK sees text: a body's value is made JSON inside the step, so that what is no JSON is an ordinary failure of that
step, recorded and the same at replay; and it is read back here, so that the first run gets what a replay gets.

What is caught is what the SDK raises for a step that failed, by its exact class. What ends the whole execution becomes
``BeyondUse``, since the SDK's is an ``Exception``, which a runbook may swallow. All else passes: a suspension, and a
checkpoint that another life of the run overtook.
"""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from aws_durable_execution_sdk_python.config import CallbackConfig, Duration, StepConfig, StepSemantics
from aws_durable_execution_sdk_python.context import DurableContext
from aws_durable_execution_sdk_python.exceptions import (
    BackgroundThreadError,
    BotoClientError,
    CallbackExternalError,
    CallbackTimeoutError,
    DurableOperationError,
    ExecutionError,
    StepError,
    StepInterruptedError,
    WaitForConditionError,
)
from aws_durable_execution_sdk_python.retries import RetryPresets
from aws_durable_execution_sdk_python.serdes import PassThroughSerDes
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision

from nightcrew.authoring.steps import BeyondUse, Interrupted, Json, StepFailed
from nightcrew.errors import BadInput

_TEXT = PassThroughSerDes[str]()
_ONCE = StepConfig(RetryPresets.none(), StepSemantics.AT_MOST_ONCE_PER_RETRY, _TEXT)
_REPEAT = StepConfig(RetryPresets.none(), StepSemantics.AT_LEAST_ONCE_PER_RETRY, _TEXT)

_INTERRUPTED = f"{StepInterruptedError.__module__}.{StepInterruptedError.__qualname__}"


class DurableSteps:
    """``Steps`` of one invocation, over the context that the SDK hands to the handler."""

    def __init__(self, context: DurableContext) -> None:
        self._context = context

    def once(self, title: str, body: Callable[[], Json]) -> Json:
        return self._step(title, body, _ONCE)

    def repeat(self, title: str, body: Callable[[], Json]) -> Json:
        return self._step(title, body, _REPEAT)

    def poll(self, title: str, check: Callable[[Json | None], tuple[Json, float | None]]) -> Json:
        def look(kept: str | None, _: object) -> str:
            state, seconds = check(None if kept is None else json.loads(kept)[0])
            return _text(title, [state, None if seconds is None else max(math.ceil(seconds), 1)])

        config = WaitForConditionConfig[str | None](wait_strategy=_next_look, initial_state=None, serdes=_TEXT)
        try:
            with _engine():
                kept = self._context.wait_for_condition(look, config, name=title)
        except WaitForConditionError as error:
            _fail(title, error)
        return json.loads(kept or "[null]")[0]

    def pause(self, title: str, seconds: int, announce: Callable[[str], None] | None = None) -> Json | None:
        # A time-out of 0 would be none at all to Lambda.
        config = CallbackConfig(timeout=Duration(max(seconds, 1)))
        with _engine():
            callback = self._context.create_callback(name=title, config=config)
        if announce is not None:
            announce(callback.callback_id)
        try:
            sent: str | None = callback.result()
        except CallbackTimeoutError:
            return None
        except CallbackExternalError as error:
            return {"failed": error.message or ""}
        return _sent(sent)

    def _step(self, title: str, body: Callable[[], Json], config: StepConfig) -> Json:
        try:
            with _engine():
                kept = self._context.step(lambda _: _text(title, body()), title, config)
        except StepError as error:
            _fail(title, error)
        return json.loads(kept)


@contextmanager
def _engine() -> Iterator[None]:
    """Tells what ends the execution for good from what ends this invocation only, which passes."""
    try:
        yield
    except ExecutionError as error:
        raise BeyondUse(str(error)) from error
    except BackgroundThreadError as error:
        refused = error.source_exception
        if isinstance(refused, BotoClientError) and not refused.is_retryable():
            raise BeyondUse(str(refused)) from error
        raise


def _next_look(kept: str | None, _: int) -> WaitForConditionDecision:
    """From what is stored alone, so that a replay decides the same."""
    seconds = json.loads(kept or "[null, null]")[1]
    if seconds is None:
        return WaitForConditionDecision.stop_polling()
    return WaitForConditionDecision.continue_waiting(Duration(seconds))


def _fail(title: str, error: DurableOperationError) -> NoReturn:
    if error.error_type == _INTERRUPTED:
        raise Interrupted(title) from error
    raise StepFailed(error.error_type, error.message or "") from error


def _sent(text: str | None) -> Json:
    """What was sent to a callback. Who sends by hand, from AWS's console, may send words that are no JSON: text."""
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return {} if value is None else value


def _text(title: str, value: Json) -> str:
    """The value as JSON text; raises ``BadInput``, naming the place, for what is none."""
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        where, what = next(_strangers(title, value), (title, value))
        raise BadInput(where, what, f"a step gives back JSON values ({error})") from error


def _strangers(where: str, value: Json) -> Iterator[tuple[str, object]]:
    """Each thing in it that is no JSON value, with the way to it: ``find it.tags.3``."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str | int | float | None):
                yield where, key
            yield from _strangers(f"{where}.{key}", inner)
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _strangers(f"{where}.{place}", inner)
    elif not isinstance(value, str | int | float | None) or (isinstance(value, float) and not math.isfinite(value)):
        yield where, value
