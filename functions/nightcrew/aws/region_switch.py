"""ARC Region switch: plans that move an application from one Region to the other, and what became of an execution.

An execution is asked of the Region that it activates, whose data plane does it: it needs neither the other Region nor
the control plane. Sources: ARC developer guide, "Region switch API operations" and "Region switch components"; Region
switch API reference, StartPlanExecution and GetPlanExecution.
"""

import re
from typing import Annotated, Any

from nightcrew.aws.arns import ResourceName, partition_of

REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")

_RUNS = frozenset({"pending", "inProgress", "pendingManualApproval"})
_STANDS = frozenset({"pausedByFailedStep", "pausedByOperator"})
_WELL = frozenset({"completed", "completedMonitoringApplicationHealth"})


def plan_of(answer: Any) -> dict[str, Any]:
    """Of a GetPlanInRegion answer: ``{"regions", "approach", "primary"}``."""
    found = answer["plan"]
    return {
        "regions": sorted(found["regions"]),
        "approach": found["recoveryApproach"],
        "primary": found.get("primaryRegion"),
    }


def evaluated(answer: Any) -> dict[str, Any]:
    """Of a GetPlanEvaluationStatus answer: ``{"clean", "state", "warnings"}``; only warnings that still hold."""
    warnings = [each["warningMessage"] for each in answer.get("warnings") or [] if each["warningStatus"] == "active"]
    state = answer.get("evaluationState", "unknown")
    return {"clean": state == "passed" and not warnings, "state": state, "warnings": warnings[:10]}


def executions(answer: Any) -> dict[str, Any]:
    """Of a ListPlanExecutions answer: ``{"under_way", "activated"}``: whether one has not ended, and the Region that
    the last one that ended well activated, or None.
    """
    listed = sorted(answer["items"], key=lambda each: str(each["startTime"]), reverse=True)
    well = [each for each in listed if each["executionState"] in _WELL and each["executionAction"] == "activate"]
    return {
        "under_way": any(each["executionState"] in _RUNS | _STANDS for each in listed),
        "activated": str(well[0]["executionRegion"]) if well else None,
    }


def started(answer: Any, comment: str) -> dict[str, Any]:
    """Of the same, the execution with that comment: ``{"id", "ended"}``; the id is None where there is none."""
    found = next((each for each in answer["items"] if each.get("comment") == comment), None)
    if found is None:
        return {"id": None, "ended": False}
    return {"id": str(found["executionId"]), "ended": found["executionState"] not in _RUNS | _STANDS}


def execution(answer: Any) -> dict[str, Any]:
    """Of a GetPlanExecution answer: ``{"state", "over", "ended", "well", "steps"}``.

    ``over``: it does not go on by itself, since it has ``ended``, or stands at a step that failed or where somebody
    stopped it. ``steps`` are names with their status.
    """
    state = str(answer["executionState"])
    return {
        "state": state,
        "over": state not in _RUNS,
        "ended": state not in _RUNS | _STANDS,
        "well": state in _WELL,
        "steps": {str(each["name"]): str(each["status"]) for each in answer.get("stepStates") or []},
    }


def plan_arn(resource: str, plan: str) -> str:
    """The ARN by which ARC knows a plan: it is in no Region. ``resource`` is the run's."""
    _, _, _, region, account, _ = resource.split(":", 5)
    return f"arn:{partition_of(region)}:arc-region-switch::{account}:plan/{plan}"


PlanName = Annotated[
    str,
    ResourceName(
        # Plans are in no Region; the ARN has that of the run all the same, which is where its policy looks. Their tags
        # are not asked for: only the control plane knows them, and that may be what is down. IAM knows them.
        "arc-region-switch",
        "plan/{}",
        pattern=r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?:[a-z0-9]{6}",
        example="checkout:a1b2c3",
    ),
]
"""The name of a Region switch plan with its id, as its ARN ends."""
