"""The side of its threshold that an alarm's metric is on: high, low, or None where that is not certain.

An alarm's event has no comparison operator. Two witnesses tell what it was:

- the **words** of ``state.reason``: "1 datapoint [1.0 (…)] was greater than or equal to the threshold (1.0)";
- the **figures** of ``state.reasonData``: ``threshold`` and ``recentDatapoints``; for an anomaly band
  ``recentLowerThresholds`` and ``recentUpperThresholds``, one for each datapoint (a one-sided band has one of the two).

Where one speaks, it decides. Where both speak, they must agree.

- Figures say nothing when a datapoint equals the threshold (``>=`` and ``<=`` both alarm then), or when datapoints are
  on both sides of it ("2 out of the last 3"). A datapoint inside its band says nothing; the others decide.
- Words say nothing when they name both sides, as for a two-sided band: "was less than the lower thresholds […] or
  greater than the upper thresholds […]". There the figures decide.
- Missing data that counts as breaching says nothing about a side, and the datapoints beside it may be healthy ones: "1
  datapoint was received for 3 periods and 2 missing datapoints were treated as [Breaching]". Then figures do not count.

A contributor's event has words only: CloudWatch gives these "a simplified state reason for each contributor, without
the detailed state reason data block".

Sources, pages of the CloudWatch user guide (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/…): "Alarm
events and EventBridge" (cloudwatch-and-eventbridge.html), "Acting on alarm changes" (Acting_Alarm_Changes.html),
"Configuring how CloudWatch alarms treat missing data" (alarms-and-missing-data.html).
"""

import json
from operator import gt, lt
from typing import Any, TypeGuard

LONGEST_DATA = 65_536
"""Characters of ``reasonData`` that are read; CloudWatch's API documents 4,000."""


def direction_of(reason: str, reason_data: object) -> str | None:
    """The direction of an alarm in ALARM, from its reason and its reasonData (JSON text, or whatever came instead)."""
    words = _words(reason)
    figures = None if "[Breaching]" in reason else _figures(read_data(reason_data))
    if words and figures:
        return words if words == figures else None
    return words or figures


def read_data(reason_data: object) -> dict[str, Any] | None:
    """The object in ``reasonData``, or None where it is not JSON text of an object."""
    if not isinstance(reason_data, str) or len(reason_data) > LONGEST_DATA:
        return None
    try:
        data = json.loads(reason_data)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _words(reason: str) -> str | None:
    if "threshold" not in reason:
        return None
    greater = "greater than" in reason
    if greater == ("less than" in reason):
        return None
    # "was not greater than the threshold" in an alarm: what breached was missing data, not the datapoint.
    if "not greater than" in reason or "not less than" in reason:
        return None
    return "high" if greater else "low"


def _figures(data: dict[str, Any] | None) -> str | None:
    points = _numbers(data.get("recentDatapoints")) if data else None
    if not data or not points:
        return None
    if "recentLowerThresholds" in data or "recentUpperThresholds" in data:
        return _outside_band(points, data)
    threshold = data.get("threshold")
    if not _is_number(threshold):
        return None
    if min(points) > threshold:
        return "high"
    return "low" if max(points) < threshold else None


def _outside_band(points: list[float], data: dict[str, Any]) -> str | None:
    lower = _numbers(data.get("recentLowerThresholds"))
    upper = _numbers(data.get("recentUpperThresholds"))
    below = lower is not None and len(lower) == len(points) and any(map(lt, points, lower))
    above = upper is not None and len(upper) == len(points) and any(map(gt, points, upper))
    if above == below:
        return None
    return "high" if above else "low"


def _numbers(values: object) -> list[float] | None:
    if isinstance(values, list) and all(_is_number(value) for value in values):
        return values
    return None


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
