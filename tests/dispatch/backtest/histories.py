"""Histories for tests: alarms as DescribeAlarms has them, and items as DescribeAlarmHistory has them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nightcrew.dispatch.backtest.recorded import Recorded, alarms_of, changes_of, recorded

ACCOUNT = "123456789012"
REGION = "eu-west-1"
START = datetime(2026, 11, 7, 3, tzinfo=UTC)
SAMPLE = Path(__file__).parents[3] / "events" / "history-sample.json"
HIGH = "Threshold Crossed: 1 datapoint [1.0 (07/11/26 02:59:00)] was greater than or equal to the threshold (1.0)."
WELL = "Threshold Crossed: 1 datapoint [0.0 (07/11/26 02:59:00)] was not greater than or equal to the threshold (1.0)."


def arn(name: str) -> str:
    return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"


def check(name: str, instance: str = "i-0abc1234def567890", **more: Any) -> dict[str, Any]:
    """An alarm on an instance's status check: restart-ec2-instance answers it."""
    return {
        "AlarmName": name,
        "AlarmArn": arn(name),
        "Namespace": "AWS/EC2",
        "MetricName": "StatusCheckFailed_Instance",
        "Dimensions": [{"Name": "InstanceId", "Value": instance}],
        "Statistic": "Maximum",
        "Period": 60,
        "StateValue": "OK",
        **more,
    }


def item(name: str, minutes: float, state: str, previous: str | None = None, **more: Any) -> dict[str, Any]:
    """A change of state, so many minutes after START."""
    before = previous or ("OK" if state == "ALARM" else "ALARM")
    reasons = {"ALARM": HIGH, "OK": WELL, "INSUFFICIENT_DATA": "Insufficient Data: 1 datapoint was unknown."}
    data = {
        "version": "1.0",
        "oldState": {"stateValue": before, "stateReason": reasons[before]},
        "newState": {"stateValue": state, "stateReason": reasons[state], "stateReasonData": {"version": "1.0"}},
    }
    return {
        "AlarmName": name,
        "AlarmType": "MetricAlarm",
        "Timestamp": (START + timedelta(minutes=minutes)).isoformat(timespec="milliseconds"),
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {before} to {state}",
        "HistoryData": json.dumps(data),
        **more,
    }


def spell(name: str, begins: float, lasts: float) -> list[dict[str, Any]]:
    """ALARM, and so many minutes later OK."""
    return [item(name, begins, "ALARM"), item(name, begins + lasts, "OK")]


def history(
    alarms: list[dict[str, Any]],
    items: list[dict[str, Any]],
    until: float | None = None,
    tags: Mapping[str, Mapping[str, str]] | None = None,
) -> Recorded:
    """Recorded, from START until so many minutes later, or the last change."""
    end = None if until is None else START + timedelta(minutes=until)
    found = alarms_of({"MetricAlarms": alarms}, tags or {})
    return recorded("a test", found, changes_of(items), since=START, until=end)


def described(event: Mapping[str, Any]) -> dict[str, Any]:
    """What DescribeAlarms says about the alarm of an event, single metrics in its short form."""
    detail, name = event["detail"], event["detail"]["alarmName"]
    told: dict[str, Any] = {"AlarmName": name, "AlarmArn": event["resources"][0]}
    told["AlarmDescription"] = detail["configuration"]["description"]
    if "alarmTags" in detail:
        told["ActionConfiguration"] = {"AlarmTagsPropagation": {"Enabled": True}}
    if "alarmRule" in detail["configuration"]:
        return {**told, "AlarmRule": detail["configuration"]["alarmRule"]}
    queries = [_query(each) for each in detail["configuration"]["metrics"]]
    if len(queries) > 1 or "MetricStat" not in queries[0]:
        return {**told, "Metrics": queries}
    stat = queries[0]["MetricStat"]
    return {**told, **stat["Metric"], "Period": stat["Period"], "Statistic": stat["Stat"]}


def _query(metric: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"Id": metric["id"], "ReturnData": metric["returnData"]}
    if "expression" in metric:
        told["Expression"] = metric["expression"]
    if "metricStat" in metric:
        stat = metric["metricStat"]
        dimensions = [{"Name": name, "Value": value} for name, value in stat["metric"]["dimensions"].items()]
        watched = {
            "Namespace": stat["metric"]["namespace"],
            "MetricName": stat["metric"]["name"],
            "Dimensions": dimensions,
        }
        told["MetricStat"] = {"Metric": watched, "Period": stat["period"], "Stat": stat["stat"]}
    return {**told, **({"AccountId": metric["accountId"]} if "accountId" in metric else {})}


def item_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """What DescribeAlarmHistory says about the change of an event."""
    detail = event["detail"]

    def state(told: Mapping[str, Any]) -> dict[str, Any]:
        data = {"stateReasonData": json.loads(told["reasonData"])} if "reasonData" in told else {}
        return {"stateValue": told["value"], "stateReason": told.get("reason", ""), **data}

    data = {"version": "1.0", "newState": state(detail["state"])}
    if "previousState" in detail:
        data["oldState"] = state(detail["previousState"])
    made: dict[str, Any] = {
        "AlarmName": detail["alarmName"],
        "Timestamp": detail["state"]["timestamp"],
        "HistoryItemType": "StateUpdate",
        "HistoryData": json.dumps(data),
    }
    if "alarmContributor" in detail:
        made["HistoryItemType"] = "AlarmContributorStateUpdate"
        made["AlarmContributorId"] = detail["alarmContributor"]["id"]
        made["AlarmContributorAttributes"] = detail["alarmContributor"]["attributes"]
    return made
