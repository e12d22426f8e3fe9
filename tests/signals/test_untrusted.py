"""What an event must have: each wrong value is refused by its path. ``test_disturbed.py`` does so at random."""

import ast
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nightcrew.signals
from nightcrew.errors import BadEvent
from nightcrew.signals import signal_from

ABSENT = object()


# What the field may not be: path in the event, value, path in the error.
WRONG: list[tuple[str, Any, str]] = [
    ("source", "shop", "source"),
    ("source", ABSENT, "source"),
    ("source", ["aws.cloudwatch"], "source"),
    ("detail-type", "EC2 Instance State-change Notification", "detail-type"),
    ("detail-type", ABSENT, "detail-type"),
    ("detail-type", {}, "detail-type"),
    ("id", ABSENT, "id"),
    ("id", "", "id"),
    ("account", "12345", "account"),
    ("account", 123456789012, "account"),
    ("account", "\u0661" * 12, "account"),
    ("region", ABSENT, "region"),
    ("region", "us-east-1", "resources[0]"),
    ("account", "111122223333", "resources[0]"),
    ("resources", ABSENT, "resources[0]"),
    ("resources", [], "resources[0]"),
    ("resources", {"0": "arn"}, "resources[0]"),
    ("resources", [None], "resources[0]"),
    ("resources", ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:"], "resources[0]"),
    ("resources", ["arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890"], "resources[0]"),
    ("resources", ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:" + "x" * 3_000], "resources[0]"),
    ("detail", ABSENT, "detail"),
    ("detail", "text", "detail"),
    ("detail.alarmName", None, "detail.alarmName"),
    ("detail.alarmName", "", "detail.alarmName"),
    ("detail.alarmName", "x" * 1_000_000, "detail.alarmName"),
    ("detail.alarmName", "two\nlines", "detail.alarmName"),
    ("detail.alarmName", "half a \ud83d letter", "detail.alarmName"),
    ("detail.state", ABSENT, "detail.state"),
    ("detail.state", ["ALARM"], "detail.state"),
    ("detail.state.value", ABSENT, "detail.state.value"),
    ("detail.state.value", "alarm", "detail.state.value"),
    ("detail.state.value", ["ALARM"], "detail.state.value"),
    ("detail.state.reason", 12, "detail.state.reason"),
    ("detail.state.reason", "x" * 1_000_000, "detail.state.reason"),
    ("detail.state.timestamp", ABSENT, "detail.state.timestamp"),
    ("detail.state.timestamp", "yesterday", "detail.state.timestamp"),
    ("detail.state.timestamp", "2026-11-21T03:00:04.120", "detail.state.timestamp"),
    ("detail.state.timestamp", "0001-01-01T00:00:00+1400", "detail.state.timestamp"),
    ("detail.state.timestamp", 1_795_230_004, "detail.state.timestamp"),
    ("detail.state.actionsSuppressedBy", {}, "detail.state.actionsSuppressedBy"),
    ("detail.previousState", "OK", "detail.previousState"),
    ("detail.previousState.value", "GREEN", "detail.previousState.value"),
    ("detail.configuration", ABSENT, "detail.configuration"),
    ("detail.configuration", {}, "detail.configuration"),
    ("detail.configuration", {"alarmRule": 5}, "detail.configuration"),
    ("detail.configuration.metrics", [], "detail.configuration.metrics"),
    ("detail.configuration.metrics", {}, "detail.configuration.metrics"),
    ("detail.configuration.metrics", ["m1"], "detail.configuration.metrics[0]"),
    ("detail.configuration.metrics", [{"id": "m1"}], "detail.configuration.metrics[0]"),
    ("detail.configuration.metrics", [{"expression": 5}], "detail.configuration.metrics[0].expression"),
    ("detail.configuration.metrics.0.metricStat", 5, "detail.configuration.metrics[0].metricStat"),
    ("detail.configuration.metrics.0.metricStat.metric", ABSENT, "detail.configuration.metrics[0].metricStat.metric"),
    ("detail.configuration.metrics.0.accountId", "me", "detail.configuration.metrics[0].accountId"),
    (
        "detail.configuration.metrics.0.metricStat.metric.namespace",
        None,
        "detail.configuration.metrics[0].metricStat.metric.namespace",
    ),
    (
        "detail.configuration.metrics.0.metricStat.metric.name",
        7,
        "detail.configuration.metrics[0].metricStat.metric.name",
    ),
    (
        "detail.configuration.metrics.0.metricStat.metric.dimensions",
        [{"name": "InstanceId", "value": "i-0abc1234def567890"}],
        "detail.configuration.metrics[0].metricStat.metric.dimensions",
    ),
    (
        "detail.configuration.metrics.0.metricStat.metric.dimensions",
        {"InstanceId": 5},
        "detail.configuration.metrics[0].metricStat.metric.dimensions.InstanceId",
    ),
    ("detail.muteDetail", True, "detail.muteDetail"),
    ("detail.muteDetail", {}, "detail.muteDetail.muteWindowEnd"),
    ("detail.alarmTags", [{"key": "team", "value": "checkout"}], "detail.alarmTags"),
    ("detail.alarmTags", {"team": None}, "detail.alarmTags.team"),
    ("detail.alarmTags", {"": "checkout"}, "detail.alarmTags"),
]


def put(event: Any, path: str, value: Any) -> Any:
    """The event with a value put at the path, or taken away there."""
    *way, last = path.split(".")
    place = event
    for key in way:
        place = place[int(key) if key.isdigit() else key]
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return event


@pytest.mark.parametrize(("path", "value", "field"), WRONG)
def test_a_wrong_value_is_refused_by_its_path(
    event: Callable[[str], Any], path: str, value: object, field: str
) -> None:
    with pytest.raises(BadEvent) as refused:
        signal_from(put(event("ec2-status-check"), path, value))
    assert refused.value.field == field
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize("thing", [None, [], "text", 5, [{"source": "aws.cloudwatch"}]])
def test_what_is_no_object_is_no_event(thing: Any) -> None:
    with pytest.raises(BadEvent, match="event"):
        signal_from(thing)


@pytest.mark.parametrize(
    ("reason_data", "field"),
    [
        ("{", ""),
        ("[]", ""),
        (5, ""),
        ('{"triggeringAlarms": {}}', ".triggeringAlarms"),
        ('{"triggeringAlarms": ["arn"]}', ".triggeringAlarms[0]"),
        ('{"triggeringAlarms": [{"arn": "arn"}]}', ".triggeringAlarms[0].state"),
        ('{"triggeringAlarms": [{"arn": "arn", "state": {"value": "RED"}}]}', ".triggeringAlarms[0].state.value"),
        ('{"triggeringAlarms": [{"arn": 5, "state": {"value": "ALARM"}}]}', ".triggeringAlarms[0].arn"),
    ],
)
def test_a_composite_in_alarm_must_name_its_children_readably(
    event: Callable[[str], Any], reason_data: Any, field: str
) -> None:
    """For a metric's alarm it would only cost the direction; here it names what to remediate."""
    with pytest.raises(BadEvent) as refused:
        signal_from(put(event("composite"), "detail.state.reasonData", reason_data))
    assert refused.value.field == f"detail.state.reasonData{field}"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("detail.alarmContributor", ABSENT, "detail.alarmContributor"),
        ("detail.alarmContributor.id", None, "detail.alarmContributor.id"),
        ("detail.alarmContributor.attributes", ["InstanceId"], "detail.alarmContributor.attributes"),
        ("detail.alarmContributor.attributes.InstanceId", 5, "detail.alarmContributor.attributes.InstanceId"),
        ("detail.configuration.metrics", [5], "detail.configuration.metrics[0]"),
    ],
)
def test_a_contributor_must_say_which_it_is(event: Callable[[str], Any], path: str, value: object, field: str) -> None:
    with pytest.raises(BadEvent) as refused:
        signal_from(put(event("contributor"), path, value))
    assert refused.value.field == field


