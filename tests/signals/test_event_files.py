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
SIGNALS: dict[str, tuple[str, str, str | None, str]] = {
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
# file: what each event beyond alarms is known by; it has no state and no direction
EVENTS_BEYOND = {
    "ec2-instance-stopped": "aws.ec2:EC2 Instance State-change Notification:stopped",
    "ec2-retirement": "aws.health:AWS Health Event:AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED",
    "ec2-maintenance": "aws.health:AWS Health Event:AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED",
    "rds-storage-full": "aws.rds:RDS DB Instance Event:RDS-EVENT-0007",
    "rds-shutdown": "aws.rds:RDS DB Instance Event:RDS-EVENT-0004",
    "rds-cluster-failover-failed": "aws.rds:RDS DB Cluster Event:RDS-EVENT-0069",
    "ecs-task-out-of-memory": "aws.ecs:ECS Task State Change:STOPPED",
    "ecs-deployment-failed": "aws.ecs:ECS Deployment State Change:SERVICE_DEPLOYMENT_FAILED",
    "ecs-placement-failure": "aws.ecs:ECS Service Action:SERVICE_TASK_PLACEMENT_FAILURE",
    "asg-launch-unsuccessful": "aws.autoscaling:EC2 Instance Launch Unsuccessful",
    "backup-job-failed": "aws.backup:Backup Job State Change:FAILED",
}
ALARMS = list(SIGNALS)
SIGNALS |= {name: ("event", "EVENT", None, known) for name, known in EVENTS_BEYOND.items()}
HISTORIES = {"history-sample"}  # no events: what `nightcrew backtest --history` plays
# file: the field that is wrong
REFUSED = {
    "not-an-alarm": "source",
    "configuration-change": "detail-type",
    "malformed": "detail.state.value",
}


@pytest.mark.parametrize("name", SIGNALS)
def test_an_event_is_read_as_what_it_is(event: Callable[[str], Any], name: str) -> None:
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
    for name, (form, state, direction, known) in SIGNALS.items():
        (line,) = [line for line in lines if f"({name}.json)" in line]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        told = [f"`{known}`"] if form == "event" else [form, state, direction or "none"]
        assert cells[1 : 1 + len(told)] == told, name


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


@pytest.mark.parametrize("name", ALARMS)
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


@pytest.mark.parametrize("name", EVENTS_BEYOND)
def test_an_event_beyond_alarms_is_of_the_time_and_the_words_that_stand_in_it(
    event: Callable[[str], Any], name: str
) -> None:
    read, signal = event(name), signal_from(event(name))
    assert signal.at == datetime.fromisoformat(read["time"])
    assert (signal.account, signal.region, signal.event) == (read["account"], read["region"], read["id"])
    assert signal.alarm == (read["resources"] or [signal.name])[0]
    assert signal.reason == "" or signal.reason[:20] in json.dumps(read)
