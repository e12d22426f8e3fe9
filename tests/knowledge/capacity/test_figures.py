"""Figures of many metrics, in few requests."""

from datetime import timedelta

import pytest

from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.clock import StoppedClock
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.knowledge.capacity.figures import AT_ONCE, PERMISSIONS, Metric, Points, figures

NOW = StoppedClock().now()
HOURS = [f"2026-11-20T{hour:02}:00:00.000Z" for hour in range(24)]


def metric(number: int) -> Metric:
    return Metric("AWS/EC2", "CPUUtilization", (("AutoScalingGroupName", f"web-{number}"),), "Average", 3600)


def read(aws: Scripted, *asked: Metric) -> dict[Metric, Points]:
    return figures(Cloud(aws, PERMISSIONS, "capacity"), asked, NOW - timedelta(days=1), NOW)


def told(name: str, *values: float, status: str = "Complete") -> dict[str, object]:
    return {"Id": name, "Timestamps": HOURS[: len(values)], "Values": list(values), "StatusCode": status}


def test_each_metric_has_its_own_points(scripted: Scripted) -> None:
    """By the time; and one that CloudWatch has nothing of has none."""
    scripted.reset()
    scripted.answer("cloudwatch", "GetMetricData", {"MetricDataResults": [told("m1", 5, 6), told("m0", 7)]})
    found = read(scripted, metric(0), metric(1), metric(2))
    assert found == {metric(0): {HOURS[0]: 7}, metric(1): {HOURS[0]: 5, HOURS[1]: 6}, metric(2): {}}


def test_all_are_asked_for_at_once(scripted: Scripted) -> None:
    """A metric that is wanted twice only once, as it is kept: with its dimensions, statistic and period."""
    scripted.reset()
    scripted.answer("cloudwatch", "GetMetricData", {"MetricDataResults": []})
    read(scripted, metric(0), metric(1), metric(0))
    [sent] = [each.parameters for each in scripted.sent]
    queries = sent["MetricDataQueries"]
    assert [each["Id"] for each in queries] == ["m0", "m1"]
    assert queries[1]["MetricStat"] == {
        "Metric": {
            "Namespace": "AWS/EC2",
            "MetricName": "CPUUtilization",
            "Dimensions": [{"Name": "AutoScalingGroupName", "Value": "web-1"}],
        },
        "Period": 3600,
        "Stat": "Average",
    }
    assert (sent["StartTime"], sent["EndTime"]) == ("2026-11-20T03:00:00.000Z", "2026-11-21T03:00:00.000Z")


def test_points_that_are_spread_over_pages_are_put_together(scripted: Scripted) -> None:
    """Four weeks of many groups do not fit into one."""
    scripted.reset()
    later = {"Id": "m0", "Timestamps": HOURS[5:6], "Values": [9.0], "StatusCode": "Complete"}
    scripted.answer(
        "cloudwatch",
        "GetMetricData",
        {"MetricDataResults": [told("m0", 1, 2, status="PartialData")], "NextToken": "more"},
        {"MetricDataResults": [later]},
    )
    assert read(scripted, metric(0)) == {metric(0): {HOURS[0]: 1, HOURS[1]: 2, HOURS[5]: 9}}
    assert scripted.sent[1].parameters["NextToken"] == "more"


def test_five_hundred_fit_into_a_request(scripted: Scripted) -> None:
    """The next one is m0 of another, and is not taken for the first."""
    scripted.reset()
    scripted.answer(
        "cloudwatch",
        "GetMetricData",
        {"MetricDataResults": [told("m0", 1)]},
        {"MetricDataResults": [told("m0", 2)]},
    )
    found = read(scripted, *(metric(number) for number in range(AT_ONCE + 1)))
    assert [len(each.parameters["MetricDataQueries"]) for each in scripted.sent] == [AT_ONCE, 1]
    assert (found[metric(0)], found[metric(AT_ONCE)]) == ({HOURS[0]: 1}, {HOURS[0]: 2})


@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_what_cloudwatch_could_not_tell_is_no_figure(scripted: Scripted, status: str) -> None:
    """Its points may be some of many."""
    scripted.reset()
    scripted.answer("cloudwatch", "GetMetricData", {"MetricDataResults": [told("m0", 1, status=status)]})
    assert read(scripted, metric(0)) == {metric(0): {}}


def test_without_a_metric_nothing_is_asked(scripted: Scripted) -> None:
    """Figures cost money."""
    scripted.reset()
    assert read(scripted) == {}
    assert scripted.sent == []


def test_a_refusal_is_the_callers(scripted: Scripted) -> None:
    """Who knows what it means for the rest."""
    scripted.reset()
    scripted.answer("cloudwatch", "GetMetricData", Refusal("AccessDenied"))
    with pytest.raises(CallFailed, match="AccessDenied"):
        read(scripted, metric(0))
