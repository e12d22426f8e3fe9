"""The durable handler: what Lambda invokes, and what the local engine drives. The payload is the run's id, nothing
else.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from nightcrew.engine.body import carry_out
from nightcrew.engine.installation import Installation
from nightcrew.engine.steps import DurableSteps


def durable_handler(
    installation: Callable[[], Installation],
    about: Callable[[str], AbstractContextManager[None]] = lambda run: nullcontext(),
) -> Callable[[Any, Any], Any]:
    """A handler for the durable execution SDK. ``installation`` is asked at each invocation: the policy may have
    changed. Each goes on within ``about`` of its run: for a log.
    """

    @durable_execution
    def handle(event: dict[str, Any], context: DurableContext) -> dict[str, Any]:
        run = str(event["run"])
        with about(run):
            return carry_out(run, DurableSteps(context), installation())

    return handle
