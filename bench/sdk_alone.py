"""The restart of an instance as one would write it on the durable execution SDK alone: no ledger, no plan, no undo.

Step for step what the runbook does on our engine, of the same kinds: a change at most once, since a restart that is
made twice is an outage.
"""

from typing import Any

from aws_durable_execution_sdk_python import DurableContext
from aws_durable_execution_sdk_python.config import Duration, StepConfig, StepSemantics
from aws_durable_execution_sdk_python.retries import RetryPresets
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision

from nightcrew.aws.ec2 import checks_pass, is_stopped, only_instance, statuses

STEPS = 7
AT_MOST_ONCE = StepConfig(RetryPresets.none(), StepSemantics.AT_MOST_ONCE_PER_RETRY)


def restart(context: DurableContext, event: dict[str, Any], reading: Any, changing: Any) -> str:
    """``reading`` and ``changing`` are EC2 clients. Returns the checks that the instance passed."""
    ids = {"InstanceIds": [event["instance"]]}
    context.step(lambda _: dict(event), "open")
    context.step(lambda _: {"tags": _tags(reading.describe_instances(**ids))}, "hold")
    instance = context.step(lambda _: only_instance(reading.describe_instances(**ids)), "find the instance")
    if instance["state"] != "running":
        return "it does not run"
    context.step(lambda _: _sent(changing.stop_instances(**ids)), "stop it", AT_MOST_ONCE)
    _until(context, "it has stopped", lambda: is_stopped(reading.describe_instances(**ids)))
    context.step(lambda _: _sent(changing.start_instances(**ids)), "start it", AT_MOST_ONCE)
    _until(context, "both status checks pass", lambda: checks_pass(statuses(reading.describe_instance_status(**ids))))
    return "restarted"


def _until(context: DurableContext, title: str, holds: Any) -> None:
    config = WaitForConditionConfig[bool](wait_strategy=_next, initial_state=False)
    context.wait_for_condition(lambda _state, _context: bool(holds()), config, name=title)


def _next(met: bool, _: int) -> WaitForConditionDecision:
    return WaitForConditionDecision.stop_polling() if met else WaitForConditionDecision.continue_waiting(Duration(2))


def _tags(answer: Any) -> list[Any]:
    return [instance.get("Tags") for group in answer["Reservations"] for instance in group["Instances"]]


def _sent(answer: Any) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}
