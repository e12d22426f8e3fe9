"""SSM Automation, which moto 5.2.5 lacks, answered as AWS would where nothing goes wrong.

An execution is over at once, each of its steps well, unless a step waits: ``aws:sleep`` and ``aws:pause`` go on until
somebody stops them, ``aws:approve`` until somebody answers, which nobody does here. (Systems Manager API reference;
Automation user guide, "Automation action reference" and "Understanding automation statuses".)
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.ssm.models import SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

from nightcrew.clock import SystemClock
from nightcrew.demo.completing import with_methods

_STAYS = {"aws:sleep": "InProgress", "aws:pause": "Waiting", "aws:approve": "Waiting"}
_KEPT = "automation_executions"


@contextmanager
def whole_automations() -> Iterator[None]:
    """For as long as the block lasts, moto runs Automation documents."""
    ours: dict[str, Any] = {
        "start_automation_execution": _start,
        "stop_automation_execution": _stop,
        "get_automation_execution": _get,
        "describe_automation_executions": _describe,
    }
    with with_methods(SimpleSystemManagerResponse, ours):
        yield


def executions(backend: SimpleSystemManagerBackend) -> list[dict[str, Any]]:
    """The executions of an account in a Region, the oldest first; each with its ``Tags`` and its ``Token``."""
    kept: list[dict[str, Any]] = backend.__dict__.setdefault(_KEPT, [])
    return kept


def _start(self: SimpleSystemManagerResponse) -> ActionResult:
    """StartAutomationExecution: a token is taken once."""
    token, known = self._get_param("ClientToken"), executions(self.ssm_backend)
    if token is not None and any(each["Token"] == token for each in known):
        raise JsonRESTError("IdempotentParameterMismatch", "the client token was used before")
    name, version = self._get_param("DocumentName"), self._get_param("DocumentVersion")
    document = self.ssm_backend.get_document(name, version, None, "JSON")  # type: ignore[arg-type]  # as the API has it
    status, steps = _went(json.loads(document["Content"]).get("mainSteps") or [])
    now = SystemClock().now()
    made = {
        "AutomationExecutionId": str(mock_random.uuid4()),
        "AutomationExecutionStatus": status,
        "DocumentName": name,
        "DocumentVersion": document["DocumentVersion"],
        "ExecutionStartTime": now,
        "Parameters": self._get_param("Parameters") or {},
        "StepExecutions": steps,
        "Tags": {each["Key"]: each["Value"] for each in self._get_param("Tags") or ()},
        "Token": token,
    }
    known.append(made)
    return ActionResult({"AutomationExecutionId": made["AutomationExecutionId"]})


def _went(steps: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """How the execution stands after its beginning, and its steps as far as it came."""
    told = []
    for step in steps:
        status = _STAYS.get(str(step.get("action")), "Success")
        told.append({"StepName": step.get("name"), "Action": step.get("action"), "StepStatus": status})
        if status != "Success":
            return status, told
    return "Success", told


def _stop(self: SimpleSystemManagerResponse) -> ActionResult:
    """StopAutomationExecution: of one that goes on."""
    found = _found(self)
    if found["AutomationExecutionStatus"] not in _STAYS.values():
        raise JsonRESTError("InvalidAutomationStatusUpdateException", "the execution is over")
    found["AutomationExecutionStatus"] = "Cancelled"
    found["StepExecutions"][-1]["StepStatus"] = "Cancelled"
    return ActionResult({})


def _get(self: SimpleSystemManagerResponse) -> ActionResult:
    """GetAutomationExecution."""
    return ActionResult({"AutomationExecution": _shown(_found(self))})


def _describe(self: SimpleSystemManagerResponse) -> ActionResult:
    """DescribeAutomationExecutions: by the key of a tag, which is all that is asked for here."""
    wanted = {each["Key"]: set(each["Values"]) for each in self._get_param("Filters") or ()}
    keys = wanted.get("TagKey", set())
    listed = [_shown(each) for each in executions(self.ssm_backend) if not keys or keys & set(each["Tags"])]
    for each in listed:
        del each["StepExecutions"], each["Parameters"]
    return ActionResult({"AutomationExecutionMetadataList": listed})


def _found(self: SimpleSystemManagerResponse) -> dict[str, Any]:
    wanted = self._get_param("AutomationExecutionId")
    for each in executions(self.ssm_backend):
        if each["AutomationExecutionId"] == wanted:
            return each
    raise JsonRESTError("AutomationExecutionNotFoundException", f"there is no execution {wanted}")


def _shown(execution: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in execution.items() if name not in {"Tags", "Token"}}
