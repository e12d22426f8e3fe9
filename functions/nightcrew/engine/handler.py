"""The durable handler: what Lambda invokes, and what the local engine drives. The payload is the run's id, nothing
else.
"""

from collections.abc import Callable
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from nightcrew.engine.body import carry_out
from nightcrew.engine.installation import Installation
from nightcrew.engine.steps import DurableSteps


def durable_handler(installation: Callable[[], Installation]) -> Callable[[Any, Any], Any]:
    """A handler for the durable execution SDK. ``installation`` is asked at each invocation: the policy may have
    changed.
    """

    @durable_execution
    def handle(event: dict[str, Any], context: DurableContext) -> dict[str, Any]:
        return carry_out(str(event["run"]), DurableSteps(context), installation())

    return handle
