"""Region switch plans in the embedded cloud, for the tests of the runbook about them."""

import itertools
from dataclasses import dataclass
from typing import Any

from tests.house import House

SERVICE = "arc-region-switch"
HOME, AWAY = "eu-west-1", "us-east-1"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Plan:
    """A plan of a test's own, active at home."""

    house: House
    arn: str

    @property
    def name(self) -> str:
        """As a run takes it."""
        return self.arn.rsplit("/", 1)[1]

    def executed(self) -> list[tuple[str, str, str]]:
        """Its executions, the first one first, in the cloud itself: Region, mode, state."""
        items = self.house.crew.client(SERVICE).list_plan_executions(planArn=self.arn)["items"]
        return [(each["executionRegion"], each["mode"], each["executionState"]) for each in reversed(items)]


def a_plan(house: House, approach: str = "activePassive") -> Plan:
    """One for two Regions."""
    made = house.crew.client(SERVICE).create_plan(
        name=f"shop-{next(_numbers)}",
        regions=[HOME, AWAY],
        workflows=[{"workflowTargetAction": "activate", "steps": []}],
        executionRole="arn:aws:iam::123456789012:role/region-switch",
        recoveryApproach=approach,
        primaryRegion=HOME,
    )
    return Plan(house, made["plan"]["arn"])


def stands(house: House, region: str, *states: str, steps: Any = ()) -> None:
    """The execution that activates this Region is in these states, at one look after the other; the last one until it
    is cancelled (API reference, GetPlanExecution).
    """
    left = list(states)

    def told(asked: Any, answer: dict[str, Any]) -> None:
        if answer["executionState"] == "completed" and asked["executionId"].startswith(f"{region}/"):
            answer["executionState"] = left.pop(0) if len(left) > 1 else left[0]
            answer["stepStates"] = list(steps)

    def listed(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["items"]:
            if each["executionState"] == "completed" and each["executionRegion"] == region:
                each["executionState"] = left[0]

    house.scripted.after(SERVICE, "GetPlanExecution", told)
    house.scripted.after(SERVICE, "ListPlanExecutions", listed)
