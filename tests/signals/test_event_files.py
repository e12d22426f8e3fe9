"""What each file of ``events/`` says. A new file needs a line here and one in ``events/README.md``."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from nightcrew.errors import BadEvent
from nightcrew.signals import signal_from, symptom_of

EVENTS = Path(__file__).parents[2] / "events"

# file: form, state, direction, symptom of the first metric (or the alarm's name)
SIGNALS = {
    "ec2-status-check": ("metric", "ALARM", "high", "AWS/EC2:StatusCheckFailed_Instance:high"),
    "ec2-status-check-duplicate": ("metric", "ALARM", "high", "AWS/EC2:StatusCheckFailed_Instance:high"),
    "ec2-status-check-ok": ("metric", "OK", None, "AWS/EC2:StatusCheckFailed_Instance:unknown"),
    "missing-data": ("metric", "ALARM", None, "AWS/EC2:StatusCheckFailed_Instance:unknown"),
    "member-account": ("metric", "ALARM", "high", "AWS/EC2:StatusCheckFailed_Instance:high"),
    "asg-cpu-high": ("metric", "ALARM", "high", "AWS/EC2:CPUUtilization:high"),
    "low-direction": ("metric", "ALARM", "low", "AWS/EC2:CPUUtilization:low"),
    "insufficient-data": ("metric", "INSUFFICIENT_DATA", None, "AWS/EC2:CPUUtilization:unknown"),
    "muted": ("metric", "ALARM", "high", "AWS/EC2:CPUUtilization:high"),
    "target-tracking": ("metric", "ALARM", "high", "AWS/EC2:CPUUtilization:high"),
    "aurora-writer-latency": ("metric", "ALARM", "high", "AWS/RDS:CommitLatency:high"),
    "dynamodb-orders-missing": ("metric", "ALARM", "high", "Checkout:PaidOrdersMissing:high"),
    "tagged": ("metric", "ALARM", "low", "CloudWatchSynthetics:SuccessPercent:low"),
    "unknown-alarm": ("metric", "ALARM", "low", "AWS/CertificateManager:DaysToExpiry:low"),
    "metric-math": ("expression", "ALARM", "high", "AWS/ApplicationELB:HTTPCode_Target_5XX_Count:high"),
    "anomaly-detection": ("anomaly", "ALARM", "low", "Checkout:OrdersPlaced:low"),
    "composite": ("composite", "ALARM", None, "checkout-down"),
    "composite-suppressed": ("composite", "ALARM", None, "checkout-degraded"),
    "contributor": ("contributor", "ALARM", "high", "AWS/EC2:StatusCheckFailed_Instance:high"),
    "contributor-alarm-level": ("query", "ALARM", None, "fleet-instance-check"),
}
HISTORIES = {"history-sample"}  # no events: what `nightcrew backtest --history` plays
# file: the field that is wrong
REFUSED = {
    "not-an-alarm": "source",
    "configuration-change": "detail-type",
    "malformed": "detail.state.value",
}


@pytest.mark.parametrize("name", SIGNALS)
def test_an_alarm_event_is_read_as_what_it_is(event: Callable[[str], Any], name: str) -> None:
    signal = signal_from(event(name))
    symptom = symptom_of(signal, signal.metrics[0] if signal.metrics else None)
    assert (signal.form, signal.state, signal.direction, symptom) == SIGNALS[name]


@pytest.mark.parametrize("name", REFUSED)
def test_any_other_event_is_refused_by_the_field_that_tells(event: Callable[[str], Any], name: str) -> None:
    with pytest.raises(BadEvent) as refused:
        signal_from(event(name))
    assert refused.value.field == REFUSED[name]


def test_every_file_is_tested_and_explained() -> None:
    files = {path.stem for path in EVENTS.glob("*.json")}
    explained = set(re.findall(r"\(([a-z0-9-]+)\.json\)", (EVENTS / "README.md").read_text(encoding="utf-8")))
    assert files == SIGNALS.keys() | REFUSED.keys() | HISTORIES
    assert files == explained


def test_the_readme_says_what_each_event_is_read_as() -> None:
    lines = (EVENTS / "README.md").read_text(encoding="utf-8").splitlines()
    for name, (form, state, direction, _) in SIGNALS.items():
        (line,) = [line for line in lines if f"({name}.json)" in line]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[1:4] == [form, state, direction or "none"], name


def test_two_files_share_an_id_never_and_a_state_change_only_where_one_is_delivered_twice(
    event: Callable[[str], Any],
) -> None:
    assert len({event(name)["id"] for name in [*SIGNALS, *REFUSED]}) == len(SIGNALS) + len(REFUSED)
    assert len({signal_from(event(name)).claim for name in SIGNALS}) == len(SIGNALS) - 1


@pytest.mark.parametrize("name", [*SIGNALS, *REFUSED])
def test_a_file_has_the_frame_that_eventbridge_gives_an_event(event: Callable[[str], Any], name: str) -> None:
    read = event(name)
    assert list(read) == [
        *("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"),
    ]
    assert read["account"] in {"123456789012", "111122223333"}, "AWS's documentation uses these; nobody has them"


@pytest.mark.parametrize("name", SIGNALS)
def test_a_file_agrees_with_itself(event: Callable[[str], Any], name: str) -> None:
    """Times, names and figures that stand in an event twice are the same."""
    read = event(name)
    state, configuration = read["detail"]["state"], read["detail"]["configuration"]
    changed = datetime.fromisoformat(state["timestamp"])
    assert read["resources"] == [
        f"arn:aws:cloudwatch:{read['region']}:{read['account']}:alarm:{read['detail']['alarmName']}"
    ]
    assert datetime.fromisoformat(read["time"]) == changed.replace(microsecond=0)
    if "reasonData" in state and "alarmRule" not in configuration:
        data = json.loads(state["reasonData"])
        evaluated = [point["value"] for point in data["evaluatedDatapoints"] if "value" in point]
        assert data["recentDatapoints"] == evaluated[::-1]
        assert "the threshold (" not in state["reason"] or f"the threshold ({data['threshold']})" in state["reason"]
