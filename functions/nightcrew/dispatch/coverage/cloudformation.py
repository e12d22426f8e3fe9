"""The alarms that are lacking, as a CloudFormation template: thresholds that only people know are its parameters."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nightcrew.dispatch.coverage.lacking import Lacking
from nightcrew.dispatch.coverage.usual import Usual, usual
from nightcrew.knowledge.names import short

_OPERATORS: Mapping[tuple[str, bool], str] = {
    ("high", False): "GreaterThanThreshold",
    ("high", True): "GreaterThanOrEqualToThreshold",
    ("low", False): "LessThanThreshold",
    ("low", True): "LessThanOrEqualToThreshold",
}
_LOGICAL = 200  # characters: CloudFormation takes 255


def template(missing: Sequence[Lacking]) -> dict[str, Any]:
    """A template with an alarm for each. The same alarm for two runbooks stands there once: an alarm starts one."""
    parameters: dict[str, Any] = {}
    resources: dict[str, Any] = {}
    for each in missing:
        name = _name(each)
        if name in resources:
            continue
        resources[name] = {"Type": "AWS::CloudWatch::Alarm", "Properties": _properties(each, name, parameters)}
    made: dict[str, Any] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Alarms that runbooks of Nightcrew answer, and that this account lacks.",
    }
    return {**made, **({"Parameters": parameters} if parameters else {}), "Resources": resources}


def _properties(each: Lacking, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    set_so = usual(each.trigger.namespace, each.trigger.metric)
    dimensions: list[dict[str, Any]] = []
    for dimension, value in each.dimensions.items():
        dimensions.append({"Name": dimension, "Value": value})
    for dimension in each.open:
        key = f"{name}{_plain(dimension)}"[:_LOGICAL]
        about = f"{dimension} of {each.trigger.metric} of {short(each.resource)}"
        parameters[key] = {"Type": "String", "Description": about}
        dimensions.append({"Name": dimension, "Value": {"Ref": key}})
    return {
        "AlarmDescription": f"Nightcrew: {each.runbook} answers it.",
        "Namespace": each.trigger.namespace,
        "MetricName": each.trigger.metric,
        "Dimensions": dimensions,
        "Statistic": set_so.statistic,
        "Period": set_so.period,
        "EvaluationPeriods": set_so.periods,
        "DatapointsToAlarm": set_so.datapoints,
        "ComparisonOperator": _OPERATORS[_side(each), set_so.or_equal],
        "Threshold": _threshold(each, set_so, parameters),
        "TreatMissingData": set_so.missing,
    }


def _threshold(each: Lacking, set_so: Usual, parameters: dict[str, Any]) -> Any:
    """One parameter for all resources of a kind: it is said once."""
    if set_so.threshold is not None:
        return set_so.threshold
    key = _plain(f"Threshold {each.trigger.namespace} {each.trigger.metric}")
    side = "above" if _side(each) == "high" else "below"
    parameters[key] = {
        "Type": "Number",
        "Description": f"{each.trigger.about}: in ALARM when it is {side} this. It depends on the application.",
    }
    return {"Ref": key}


def _side(each: Lacking) -> str:
    return "low" if each.trigger.direction == "low" else "high"


def _name(each: Lacking) -> str:
    """A logical id that stays the same from one printing to the next, so that an update replaces no alarm."""
    about = f"{each.trigger.about}|{sorted(each.dimensions.items())}|{each.open}|{each.resource}"
    tail = hashlib.sha256(about.encode()).hexdigest()[:8]
    return f"{_plain(short(each.resource))[:80]}{_plain(each.trigger.metric)[:80]}{tail}"


def _plain(text: str) -> str:
    """Letters and digits, as CloudFormation wants them, each word with a capital."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", text))
