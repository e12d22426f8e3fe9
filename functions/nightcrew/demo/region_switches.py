"""ARC Region switch, which moto 5.2.5 lacks, answered as AWS would where nothing goes wrong.

A plan is evaluated as soon as it is made, and executed at once. (Region switch API reference.)
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse
from moto.moto_api._internal import mock_random

from nightcrew.clock import SystemClock
from nightcrew.demo.completing import with_service

SERVICE = "arc-region-switch"

url_bases = [r"https?://arc-region-switch(?:-control-plane)?\.(.+)\.(?:amazonaws\.com|api\.aws)"]

Answer = dict[str, Any]


class RegionSwitchBackend(BaseBackend):
    """Plans and their executions, by ARN: they are in no Region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.plans: dict[str, Answer] = {}
        self.executions: dict[str, list[Answer]] = {}

    @property
    def _url_module(self) -> Any:
        # Where moto finds ``url_bases`` and ``url_paths``.
        return sys.modules[__name__]

    def create_plan(self, asked: Answer) -> Answer:
        """CreatePlan."""
        arn = f"arn:aws:arc-region-switch::{self.account_id}:plan/{asked['name']}:{mock_random.get_random_hex(6)}"
        self.plans[arn] = {**asked, "arn": arn, "version": "1"}
        self.executions[arn] = []
        return {"plan": self.plans[arn]}

    def get_plan_in_region(self, asked: Answer) -> Answer:
        """GetPlanInRegion."""
        return {"plan": self._plan(asked["arn"])}

    def get_plan_evaluation_status(self, asked: Answer) -> Answer:
        """GetPlanEvaluationStatus."""
        arn = self._plan(asked["planArn"])["arn"]
        return {"planArn": arn, "evaluationState": "passed", "warnings": []}

    def list_plan_executions(self, asked: Answer) -> Answer:
        """ListPlanExecutions: the newest first."""
        return {"items": list(reversed(self.executions[self._plan(asked["planArn"])["arn"]]))}

    def start_plan_execution(self, asked: Answer) -> Answer:
        """StartPlanExecution: the same token starts no second one."""
        plan = self._plan(asked["planArn"])
        if asked["targetRegion"] not in plan["regions"]:
            raise JsonRESTError("IllegalArgumentException", "refused")
        kept = self.executions[plan["arn"]]
        token = asked.get("clientToken")
        made = next((each for each in kept if token and each["token"] == token), None)
        if made is None:
            made = {
                "planArn": plan["arn"],
                "executionId": f"{asked['targetRegion']}/{mock_random.get_random_hex(16)}",
                "startTime": SystemClock().now(),
                "comment": asked.get("comment"),
                "mode": asked.get("mode", "graceful"),
                "executionState": "completed",
                "executionAction": asked["action"],
                "executionRegion": asked["targetRegion"],
                "token": token,
            }
            kept.append(made)
        return {"executionId": made["executionId"], "plan": plan["arn"], "planVersion": plan["version"]}

    def get_plan_execution(self, asked: Answer) -> Answer:
        """GetPlanExecution."""
        return self._execution(asked)

    def cancel_plan_execution(self, asked: Answer) -> Answer:
        """CancelPlanExecution."""
        self._execution(asked)["executionState"] = "canceled"
        return {}

    def _plan(self, arn: str) -> Answer:
        if arn not in self.plans:
            raise JsonRESTError("ResourceNotFoundException", "refused")
        return self.plans[arn]

    def _execution(self, asked: Answer) -> Answer:
        kept = self.executions[self._plan(asked["planArn"])["arn"]]
        found = next((each for each in kept if each["executionId"] == asked["executionId"]), None)
        if found is None:
            raise JsonRESTError("ResourceNotFoundException", "refused")
        return found


region_switch_backends = BackendDict(RegionSwitchBackend, SERVICE, use_boto3_regions=False, additional_regions=["aws"])


class RegionSwitchResponse(BaseResponse):
    """Its operations."""

    def __init__(self) -> None:
        super().__init__(service_name=SERVICE)

    @property
    def backend(self) -> RegionSwitchBackend:
        """The account's."""
        return region_switch_backends[self.current_account]["aws"]

    def create_plan(self) -> ActionResult:
        """CreatePlan."""
        names = ("name", "regions", "workflows", "executionRole", "recoveryApproach", "primaryRegion")
        return self._answer(self.backend.create_plan, *names)

    def get_plan_in_region(self) -> ActionResult:
        """GetPlanInRegion."""
        return self._answer(self.backend.get_plan_in_region, "arn")

    def get_plan_evaluation_status(self) -> ActionResult:
        """GetPlanEvaluationStatus."""
        return self._answer(self.backend.get_plan_evaluation_status, "planArn")

    def list_plan_executions(self) -> ActionResult:
        """ListPlanExecutions."""
        return self._answer(self.backend.list_plan_executions, "planArn")

    def start_plan_execution(self) -> ActionResult:
        """StartPlanExecution."""
        names = ("planArn", "targetRegion", "action", "mode", "comment", "clientToken")
        return self._answer(self.backend.start_plan_execution, *names)

    def get_plan_execution(self) -> ActionResult:
        """GetPlanExecution."""
        return self._answer(self.backend.get_plan_execution, "planArn", "executionId")

    def cancel_plan_execution(self) -> ActionResult:
        """CancelPlanExecution."""
        return self._answer(self.backend.cancel_plan_execution, "planArn", "executionId")

    def _answer(self, operation: Callable[[Answer], Answer], *names: str) -> ActionResult:
        return ActionResult(operation({name: self._get_param(name) for name in names}))


url_paths = {"{0}/$": RegionSwitchResponse.dispatch}


@contextmanager
def whole_region_switches() -> Iterator[None]:
    """For as long as the block lasts, moto knows Region switch."""
    with with_service(SERVICE, region_switch_backends, url_bases[0]):
        yield