def test_control_characters_in_the_reason_become_blanks(event: Callable[[str], Any]) -> None:
    """A reason is shown on terminals, and whoever may set an alarm's state writes it."""
    read = put(event("ec2-status-check"), "detail.state.reason", "red \x1b[31malert\x07\nnow")
    assert signal_from(read).reason == "red  [31malert  now"


def test_a_null_is_as_good_as_nothing_where_nothing_is_allowed(event: Callable[[str], Any]) -> None:
    read = event("ec2-status-check")
    for field in ("previousState", "muteDetail", "alarmTags", "alarmTagsStatus"):
        read["detail"][field] = None
    read["detail"]["state"] |= {"reason": None, "reasonData": None, "actionsSuppressedBy": None}
    signal = signal_from(read)
    assert (signal.previous, signal.muted_until, dict(signal.tags), signal.suppressed_by) == (None, None, {}, None)


def test_a_signal_does_not_change_when_the_event_does(event: Callable[[str], Any]) -> None:
    read = event("tagged")
    signal = signal_from(read)
    read["detail"]["alarmTags"]["nightcrew:autonomy"] = "auto"
    read["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]["dimensions"].clear()
    assert signal.tags["nightcrew:autonomy"] == "approve"
    assert signal.metrics[0].dimensions == {"CanaryName": "checkout"}


def test_signals_need_the_standard_library_and_the_ground_only() -> None:
    """They are read on the cold path of every alarm."""
    allowed = {"nightcrew.errors", "nightcrew.clock", "nightcrew.signals"}
    for file in Path(nightcrew.signals.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name.partition(".")[0] in sys.stdlib_module_names or name.startswith(tuple(allowed)), file.name
