"""The account's service level objectives with what is left of their error budgets, and how fast these burn.

Source: Application Signals API reference (ListServiceLevelObjectives, GetServiceLevelObjective,
BatchGetServiceLevelObjectiveBudgetReport); CloudWatch user guide, "Service level objectives (SLOs)", for the metric
``BurnRate``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from nightcrew.admission.application_signals import left_of
from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import Cloud
from nightcrew.aws.pages import pages, read
from nightcrew.clock import stamp

signals = calls("application-signals")
cloudwatch = calls("cloudwatch")

PERMISSIONS = (
    "application-signals:ListServiceLevelObjectives",
    "application-signals:GetServiceLevelObjective",
    "application-signals:BatchGetServiceLevelObjectiveBudgetReport",
    "cloudwatch:GetMetricData",
)

NAMESPACE, METRIC = "AWS/ApplicationSignals", "BurnRate"

AT_ONCE = 50
"""Objectives in one report."""

LATELY = timedelta(minutes=15)
"""How old the last figure of a burn rate may be."""

_UNITS = {"MINUTE": 1 / 1440, "HOUR": 1 / 24, "DAY": 1, "MONTH": 30}  # a calendar month counts as thirty days


@dataclass(frozen=True)
class Objective:
    """``goal`` in percent; ``interval`` is what its budget is for. ``left`` is the share of the budget that is left
    (None where there is no data), ``remaining`` the same in seconds or in requests (``counts``). ``burns`` are burn
    rates by their look-back window: 1 spends the budget exactly within the interval; None where there is no figure.
    """

    name: str
    arn: str
    status: str
    goal: float
    interval: timedelta
    attainment: float | None = None
    left: float | None = None
    remaining: float | None = None
    total: float | None = None
    counts: str = "seconds"
    windows: tuple[timedelta, ...] = ()
    burns: Mapping[timedelta, float | None] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; lengths in seconds."""
        burns = [{"window_seconds": int(w.total_seconds()), "rate": rate} for w, rate in sorted(self.burns.items())]
        return {
            "name": self.name,
            "arn": self.arn,
            "status": self.status,
            "goal": self.goal,
            "interval_seconds": int(self.interval.total_seconds()),
            "attainment": self.attainment,
            "left": round(self.left, 4) if self.left is not None else None,
            "remaining": self.remaining,
            "total": self.total,
            "counts": self.counts,
            "burns": burns,
        }


def objectives(cloud: Cloud, now: datetime, only: Sequence[str] = ()) -> list[Objective]:
    """All of the Region, or ``only`` those of these names or ARNs, with the least that is left first.

    One read for each page and each objective, one for each fifty reports, one for all burn rates. Raises CallFailed,
    Unreachable.
    """
    wanted = list(only) or [str(each["Arn"]) for each in _listed(cloud)]
    found = [_with_windows(cloud, each) for each in _reported(cloud, wanted, now)]
    rated = _rated(cloud, found, now)
    return sorted(rated, key=lambda each: (each.left is None, each.left or 0.0, each.name))


def _listed(cloud: Cloud) -> Iterator[Mapping[str, Any]]:
    for page in pages(cloud, signals.list_service_level_objectives()):
        yield from page.get("SloSummaries", [])


def _reported(cloud: Cloud, wanted: Sequence[str], now: datetime) -> Iterator[Objective]:
    for begin in range(0, len(wanted), AT_ONCE):
        ids = list(wanted[begin : begin + AT_ONCE])
        asked = signals.batch_get_service_level_objective_budget_report(Timestamp=now, SloIds=ids)
        for report in read(cloud, asked).get("Reports", []):
            yield _objective(report)


def _objective(report: Mapping[str, Any]) -> Objective:
    goal = report.get("Goal") or {}
    by_requests = report.get("EvaluationType") == "RequestBased"
    counts = "Requests" if by_requests else "Seconds"
    return Objective(
        name=str(report["Name"]),
        arn=str(report["Arn"]),
        status=str(report.get("BudgetStatus", "")),
        goal=float(goal.get("AttainmentGoal") or 0),
        interval=_interval(goal.get("Interval") or {}),
        attainment=report.get("Attainment"),
        left=left_of(dict(report)),
        remaining=report.get(f"Budget{counts}Remaining"),
        total=report.get(f"TotalBudget{counts}"),
        counts=counts.lower(),
    )


def _interval(interval: Mapping[str, Any]) -> timedelta:
    said = interval.get("RollingInterval") or interval.get("CalendarInterval") or {}
    return timedelta(days=_UNITS.get(str(said.get("DurationUnit")), 1) * int(said.get("Duration") or 0))


def _with_windows(cloud: Cloud, each: Objective) -> Objective:
    told = read(cloud, signals.get_service_level_objective(Id=each.arn)).get("Slo", {})
    minutes = [int(one["LookBackWindowMinutes"]) for one in told.get("BurnRateConfigurations") or ()]
    return replace(each, windows=tuple(timedelta(minutes=one) for one in sorted(minutes)))


def _rated(cloud: Cloud, found: Sequence[Objective], now: datetime) -> list[Objective]:
    """With the last figure of each burn rate that is kept."""
    asked = [(each, window) for each in found for window in each.windows]
    if not asked:
        return list(found)
    queries = [_query(f"r{number}", each, window) for number, (each, window) in enumerate(asked)]
    call = cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=stamp(now - LATELY), EndTime=stamp(now), ScanBy="TimestampDescending"
    )
    values: dict[str, float] = {}
    for page in pages(cloud, call):
        for result in page.get("MetricDataResults", []):
            if result.get("Values"):
                values.setdefault(str(result["Id"]), float(result["Values"][0]))
    rates: dict[str, dict[timedelta, float | None]] = {}
    for number, (each, window) in enumerate(asked):
        rates.setdefault(each.arn, {})[window] = values.get(f"r{number}")
    return [replace(each, burns=rates.get(each.arn, {})) for each in found]


def _query(name: str, each: Objective, window: timedelta) -> dict[str, Any]:
    dimensions = [
        {"Name": "SloName", "Value": each.name},
        {"Name": "BurnRateWindowMinutes", "Value": str(int(window / timedelta(minutes=1)))},
    ]
    metric = {"Namespace": NAMESPACE, "MetricName": METRIC, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}, "ReturnData": True}
