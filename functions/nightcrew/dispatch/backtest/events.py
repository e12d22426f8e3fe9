"""Of a change in the history, the event that EventBridge delivered for it, so that it is read exactly as at night.

The configuration is the alarm's present one: what it was at the time the history of its changes of state does not say.
The form of both sides: Amazon CloudWatch API Reference (MetricAlarm, CompositeAlarm, AlarmHistoryItem), and the
CloudWatch user guide, "Alarm events and EventBridge".
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from nightcrew.dispatch.backtest.recorded import Change, RecordedAlarm
from nightcrew.signals.event import CONTRIBUTOR_CHANGE, SOURCE, STATE_CHANGE

_STATISTIC = "Average"


def event_of(change: Change, alarm: RecordedAlarm, configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The event of one change; ``configuration`` is what ``configuration_of`` made of the alarm."""
    detail: dict[str, Any] = {"alarmName": alarm.name}
    if change.contributor is not None:
        detail["alarmContributor"] = {
            "id": change.contributor.id,
            "attributes": dict(change.contributor.attributes),
        }
        # A contributor's event has no previous state, and no figures.
        detail["state"] = {name: value for name, value in _state(change.new).items() if name != "reasonData"}
    else:
        detail["state"] = _state(change.new)
        if change.previous is not None:
            detail["previousState"] = _state(change.old)
    detail["state"]["timestamp"] = _time(change.at)
    detail["configuration"] = configuration
    if alarm.tags is not None:
        detail |= {"alarmTags": dict(alarm.tags), "alarmTagsStatus": "SUCCESS"}
    contributor = change.contributor.id if change.contributor else ""
    named = f"{alarm.arn}|{contributor}|{detail['state']['timestamp']}"
    return {
        "version": "0",
        "id": hashlib.sha256(named.encode()).hexdigest()[:32],
        "detail-type": CONTRIBUTOR_CHANGE if change.contributor else STATE_CHANGE,
        "source": SOURCE,
        "account": alarm.account,
        "time": f"{change.at:%Y-%m-%dT%H:%M:%SZ}",
        "region": alarm.region,
        "resources": [alarm.arn],
        "detail": detail,
    }


def configuration_of(described: Mapping[str, Any]) -> dict[str, Any]:
    """An alarm's configuration as its events have it, from what DescribeAlarms says."""
    made: dict[str, Any] = {}
    if described.get("AlarmDescription"):
        made["description"] = described["AlarmDescription"]
    if described.get("AlarmRule") is not None:
        return {**made, "alarmRule": described["AlarmRule"]}
    if described.get("EvaluationCriteria") is not None:
        return {**made, "evaluationCriteria": described["EvaluationCriteria"]}
    if described.get("Metrics"):
        return {**made, "metrics": [_query(each) for each in described["Metrics"]]}
    if described.get("MetricName") is not None:
        return {**made, "metrics": [_single(described)]}
    return made


def _single(described: Mapping[str, Any]) -> dict[str, Any]:
    stat = {
        "metric": _metric(described),
        "period": described.get("Period"),
        "stat": described.get("Statistic") or described.get("ExtendedStatistic") or _STATISTIC,
    }
    return {"id": "m1", "metricStat": {**stat, **_given(described, unit="Unit")}, "returnData": True}


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"id": query.get("Id")}
    stat = query.get("MetricStat")
    if stat is not None:
        told = {"metric": _metric(stat.get("Metric") or {}), "period": stat.get("Period"), "stat": stat.get("Stat")}
        made["metricStat"] = {**told, **_given(stat, unit="Unit")}
    more = _given(query, expression="Expression", label="Label", accountId="AccountId")
    return {**made, **more, "returnData": query.get("ReturnData", True)}


def _metric(described: Mapping[str, Any]) -> dict[str, Any]:
    dimensions = {each.get("Name"): each.get("Value") for each in described.get("Dimensions") or ()}
    return {"namespace": described.get("Namespace"), "name": described.get("MetricName"), "dimensions": dimensions}


def _given(holder: Mapping[str, Any], **names: str) -> dict[str, Any]:
    return {name: holder[key] for name, key in names.items() if holder.get(key) is not None}


def _state(state: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"value": state.get("stateValue"), "reason": state.get("stateReason", "")}
    data = state.get("stateReasonData")
    if data is not None:
        # An object in the history, text in an event.
        made["reasonData"] = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    return made


def _time(at: datetime) -> str:
    """As CloudWatch writes it: ``2026-11-21T03:00:04.120+0000``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")
