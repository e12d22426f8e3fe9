"""The signal that an alarm would send if it fired now: read and matched exactly as at night.

An alarm's event does not say its comparison operator; its figures tell the direction. Here it is the other way round:
the operator is known, and a datapoint on that side of the threshold is put into the event.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nightcrew.dispatch.backtest.events import configuration_of, event_of
from nightcrew.dispatch.backtest.recorded import Change, RecordedAlarm
from nightcrew.signals import Contributor, Signal, signal_from

_HIGH = ("GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "GreaterThanUpperThreshold")
_LOW = ("LessThanThreshold", "LessThanOrEqualToThreshold", "LessThanLowerThreshold")
ANY_SERIES = "any of its series"
"""Stands for what a query groups by: which values there are only its contributors tell."""

# … GROUP BY ClusterName, "Service Name" ORDER BY MAX() DESC LIMIT 10; both tails may be missing (Metrics Insights query
# language, CloudWatch user guide).
_GROUPED = re.compile(r"\sGROUP\s+BY\s+(.+?)(?:\s+(?:ORDER\s+BY|LIMIT)\s.*)?$", re.IGNORECASE | re.DOTALL)


def firing(alarm: RecordedAlarm, now: datetime, contributors: bool) -> Signal:
    """What it would send at ``now``. Of an alarm that watches many series, ``contributors``, one of them sends it.

    Raises BadEvent where the alarm cannot be read.
    """
    state = {"stateValue": "ALARM", **witness(alarm.described)}
    one = Contributor(ANY_SERIES, dict.fromkeys(grouped(alarm.described), ANY_SERIES)) if contributors else None
    change = Change(alarm.name, now, "ALARM", "OK", state, {"stateValue": "OK"}, one)
    return signal_from(event_of(change, alarm, configuration_of(alarm.described)))


def witness(described: Mapping[str, Any]) -> dict[str, Any]:
    """What tells on which side of its threshold the metric is; nothing where the operator leaves that open: a state's
    ``stateReason`` and ``stateReasonData``, as the history has them.
    """
    operator = str(described.get("ComparisonOperator") or "")
    side = 1 if operator in _HIGH else -1 if operator in _LOW else 0
    words = {1: "greater than", -1: "less than"}.get(side)
    if words is None:
        return {"stateReason": "It would be outside its band"}
    threshold = described.get("Threshold")
    if not isinstance(threshold, int | float):
        return {"stateReason": f"Thresholds Crossed: 1 datapoint would be {words} the threshold"}
    data = {"threshold": threshold, "recentDatapoints": [threshold + side]}
    return {
        "stateReason": f"Threshold Crossed: 1 datapoint would be {words} the threshold ({threshold})",
        "stateReasonData": json.dumps(data),
    }


def grouped(described: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels by which its query groups: the dimensions of each of its contributors."""
    for query in described.get("Metrics") or ():
        found = _GROUPED.search(str(query.get("Expression") or "").strip())
        if found:
            return tuple(name.strip().strip('"') for name in found[1].split(",") if name.strip())
    return ()
