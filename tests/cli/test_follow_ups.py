"""`nightcrew follow-ups` and `sweep`: what is to be started later, dropped, and started."""

from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest

from nightcrew.admission.follow_ups import Due, keep, listed
from nightcrew.admission.policy_file import load
from nightcrew.clock import SystemClock, stamp
from nightcrew.demo import served
from nightcrew.demo.embedded import crew
from nightcrew.ledger.history import history, running
from nightcrew.ledger.transaction import Piece
from tests.cli.cloud import Demo
from tests.cli.desk import typed
from tests.cli.night import NAME, alarmed, ran
from tests.cli.test_resume import admitted

ADA = "arn:aws:iam::123456789012:user/ada"


@pytest.fixture(autouse=True)
def drilled_lately(demo: Demo) -> None:
    """The demo's own drill, which each sweep looks at, is not due here."""
    (drill,) = load((files("nightcrew.demo") / "policy.yaml").read_text(encoding="utf-8")).drills
    kept = {"due": stamp(SystemClock().now() + drill.every), "every": int(drill.every.total_seconds())}
    demo.store.transact([Piece("state", {"key": f"drill#{drill.key}"}, gate="drill", put=kept)])


def later(demo: Demo, name: str, due: datetime, kind: str = "later", **more: Any) -> str:
    """Something that is due then; the instance that it is about."""
    instance = demo.instance()
    what = {"title": "look again", "run": "20261121-030004-k3f9qa", "parameters": {"instance_id": instance}}
    keep(demo.store, Due(name, kind, due, NAME, ADA, {**what, "resource": demo.arn(instance), **more}))
    return instance


def refused_alarm(demo: Demo, name: str, state: str) -> None:
    """An alarm that the cool-down refused, for a second try; and CloudWatch's word on it since."""
    instance = demo.instance()
    policy = load(f"rules:\n  - when: {{runbook: {NAME}}}\n    autonomy: auto\n")
    team = crew(policy, clients=demo.clients, journal=demo.journal)
    ran(team, instance)
    assert str(alarmed(team, instance, name)).startswith("refused-")
    client = demo.client("cloudwatch")
    client.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/EC2",
        MetricName="StatusCheckFailed_Instance",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Period=60,
        Statistic="Maximum",
        Threshold=0.0,
    )
    client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")


@pytest.mark.parametrize("columns", [80, 120])
def test_what_is_to_come_is_listed_the_next_first(demo: Demo, columns: int) -> None:
    now = SystemClock().now()
    second = later(demo, "second", now + timedelta(days=2))
    first = later(demo, "first", now + timedelta(days=1))
    shown = typed("--demo", "follow-ups", columns=columns)
    assert shown.widest <= columns
    assert shown.out.index(first) < shown.out.index(second)
    assert "look again" in shown.out
    assert [each["name"] for each in typed("--demo", "follow-ups", "--json").json] == ["first", "second"]


def test_one_that_is_dropped_is_not_started(demo: Demo) -> None:
    later(demo, "one", SystemClock().now() - timedelta(minutes=1))
    assert typed("--demo", "follow-ups", "--drop", "one").code == 0
    again = typed("--demo", "follow-ups", "--drop", "one")
    assert (again.code, "started or dropped already" in again.err) == (2, True)
    assert typed("--demo", "follow-ups").out == "Nothing is to be started later.\n"
    assert "Nothing is due" in typed("--demo", "sweep").out


def test_what_is_due_is_started_and_carried_through(demo: Demo) -> None:
    """And what is not due stays."""
    now = SystemClock().now()
    instance = later(demo, "due", now - timedelta(minutes=1))
    later(demo, "not yet", now + timedelta(days=1))
    result = typed("--demo", "sweep", "--json")
    assert (result.code, [each["outcome"] for each in result.json["started"]]) == (0, ["succeeded"])
    assert [due.name for due in listed(demo.store)] == ["not yet"]
    rows = history(demo.store, now=now + timedelta(days=1), resource=demo.arn(instance)).rows
    assert [row.outcome for row in rows] == ["succeeded"]


def test_a_second_try_needs_its_alarm_still_in_alarm(demo: Demo) -> None:
    """CloudWatch is asked when the cool-down is over; where the alarm is OK the try is dropped."""
    refused_alarm(demo, "well-again", "OK")
    refused_alarm(demo, "still-ill", "ALARM")
    told = typed("--demo", "follow-ups", "--json").json
    assert [each["kind"] for each in told] == ["retry", "retry"]
    assert "cool-down refused alarm: still-ill" in typed("--demo", "follow-ups").out
    served.moved(timedelta(hours=1).total_seconds())
    result = typed("--demo", "sweep", "--json")
    assert result.json["dropped"] == [each["name"] for each in told if "well-again" in each["actor"]]
    assert len(result.json["started"]) == 1
    assert result.json["refused"] == []
    assert typed("--demo", "follow-ups", "--json").json == []


def test_a_run_that_nobody_closed_is_closed(demo: Demo) -> None:
    """Its process died, and its lease is over: the demo's time has gone on."""
    run = admitted(demo)
    assert typed("--demo", "sweep", "--json").json["closed"] == []
    served.moved(timedelta(hours=3).total_seconds())
    assert typed("--demo", "sweep", "--json").json["closed"] == [run]
    assert running(demo.store) == []
