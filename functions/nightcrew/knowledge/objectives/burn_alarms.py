"""Alarms on how fast an error budget burns, over a long and a short window each, as a CloudFormation template.

Source: The Site Reliability Workbook, chapter 5, "Alerting on SLOs", "Multiwindow, Multi-Burn-Rate Alerts": what spends
2 % of the budget in an hour or 5 % in six pages somebody, 10 % in three days makes a ticket; a short window of a
twelfth lets the alarm end soon after the trouble.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightcrew.knowledge.objectives.objective import METRIC, NAMESPACE, Objective

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Burn:
    """Which share of the budget may be spent within the long window; ``words`` says what it is for."""

    words: str
    share: float
    long: timedelta
    short: timedelta

    def rate(self, interval: timedelta) -> float:
        """The burn rate that spends this share within the long window, for a budget of that interval."""
        return self.share * (interval / self.long)


BURNS = (
    Burn("page: 2 % of the budget in an hour", 0.02, timedelta(hours=1), timedelta(minutes=5)),
    Burn("page: 5 % of the budget in six hours", 0.05, timedelta(hours=6), timedelta(minutes=30)),
    Burn("ticket: 10 % of the budget in three days", 0.10, timedelta(days=3), timedelta(hours=6)),
)


def burns_of(each: Objective) -> list[Burn]:
    """Those that make sense for its interval: with a window that is shorter than it, and a rate above 1."""
    return [burn for burn in BURNS if burn.long < each.interval and burn.rate(each.interval) >= 1]


def windows_lacking(each: Objective) -> list[timedelta]:
    """The look-back windows that its alarms want and the objective does not keep: it has no metric for these yet."""
    wanted = {window for burn in burns_of(each) for window in (burn.long, burn.short)}
    return sorted(wanted - set(each.windows))


def template(objectives: Iterable[Objective]) -> dict[str, Any]:
    """A composite alarm for each burn of each objective, over two metric alarms, which tell nobody by themselves."""
    resources: dict[str, Any] = {}
    for each in objectives:
        for burn in burns_of(each):
            pair = [_metric_alarm(each, burn, window, resources) for window in (burn.long, burn.short)]
            resources[_logical(each, "Burns", _named(burn.long))] = _composite(each, burn, pair)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Multi-window alarms on how fast error budgets burn, made by Nightcrew.",
        "Resources": resources,
    }


def _metric_alarm(each: Objective, burn: Burn, window: timedelta, resources: dict[str, Any]) -> str:
    key = _logical(each, "Rate", _named(burn.long), _named(window))
    resources[key] = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": f"{each.name}: burn rate over {_named(window)}. Part of a pair: {burn.words}.",
            "Namespace": NAMESPACE,
            "MetricName": METRIC,
            "Dimensions": [
                {"Name": "SloName", "Value": each.name},
                {"Name": "BurnRateWindowMinutes", "Value": str(int(window / _MINUTE))},
            ],
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": round(burn.rate(each.interval), 3),
            "TreatMissingData": "notBreaching",
        },
    }
    return key


def _composite(each: Objective, burn: Burn, pair: Sequence[str]) -> dict[str, Any]:
    rule = " AND ".join(f'ALARM("${{{key}}}")' for key in pair)
    return {
        "Type": "AWS::CloudWatch::CompositeAlarm",
        "Properties": {
            "AlarmName": f"{each.name} burns {_named(burn.long)}"[:255],
            "AlarmDescription": f"{each.name}: {burn.words}, and it still burns.",
            "AlarmRule": {"Fn::Sub": rule},
        },
    }


def _named(window: timedelta) -> str:
    minutes = int(window / _MINUTE)
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def _logical(each: Objective, *parts: str) -> str:
    """A logical id of its own: names that differ in their signs only stay apart."""
    plain = "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", each.name))
    return f"{plain[:100]}{hashlib.sha256(each.name.encode()).hexdigest()[:6]}{''.join(parts)}"
