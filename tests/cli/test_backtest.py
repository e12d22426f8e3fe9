"""`nightcrew backtest`: the table that a team decides by, from a file and from an account."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore import handlers

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.clock import SystemClock
from tests.cli.desk import EVENTS, typed
from tests.dispatch.backtest.histories import check, item, spell

SAMPLE = str(EVENTS / "history-sample.json")
AUTO = """\
rules:
  - when: {family: restart}
    autonomy: auto
  - when: {family: scale-out}
    autonomy: auto
freezes:
  - name: closing of the books
    from: 2026-11-20T00:00
    to: 2026-11-20T23:00
    when: {family: scale-out}
"""


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A policy that lets two families run, and freezes one of them for a day."""
    file = tmp_path_factory.mktemp("backtest") / "ours.yaml"
    file.write_text(AUTO, encoding="utf-8")
    return str(file)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A history of one alarm that comes again soon, and of another on the same instance."""
    file = tmp_path_factory.mktemp("backtest") / "small.json"
    items = [*spell("a", 0, 5), *spell("a", 12, 2), *spell("b", 70, 5)]
    file.write_text(json.dumps({"MetricAlarms": [check("a"), check("b")], "AlarmHistoryItems": items}))
    return str(file)


@cache
def document(*words: str) -> Any:
    """What is told about the sample as JSON: read by several tests, changed by none."""
    return typed("backtest", "--history", SAMPLE, *words, "--json").json


@pytest.mark.parametrize("columns", [80, 120, None])
def test_the_sample_is_a_table_worth_looking_at(columns: int | None) -> None:
    """As wide as the terminal; piped, a line for each thing."""
    shown = typed("backtest", "--history", SAMPLE, columns=columns)
    assert shown.code == 0
    assert shown.err == ""
    if columns:
        assert shown.widest <= columns
    for words in (
        "16 alarms fired 63 times",
        "2 still in ALARM",
        "by policy",
        "if auto",
        "only write it down",
        "cool-down",
        "the alarm changed state",
        "restart-ec2-instance",
        "no runbook answers Checkout OrdersPlaced",
        "Supposed",
        "Not known",
        "checkout-cache-cpu",
    ):
        assert words in " ".join(shown.out.split()), words
    assert "\x1b[" not in shown.out


def test_the_gates_that_a_history_can_ask_each_refuse_in_the_sample(policy: str) -> None:
    """What they compete for, what time brings, and what policy says."""

    def gates(*words: str) -> set[str]:
        return {each["gate"] for each in document(*words)["gates"]}

    assert gates() == {"flap", "lock", "cool-down"}
    assert gates("--policy", policy) == {"flap", "lock", "cool-down", "freeze"}
    assert gates("--suppose", "ineffective") == {"flap", "lock", "cool-down", "chain", "breaker"}


def test_by_policy_and_if_auto_stand_beside_each_other(policy: str) -> None:
    told, packaged = document("--policy", policy), document()
    assert packaged["by_policy"]["verdicts"].get("run", 0) == 0
    assert packaged["by_policy"]["verdicts"]["observe"] > 0
    assert 0 < told["by_policy"]["verdicts"]["run"] <= told["if_auto"]["verdicts"]["run"]
    assert told["policy"]["file"] == policy
    assert sum(told["by_policy"]["verdicts"].values()) == sum(told["if_auto"]["verdicts"].values()) == told["fired"]


def test_each_decision_can_be_listed(small: str) -> None:
    """In order, with what policy says and what the gates alone would have."""
    shown = typed("backtest", "--history", small, "--decisions")
    listed = [line for line in shown.out.splitlines() if line.startswith("07 Nov 0")]
    assert [" ".join(re.split(" i-| restart", line)[0].split()[2:]) for line in listed] == [
        "03:00:00 a observe run",
        "03:12:00 a observe cool-down",
        "03:15:00 a (2nd) – over",
        "04:10:00 b observe run",
    ]


def test_one_runbook_can_be_looked_at_alone() -> None:
    told = typed("backtest", "--history", SAMPLE, "--runbook", "fail-over-aurora-cluster", "--json").json
    assert [each["alarm"] for each in told["alarms"]] == ["checkout-db-commit-latency"]
    assert [each["runbook"] for each in told["runbooks"]] == ["fail-over-aurora-cluster"]
    assert typed("backtest", "--history", SAMPLE, "--runbook", "fail-over-aurora").code == 2


@pytest.mark.parametrize("since", ["5m", "20m", "2026-11-07T04:00"])
def test_since_shortens_a_file(small: str, since: str) -> None:
    """Counted back from its last change, or from a time."""
    told = typed("backtest", "--history", small, "--since", since, "--json").json
    assert [each["alarm"] for each in told["alarms"]] == ["b"]


def test_how_long_a_run_takes_can_be_said(small: str) -> None:
    """Longer runs hold their resource longer."""
    long = typed("backtest", "--history", small, "--takes", "20m", "--json").json
    assert [each["gate"] for each in long["gates"]] == ["lock"]
    assert long["supposed"]["takes_seconds"] == 1200


def test_the_same_history_gives_the_same_document() -> None:
    words = ("--suppose", "ineffective")
    assert typed("backtest", "--history", SAMPLE, *words, "--json").json == document(*words)


def test_the_documented_document_is_what_is_written() -> None:
    """docs/backtest.md names every key at the top, and no other."""
    told = document()
    page = (EVENTS.parent / "docs" / "backtest.md").read_text(encoding="utf-8")
    table = page.split("## The document")[1].split("\n## ")[0]
    named = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    assert named == set(told)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("{", "history.json"),
        ('{"AlarmHistoryItems": 3, "MetricAlarms": []}', "history.json: AlarmHistoryItems"),
        (
            json.dumps(
                {"MetricAlarms": [check("a")], "AlarmHistoryItems": [item("a", 0, "ALARM") | {"Timestamp": "x"}]}
            ),
            "history.json: AlarmHistoryItems[0].Timestamp",
        ),
    ],
)
def test_a_bad_file_is_said_with_what_is_allowed(tmp_path: Path, content: str, field: str) -> None:
    file = tmp_path / "history.json"
    file.write_text(content, encoding="utf-8")
    shown = typed("backtest", "--history", str(file))
    assert shown.code == 2
    assert field in shown.err
    assert "it must be" in shown.err
    assert shown.out == ""
    assert typed("backtest", "--history", str(file), "--json").json["error"]["field"].endswith(field)


@pytest.mark.parametrize(
    "words",
    [
        ("--history", "not-there.json"),
        ("--history", SAMPLE, "--takes", "soon"),
        ("--history", SAMPLE, "--takes", "999999999999d"),
        ("--history", SAMPLE, "--since", "lately"),
        ("--history", SAMPLE, "--since", "999999999999d"),
        ("--history", SAMPLE, "--suppose", "worse"),
        ("--since", "2999-01-01"),
    ],
)
def test_what_is_written_wrongly_is_said(words: tuple[str, ...]) -> None:
    shown = typed("--region", "eu-west-1", "backtest", *words)
    assert shown.code == 2
    assert shown.err.count("\n") <= 3


def test_a_policy_that_is_wrong_is_said_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text("rules:\n  - {when: {runbook: nobody}, autonomy: auto}\n", encoding="utf-8")
    shown = typed("backtest", "--history", SAMPLE, "--policy", str(file))
    assert shown.code == 2
    assert f"{file}:2" in shown.err


def test_the_demo_keeps_no_history() -> None:
    shown = typed("--demo", "backtest")
    assert shown.code == 2
    assert "--history FILE" in shown.err


# --- an account


@pytest.fixture
def account(clients: ClientMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The warm cloud as the caller's account, which has an alarm. moto keeps no alarm history: that is answered here;
    every operation that any client of this process sends is noted.
    """
    name, instance = "backtest-check", "i-0abc1234def567890"
    now = SystemClock().now()
    sent: list[str] = []

    def note(request: Any, operation_name: str, **_: Any) -> None:
        sent.append(operation_name)

    def history(model: Any, params: Any, **_: Any) -> Any:
        sent.append("DescribeAlarmHistory")
        items = [each | {"Timestamp": now} for each in [item(name, 0, "ALARM")]]
        return type("Answer", (), {"status_code": 200})(), {"AlarmHistoryItems": items, "ResponseMetadata": {}}

    client = clients("cloudwatch", READING)
    client.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/EC2",
        MetricName="StatusCheckFailed_Instance",
        Dimensions=[{"Name": "InstanceId", "Value": instance}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=2,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    hooks = [
        *handlers.BUILTIN_HANDLERS,
        ("before-call.cloudwatch.DescribeAlarmHistory", history),
        ("request-created", note),
    ]
    monkeypatch.setattr(handlers, "BUILTIN_HANDLERS", hooks)
    yield sent
    client.delete_alarms(AlarmNames=[name])


def test_an_account_is_read_with_the_callers_rights_and_nothing_is_written(account: list[str]) -> None:
    """Two kinds of request, and both only read."""
    shown = typed("--region", "eu-west-1", "backtest", "--since", "1d", "--runbook", "restart-ec2-instance", "--json")
    assert shown.code == 0, shown.err
    told = shown.json
    assert told["source"] == "CloudWatch"
    assert [each["alarm"] for each in told["alarms"]] == ["backtest-check"]
    assert told["if_auto"]["verdicts"] == {"run": 1}
    assert told["alarms"][0]["in_peoples_hands"]["open_since"] != []
    assert set(account) == {"DescribeAlarms", "DescribeAlarmHistory"}


def test_what_is_older_than_cloudwatch_keeps_is_noted(account: list[str]) -> None:
    assert "30 days" in typed("--region", "eu-west-1", "backtest", "--since", "90d").err
    assert account
