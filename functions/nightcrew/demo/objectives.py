"""Application Signals' objectives, which moto 5.2.5 lacks: those that count periods, over a CloudWatch metric.

A second is bad while an alarm on the objective's own metric is in ALARM. (Application Signals API reference.)
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse

from nightcrew.demo.completing import with_service

SERVICE = "application-signals"

url_bases = [r"https?://application-signals\.(.+)\.(?:amazonaws\.com|api\.aws)"]

ACCOUNT = "123456789012"  # any: Regions are the same for all

_WARNING = 0.3
"""The share of a budget below which its status is a warning: AWS's own default."""


class ObjectiveBackend(BaseBackend):
    """The objectives of an account in a Region, and how long the alarms were in ALARM that watch the same metrics."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.objectives: dict[str, dict[str, Any]] = {}
        self.spells: dict[str, list[tuple[datetime, datetime | None]]] = {}

    @property
    def _url_module(self) -> Any:
        # Where moto finds ``url_bases`` and ``url_paths``.
        return sys.modules[__name__]

    def find(self, which: str) -> dict[str, Any]:
        """By name or ARN."""
        found = self.objectives.get(which.rpartition("/")[2])
        if found is None:
            raise JsonRESTError("ResourceNotFoundException", f"no objective {which}")
        return found

    def began(self, alarm: str, at: datetime) -> None:
        """An alarm went off."""
        self.spells.setdefault(alarm, []).append((at, None))

    def ended(self, alarm: str, at: datetime) -> None:
        """It is OK again."""
        spells = self.spells.get(alarm, [])
        if spells and spells[-1][1] is None:
            spells[-1] = (spells[-1][0], at)

    def bad(self, objective: Mapping[str, Any], now: datetime) -> float:
        """Seconds of its interval in which some alarm on its metric was in ALARM."""
        begin = now - timedelta(days=_days(objective))
        alarms = cloudwatch_backends[self.account_id][self.region_name].alarms
        seconds = 0.0
        for name, spells in self.spells.items():
            if name in alarms and _watched(alarms[name]) == _own(objective):
                seconds += sum(
                    max(0.0, (min(end or now, now) - max(start, begin)).total_seconds()) for start, end in spells
                )
        return seconds

    def report(self, objective: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Its budget at that time."""
        goal = float(objective["Goal"]["AttainmentGoal"])
        whole = _days(objective) * 86_400
        total = whole * (1 - goal / 100)
        bad = self.bad(objective, now)
        left = (total - bad) / total if total else 0.0
        status = "BREACHED" if left <= 0 else "WARNING" if left < _WARNING else "OK"
        return {
            "Arn": objective["Arn"],
            "Name": objective["Name"],
            "EvaluationType": "PeriodBased",
            "BudgetStatus": status,
            "Attainment": 100 * (1 - bad / whole),
            "TotalBudgetSeconds": int(total),
            "BudgetSecondsRemaining": int(total - bad),
            "Goal": objective["Goal"],
        }


# botocore's endpoints do not list the service's Regions yet: it is where CloudWatch is.
objective_backends = BackendDict(
    ObjectiveBackend, SERVICE, use_boto3_regions=False, additional_regions=[*cloudwatch_backends[ACCOUNT].regions]
)


class ObjectiveResponse(BaseResponse):
    """Its operations."""

    def __init__(self) -> None:
        super().__init__(service_name=SERVICE)

    @property
    def backend(self) -> ObjectiveBackend:
        """The account's, in the Region that is asked."""
        return objective_backends[self.current_account][self.region]

    def list_service_level_objectives(self) -> ActionResult:
        """ListServiceLevelObjectives."""
        found = [{name: each[name] for name in ("Arn", "Name")} for each in self.backend.objectives.values()]
        return ActionResult({"SloSummaries": found})

    def get_service_level_objective(self) -> ActionResult:
        """GetServiceLevelObjective."""
        return ActionResult({"Slo": self.backend.find(self._get_param("Id"))})

    def batch_get_service_level_objective_budget_report(self) -> ActionResult:
        """BatchGetServiceLevelObjectiveBudgetReport."""
        at = datetime.fromtimestamp(float(self._get_param("Timestamp")), tz=UTC)
        reports, errors = [], []
        for which in self._get_param("SloIds"):
            try:
                reports.append(self.backend.report(self.backend.find(which), at))
            except JsonRESTError as error:
                errors.append({"Name": which, "Arn": which, "ErrorCode": error.error_type, "ErrorMessage": "not there"})
        return ActionResult({"Timestamp": at, "Reports": reports, "Errors": errors})


def _own(objective: Mapping[str, Any]) -> tuple[Any, ...]:
    [query] = objective["Sli"]["SliMetric"]["MetricDataQueries"]
    metric = query["MetricStat"]["Metric"]
    dimensions = frozenset((each["Name"], each["Value"]) for each in metric["Dimensions"])
    return metric["Namespace"], metric["MetricName"], dimensions


def _watched(alarm: Any) -> tuple[Any, ...]:
    return alarm.namespace, alarm.metric_name, frozenset((each.name, each.value) for each in alarm.dimensions)


def _days(objective: Mapping[str, Any]) -> int:
    return int(objective["Goal"]["Interval"]["RollingInterval"]["Duration"])


url_paths = {
    "{0}/slos/?$": ObjectiveResponse.dispatch,
    "{0}/slo/(?P<Id>.+)$": ObjectiveResponse.dispatch,
    "{0}/budget-report/?$": ObjectiveResponse.dispatch,
}


@contextmanager
def whole_objectives() -> Iterator[None]:
    """For as long as the block lasts, moto knows objectives."""
    with with_service(SERVICE, objective_backends, url_bases[0]):
        yield


def have_objective(account: str, region: str, now: datetime) -> None:
    """The shop's own: its database commits in time, in 99.5 % of four weeks; kept with the burn rate of an hour."""
    dimensions = [{"Name": "DBClusterIdentifier", "Value": "checkout-db"}, {"Name": "Role", "Value": "WRITER"}]
    metric = {"Namespace": "AWS/RDS", "MetricName": "CommitLatency", "Dimensions": dimensions}
    query = {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}, "ReturnData": True}
    name = "checkout-commits"
    objective_backends[account][region].objectives[name] = {
        "Arn": f"arn:aws:application-signals:{region}:{account}:slo/{name}",
        "Name": name,
        "CreatedTime": now,
        "LastUpdatedTime": now,
        "EvaluationType": "PeriodBased",
        "MetricSourceType": "CloudWatchMetric",
        "Sli": {
            "SliMetric": {"MetricDataQueries": [query]},
            "MetricThreshold": 0.05,
            "ComparisonOperator": "LessThan",
        },
        "Goal": {
            "Interval": {"RollingInterval": {"DurationUnit": "DAY", "Duration": 28}},
            "AttainmentGoal": 99.5,
            "WarningThreshold": 100 * _WARNING,
        },
        "BurnRateConfigurations": [{"LookBackWindowMinutes": 60}],
    }
