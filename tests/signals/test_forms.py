"""What a signal of each form carries beyond what the table of ``test_event_files.py`` has."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.signals import Contributor, Metric, signal_from, symptom_of

Read = Callable[[str], Any]

SCALAR = 'SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId)'


def test_an_alarm_on_one_metric_names_metric_state_time_and_place(event: Read) -> None:
    signal = signal_from(event("ec2-status-check"))
    assert signal.metrics == (Metric("AWS/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-0abc1234def567890"}),)
    assert signal.alarm == "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-web-1-instance-check"
    assert signal.name == "checkout-web-1-instance-check"
    assert (signal.account, signal.region) == ("123456789012", "eu-west-1")
    assert (signal.previous, signal.state) == ("OK", "ALARM")
    assert signal.at == datetime(2026, 11, 21, 3, 0, 4, 120_000, tzinfo=UTC)
    assert signal.reason.startswith("Threshold Crossed: 2 out of the last 2 datapoints [1.0 (21/11/26 02:59:00)")


def test_what_an_event_does_not_have_is_none_or_empty(event: Read) -> None:
    signal = signal_from(event("ec2-status-check"))
    assert (signal.contributor, signal.muted_until, signal.suppressed_by) == (None, None, None)
    assert (signal.children, dict(signal.tags), signal.tags_known) == ((), {}, False)


def test_the_time_is_the_state_changes_own_and_in_utc(alarm: Callable[..., Any]) -> None:
    signal = signal_from(alarm(timestamp="2026-11-21T05:00:04.120+0200"))
    assert signal.at == datetime(2026, 11, 21, 3, 0, 4, 120_000, tzinfo=UTC)
    assert signal.at.tzinfo is UTC


def test_a_metric_without_dimensions_is_a_metric(event: Read) -> None:
    read = event("ec2-status-check")
    del read["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]["dimensions"]
    assert signal_from(read).metrics == (Metric("AWS/EC2", "StatusCheckFailed_Instance", {}),)


def test_metric_math_offers_the_metrics_under_it_in_the_events_order(event: Read) -> None:
    assert [metric.name for metric in signal_from(event("metric-math")).metrics] == [
        "HTTPCode_Target_5XX_Count",
        "RequestCount",
    ]


def test_an_anomaly_band_offers_the_metric_that_it_is_around(event: Read) -> None:
    assert signal_from(event("anomaly-detection")).metrics == (
        Metric("Checkout", "OrdersPlaced", {"Service": "checkout"}),
    )


@pytest.mark.parametrize("order", [1, -1])
def test_a_band_around_an_expression_is_an_anomaly_in_whatever_order_they_stand(event: Read, order: int) -> None:
    read = event("metric-math")
    band = {"id": "ad1", "expression": "ANOMALY_DETECTION_BAND(e1, 2)", "returnData": True}
    metrics = [*read["detail"]["configuration"]["metrics"], band]
    read["detail"]["configuration"]["metrics"] = metrics[::order]
    signal = signal_from(read)
    assert signal.form == "anomaly"
    assert {metric.name for metric in signal.metrics} == {"HTTPCode_Target_5XX_Count", "RequestCount"}


def test_two_metrics_and_nothing_between_them_are_no_alarm_on_one_metric(event: Read) -> None:
    read = event("metric-math")
    del read["detail"]["configuration"]["metrics"][0]
    signal = signal_from(read)
    assert (signal.form, len(signal.metrics)) == ("expression", 2)


def test_a_metric_from_another_account_says_so_and_one_from_the_alarms_own_does_not(event: Read) -> None:
    """A monitoring account's alarm watches a source account's metric: the resource lives there."""
    read = event("ec2-status-check")
    entry = read["detail"]["configuration"]["metrics"][0]
    entry["accountId"] = "111122223333"
    assert signal_from(read).metrics[0].account == "111122223333"
    entry["accountId"] = "123456789012"
    assert signal_from(read).metrics[0].account is None


def test_a_composite_names_the_children_that_are_in_alarm_and_no_others(event: Read) -> None:
    """``checkout-deploying`` is among the triggering alarms, too, and OK."""
    signal = signal_from(event("composite"))
    assert signal.children == ("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-5xx-rate",)
    assert signal.metrics == ()


def test_a_composite_that_is_ok_again_has_no_children_whatever_its_reason_data_is(event: Read) -> None:
    read = event("composite")
    read["detail"]["state"] |= {"value": "OK", "reasonData": "not JSON"}
    assert signal_from(read).children == ()


def test_a_suppressed_composite_says_by_what(event: Read) -> None:
    assert signal_from(event("composite-suppressed")).suppressed_by == "WaitPeriod"


def test_a_muted_alarm_says_until_when(event: Read) -> None:
    assert signal_from(event("muted")).muted_until == datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def test_a_contributor_is_the_querys_metric_with_its_attributes_as_dimensions(event: Read) -> None:
    signal = signal_from(event("contributor"))
    assert signal.contributor == Contributor("6d442278dba546f6", {"InstanceId": "i-0fed9876cba543210"})
    assert signal.metrics == (Metric("AWS/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-0fed9876cba543210"}),)
    assert signal.previous is None


@pytest.mark.parametrize(
    ("query", "namespace", "name"),
    [
        (
            'SELECT AVG(UserErrors) FROM "AWS/DynamoDB" GROUP BY TableName ORDER BY MAX() DESC',
            "AWS/DynamoDB",
            "UserErrors",
        ),
        ("SELECT AVG(DatabaseConnections) FROM AWS/RDS GROUP BY Id", "AWS/RDS", "DatabaseConnections"),
        ('select max("Disk used %")\n  from schema( "My App" , Host)\n  group by Host', "My App", "Disk used %"),
        ("SELECT SUM(Errors) FROM SCHEMA(Shop, Service) GROUP BY Service", "Shop", "Errors"),
    ],
)
def test_metric_and_namespace_of_a_query_are_found_however_it_is_written(
    event: Read, query: str, namespace: str, name: str
) -> None:
    read = event("contributor")
    read["detail"]["configuration"]["metrics"][0]["expression"] = query
    (metric,) = signal_from(read).metrics
    assert (metric.namespace, metric.name) == (namespace, name)


def test_the_alarm_level_event_beside_contributors_names_nothing_to_remediate(event: Read) -> None:
    signal = signal_from(event("contributor-alarm-level"))
    assert (signal.form, signal.metrics, signal.contributor, signal.direction) == ("query", (), None, None)


def test_a_query_for_one_series_is_an_expression_since_it_has_no_contributors(event: Read) -> None:
    read = event("metric-math")
    read["detail"]["configuration"]["metrics"] = [{"id": "q1", "expression": SCALAR, "returnData": True}]
    signal = signal_from(read)
    assert (signal.form, signal.metrics, signal.direction) == ("expression", (), "high")
    assert symptom_of(signal, None) == "checkout-5xx-rate"


def test_a_reason_that_counts_series_makes_any_query_an_alarm_level_event(event: Read) -> None:
    read = event("contributor-alarm-level")
    read["detail"]["configuration"]["metrics"][0]["expression"] = SCALAR
    assert signal_from(read).form == "query"


def test_a_promql_alarm_is_told_by_its_criteria_and_its_contributors_have_no_metric(event: Read) -> None:
    """The user guide shows no PromQL event; the API calls the criteria so, and there may be no reason at all."""
    configuration = {"evaluationCriteria": {"promQLCriteria": {"query": "up == 0"}}, "evaluationInterval": 60}
    level, contributor = event("contributor-alarm-level"), event("contributor")
    for read in (level, contributor):
        read["detail"]["configuration"] = configuration
        del read["detail"]["state"]["reason"]
    assert signal_from(level).form == "query"
    signal = signal_from(contributor)
    assert (signal.form, signal.metrics, signal.direction, signal.reason) == ("contributor", (), None, "")


def test_tags_that_came_are_taken_as_they_are(event: Read) -> None:
    signal = signal_from(event("tagged"))
    assert signal.tags == {
        "nightcrew:runbook": "restart-ec2-instance",
        "nightcrew:param:instance_id": "i-0abc1234def567890",
        "nightcrew:autonomy": "approve",
        "team": "checkout",
    }
    assert signal.tags_known


def test_tags_that_cloudwatch_could_not_read_are_not_known(event: Read) -> None:
    """An alarm may have a tag that lowers its autonomy: that none came proves nothing."""
    read = event("tagged")
    read["detail"] |= {"alarmTags": {}, "alarmTagsStatus": "FAILED"}
    assert not signal_from(read).tags_known


def test_an_alarm_that_was_just_made_says_so_by_its_previous_state(event: Read) -> None:
    read = event("ec2-status-check")
    read["detail"]["previousState"] = {
        "value": "INSUFFICIENT_DATA",
        "reason": "Unchecked: Initial alarm creation",
        "timestamp": "2026-11-21T02:59:01.002+0000",
    }
    assert signal_from(read).previous == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("TargetTracking-checkout-web-AlarmHigh-e6b0c7b4-9c1c-4a8e-b3f5-0d2f6f9a7c31", True),
        ("TargetTracking-table/checkout-orders-ProvisionedCapacityLow-145db75a-7896-4beb-a629-2306c09df5d9", True),
        ("checkout-TargetTracking-", False),
    ],
)
def test_alarms_of_target_tracking_policies_are_told_by_their_name(event: Read, name: str, own: bool) -> None:
    read = event("target-tracking")
    read["detail"]["alarmName"] = name
    assert signal_from(read).target_tracking is own


def test_the_symptom_of_an_alarm_that_is_bound_by_name_is_that_name(event: Read) -> None:
    signal = signal_from(event("composite"))
    assert symptom_of(signal, None) == "checkout-down"
