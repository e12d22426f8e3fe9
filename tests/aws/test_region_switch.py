"""ARC Region switch: answers in AWS's shapes, and what is read out of them."""

import re
from typing import Any, get_args

import pytest

from nightcrew.aws.arns import ResourceName
from nightcrew.aws.region_switch import (
    REGION,
    PlanName,
    evaluated,
    execution,
    executions,
    plan_arn,
    plan_of,
    started,
)


def one(state: str, region: str = "us-east-1", **more: Any) -> dict[str, Any]:
    """An execution of a plan."""
    made = {"executionId": f"{region}/1", "executionRegion": region, "executionAction": "activate"}
    return {**made, "executionState": state, "startTime": "2026-11-21T03:00:00Z", **more}


def test_a_plan_is_cut_down_to_what_decides() -> None:
    found = {"regions": ["us-east-1", "eu-west-1"], "recoveryApproach": "activePassive", "primaryRegion": "eu-west-1"}
    told = {"regions": ["eu-west-1", "us-east-1"], "approach": "activePassive", "primary": "eu-west-1"}
    assert plan_of({"plan": found}) == told


@pytest.mark.parametrize(
    ("state", "warning", "clean"),
    [("passed", "resolved", True), ("passed", "active", False), ("pendingEvaluation", "resolved", False)],
)
def test_an_evaluation_is_clean_without_warnings_that_hold(state: str, warning: str, clean: bool) -> None:
    warnings = [{"warningMessage": "no such group", "warningStatus": warning}]
    assert evaluated({"evaluationState": state, "warnings": warnings})["clean"] is clean


def test_the_last_execution_that_ended_well_tells_which_region_is_active() -> None:
    older = one("completed", "eu-west-1", startTime="2026-11-20T03:00:00Z")
    newer = one("failed", startTime="2026-11-21T03:00:00Z")
    assert executions({"items": [newer, older]}) == {"under_way": False, "activated": "eu-west-1"}
    assert executions({"items": [one("pausedByOperator")]}) == {"under_way": True, "activated": None}


def test_an_execution_is_found_by_its_comment() -> None:
    items = [one("inProgress", comment="a"), one("failed", executionId="2", comment="b")]
    assert started({"items": items}, "a") == {"id": "us-east-1/1", "ended": False}
    assert started({"items": items}, "b") == {"id": "2", "ended": True}
    assert started({"items": items}, "c")["id"] is None


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("pendingManualApproval", (False, False, False)),
        ("pausedByFailedStep", (True, False, False)),
        ("completedWithExceptions", (True, True, False)),
        ("completed", (True, True, True)),
    ],
)
def test_an_execution_is_over_where_it_does_not_go_on_by_itself(state: str, told: tuple[bool, bool, bool]) -> None:
    seen = execution({"executionState": state, "stepStates": [{"name": "scale", "status": "running"}]})
    assert (seen["over"], seen["ended"], seen["well"]) == told
    assert seen["steps"] == {"scale": "running"}


def test_a_plan_is_in_no_region_for_arc() -> None:
    marker = get_args(PlanName)[1]
    assert isinstance(marker, ResourceName)
    assert re.fullmatch(marker.pattern, marker.example)
    resource = marker.arn("checkout:a1b2c3", account="123456789012", region="eu-west-1")
    assert plan_arn(resource, "checkout:a1b2c3") == "arn:aws:arc-region-switch::123456789012:plan/checkout:a1b2c3"


@pytest.mark.parametrize(("name", "is_one"), [("us-gov-west-1", True), ("eu-west-1", True), ("Dublin", False)])
def test_regions_are_told_by_their_names(name: str, is_one: bool) -> None:
    assert bool(REGION.fullmatch(name)) is is_one
