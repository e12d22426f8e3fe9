"""Service level objectives as Application Signals tells them."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.clock import StoppedClock
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.knowledge.objectives.objective import AT_ONCE, PERMISSIONS, Objective, objectives

NOW = StoppedClock().now()
ROLLING = {"RollingInterval": {"DurationUnit": "DAY", "Duration": 28}}


def arn(name: str) -> str:
    return f"arn:aws:application-signals:eu-west-1:123456789012:slo/{name}"


def report(name: str, **more: Any) -> dict[str, Any]:
    """A budget of which a quarter is left."""
    return {
        "Arn": arn(name),
        "Name": name,
        "EvaluationType": "PeriodBased",
        "BudgetStatus": "OK",
        "Attainment": 99.7,
        "TotalBudgetSeconds": 4000,
        "BudgetSecondsRemaining": 1000,
        "Goal": {"Interval": ROLLING, "AttainmentGoal": 99.5},
        **more,
    }


def says(aws: Scripted, *reports: dict[str, Any], windows: tuple[int, ...] = (), rates: tuple[float, ...] = ()) -> None:
    """What is there, in as few answers as AWS gives."""
    aws.reset()
    aws.answer(
        "application-signals",
        "ListServiceLevelObjectives",
        {"SloSummaries": [{"Arn": each["Arn"], "Name": each["Name"]} for each in reports]},
    )
    aws.answer(
        "application-signals",
        "BatchGetServiceLevelObjectiveBudgetReport",
        *(
            {"Timestamp": NOW, "Reports": list(reports[begin : begin + AT_ONCE]), "Errors": []}
            for begin in range(0, max(len(reports), 1), AT_ONCE)
        ),
    )
    kept = [{"LookBackWindowMinutes": minutes} for minutes in windows]
    one = {"Goal": {}, "CreatedTime": NOW, "LastUpdatedTime": NOW, "BurnRateConfigurations": kept}
    slos = [{"Slo": {**one, "Arn": each["Arn"], "Name": each["Name"]}} for each in reports]
    aws.answer("application-signals", "GetServiceLevelObjective", *slos)
    results = [{"Id": f"r{number}", "Values": [rate, 99.0]} for number, rate in enumerate(rates)]
    aws.answer("cloudwatch", "GetMetricData", {"MetricDataResults": results})


def read(aws: Scripted, *only: str) -> list[Objective]:
    return objectives(Cloud(aws, PERMISSIONS, "slo"), NOW, only)


def test_what_is_left_of_seconds_and_of_requests(scripted: Scripted) -> None:
    """As the objective counts; the least first."""
    by_requests = report(
        "b", EvaluationType="RequestBased", TotalBudgetRequests=1000, BudgetRequestsRemaining=100, Attainment=99.9
    )
    del by_requests["TotalBudgetSeconds"], by_requests["BudgetSecondsRemaining"]
    says(scripted, report("a"), by_requests)
    second, first = read(scripted)[::-1]
    assert (first.name, first.left, first.remaining, first.counts) == ("b", 0.1, 100, "requests")
    assert (second.name, second.left, second.total, second.counts) == ("a", 0.25, 4000, "seconds")
    assert (second.goal, second.interval) == (99.5, timedelta(days=28))


def test_an_objective_without_data_has_no_figure(scripted: Scripted) -> None:
    """It stands last: nothing is known to be wrong with it."""
    says(scripted, report("new", BudgetStatus="INSUFFICIENT_DATA"), report("old"))
    assert [(each.name, each.left) for each in read(scripted)] == [("old", 0.25), ("new", None)]


@pytest.mark.parametrize(
    ("interval", "days"),
    [
        (ROLLING, 28),
        ({"RollingInterval": {"DurationUnit": "HOUR", "Duration": 12}}, 0.5),
        ({"CalendarInterval": {"StartTime": NOW, "DurationUnit": "MONTH", "Duration": 1}}, 30),
    ],
)
def test_the_interval_in_days(scripted: Scripted, interval: dict[str, Any], days: float) -> None:
    """A calendar month counts as thirty."""
    says(scripted, report("a", Goal={"Interval": interval, "AttainmentGoal": 99.0}))
    assert read(scripted)[0].interval == timedelta(days=days)


def test_its_burn_rates_are_the_last_figures(scripted: Scripted) -> None:
    """By the look-back windows that it keeps, in one request for all."""
    says(scripted, report("a"), windows=(60, 5), rates=(14.5, 2.0))
    [found] = read(scripted)
    assert found.burns == {timedelta(minutes=5): 14.5, timedelta(hours=1): 2.0}
    [asked] = [each.parameters for each in scripted.sent if each.operation == "GetMetricData"]
    metric = asked["MetricDataQueries"][1]["MetricStat"]["Metric"]
    assert metric["Dimensions"] == [
        {"Name": "SloName", "Value": "a"},
        {"Name": "BurnRateWindowMinutes", "Value": "60"},
    ]


def test_without_a_window_no_metric_is_asked_for(scripted: Scripted) -> None:
    """Metrics cost money."""
    says(scripted, report("a"))
    assert read(scripted)[0].burns == {}
    assert "GetMetricData" not in {each.operation for each in scripted.sent}


def test_fifty_reports_come_at_once(scripted: Scripted) -> None:
    """Fifty-one are two requests."""
    says(scripted, *(report(f"slo-{number}") for number in range(51)))
    assert len(read(scripted)) == 51
    assert [each.operation for each in scripted.sent].count("BatchGetServiceLevelObjectiveBudgetReport") == 2


def test_some_can_be_named(scripted: Scripted) -> None:
    """Then nothing is listed."""
    says(scripted, report("a"))
    assert [each.name for each in read(scripted, "a")] == ["a"]
    assert "ListServiceLevelObjectives" not in {each.operation for each in scripted.sent}


def test_a_refusal_is_told(scripted: Scripted) -> None:
    """The door has words for it."""
    says(scripted)
    scripted.reset()
    scripted.answer("application-signals", "ListServiceLevelObjectives", Refusal("AccessDeniedException"))
    with pytest.raises(CallFailed, match="AccessDenied"):
        read(scripted)
