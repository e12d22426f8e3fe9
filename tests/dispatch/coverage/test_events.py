"""What coverage says of an alarm is what matching says of its event: of each that there is an example of."""

import json
from pathlib import Path
from typing import Any

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.clock import moment
from nightcrew.dispatch.backtest.recorded import RecordedAlarm
from nightcrew.dispatch.coverage.standing import standing
from nightcrew.dispatch.matching import match
from nightcrew.signals import signal_from

EVENTS = Path(__file__).parents[3] / "events"
OPERATORS = {"high": "GreaterThanThreshold", "low": "LessThanThreshold"}
FORMS = ("metric", "expression", "anomaly", "composite")


def described(event: dict[str, Any], direction: str | None) -> dict[str, Any]:
    """The alarm of an event as DescribeAlarms has it."""
    configuration = event["detail"]["configuration"]
    made: dict[str, Any] = {"AlarmName": event["detail"]["alarmName"], "AlarmArn": event["resources"][0]}
    made |= {"StateValue": "OK", "ComparisonOperator": OPERATORS.get(str(direction)), "Threshold": 1.0}
    if "alarmRule" in configuration:
        return {**made, "AlarmRule": configuration["alarmRule"]}
    return {**made, "Metrics": [_query(each) for each in configuration["metrics"]]}


def _query(query: dict[str, Any]) -> dict[str, Any]:
    made = {"Id": query["id"], "ReturnData": query.get("returnData", True)}
    if "metricStat" not in query:
        return {**made, "Expression": query.get("expression")}
    metric, account = query["metricStat"]["metric"], query.get("accountId")
    dimensions = [{"Name": name, "Value": value} for name, value in metric.get("dimensions", {}).items()]
    watched = {"Namespace": metric["namespace"], "MetricName": metric["name"], "Dimensions": dimensions}
    stat = {"Metric": watched, "Period": 60, "Stat": "Maximum"}
    return {**made, "MetricStat": stat, **({"AccountId": account} if account else {})}


def alarms() -> list[str]:
    """The examples of alarms in ALARM that nothing holds back."""
    found = []
    for file in sorted(EVENTS.glob("*.json")):
        event = json.loads(file.read_text(encoding="utf-8"))
        if "configuration" not in event.get("detail", {}) or file.stem in ("malformed", "configuration-change"):
            continue
        signal = signal_from(event)
        if signal.state == "ALARM" and signal.form in FORMS and not (signal.muted_until or signal.suppressed_by):
            found.append(file.stem)
    return found


@pytest.mark.parametrize("name", alarms())
def test_coverage_says_what_the_night_would(catalog: Catalog, auto_policy: Policy, name: str) -> None:
    """Answered by the same runbook on the same resource, or by none."""
    event = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    signal = signal_from(event)
    night = match(signal, catalog.index, auto_policy, catalog)
    alarm = RecordedAlarm(signal.name, signal.alarm, described(event, signal.direction), dict(signal.tags) or None)
    told = standing(alarm, moment("2026-11-21T03:00:00Z"), catalog, auto_policy)
    assert (told.kind == "answered", told.runbook) == (night.runbook is not None, night.runbook)
    assert told.kind == "answered" or not told.resource
