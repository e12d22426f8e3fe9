"""`nightcrew policy`: a file is checked, and what policy says is explained."""

from pathlib import Path

import pytest

from tests.cli.cloud import Demo
from tests.cli.desk import typed

NAME = "restart-ec2-instance"
ARN = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"

WRONG = """\
defaults:
  autonomy: auto
rules:
  - when: {runbook: restart-ec2-instanc}
    cool_down: soon
  - when: {family: restart}
    colour: red
"""

GOOD = f"""\
defaults:
  cool_down: 20m
bindings:
  - alarm: checkout-*
    runbook: {NAME}
    autonomy: auto
  - alarm: batch-*
    runbook: scale-out-auto-scaling-group
rules:
  - when: {{runbook: {NAME}}}
    autonomy: suggest
    chain: 3
  - when: {{alarm_tag: {{team: new}}}}
    autonomy: observe
  - when: {{resource_tag: {{tier: core}}}}
    autonomy: approve
freezes:
  - name: always
    from: "2020-01-01T00:00"
    to: "2999-01-01T00:00"
    when: {{runbook: {NAME}}}
  - name: elsewhere
    from: "2020-01-01T00:00"
    to: "2999-01-01T00:00"
    when: {{account: "210987654321"}}
"""


@pytest.fixture
def good(tmp_path: Path) -> str:
    """A policy with some of everything."""
    file = tmp_path / "good.yaml"
    file.write_text(GOOD, encoding="utf-8")
    return str(file)


def test_a_drill_that_its_runbook_would_not_take_is_named_with_its_field(tmp_path: Path) -> None:
    """Else people would learn of it from the schedule."""
    file = tmp_path / "drills.yaml"
    one = '  - {runbook: drill-dynamodb-restore, parameters: {table: orders, at_most: "3"}, every: 7d}\n'
    file.write_text(f"drills:\n{one}", encoding="utf-8")
    result = typed("policy", "check", str(file), "--json")
    assert (result.code, result.json["valid"]) == (2, False)
    assert [(each["line"], each["field"]) for each in result.json["errors"]] == [(2, "drills[0].parameters.at_most")]


def test_every_error_is_named_with_line_field_and_what_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG, encoding="utf-8")
    result = typed("policy", "check", str(file))
    assert result.code == 2
    assert f"{file}:5: rules[0].cool_down: 'soon'" in result.out
    assert "like 90s, 15m or 2h" in result.out
    assert f"{file}:7: rules[1]" in result.out
    assert "2 errors" in result.out
    told = typed("policy", "check", str(file), "--json")
    assert (told.code, told.json["valid"]) == (2, False)
    assert [each["line"] for each in told.json["errors"]] == [5, 7]


def test_a_runbook_that_there_is_not_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "stranger.yaml"
    file.write_text("rules:\n  - when: {runbook: restart-ec2-instanc}\n    autonomy: auto\n", encoding="utf-8")
    result = typed("policy", "check", str(file), columns=80)
    assert result.code == 2
    assert NAME in result.out


def test_a_good_policy_is_well(good: str) -> None:
    result = typed("policy", "check", good)
    assert result.code == 0
    assert "3 rules, 2 bindings, 2 freezes" in result.out
    told = typed("policy", "check", good, "--json").json
    assert (told["valid"], told["errors"], len(told["version"])) == (True, [], 12)


def test_the_packaged_policy_is_well() -> None:
    assert typed("policy", "check", "runbooks/policy.yaml").code == 0


def test_each_setting_has_its_value_and_the_rule_that_won(good: str) -> None:
    """And the freezes that cover it now."""
    told = typed("--policy", good, "policy", "explain", NAME, ARN, "--json").json
    settings = told["settings"]
    assert settings["autonomy"] == {"value": "suggest", "because": f"rules[0] (runbook: {NAME})"}
    assert settings["cool_down"] == {"value": "20m", "because": "defaults"}
    assert settings["chain"]["value"] == "3"
    assert settings["breaker"] == {"value": "3", "because": "built in"}
    assert [each["name"] for each in told["freezes"]] == ["always"]


def test_an_alarms_binding_and_tags_count(good: str) -> None:
    """The binding raises, a tag lowers; an alarm that another runbook answers is said to be so."""

    def autonomy(*words: str) -> str:
        told = typed("--policy", good, "policy", "explain", NAME, ARN, *words, "--json").json
        return str(told["settings"]["autonomy"]["value"])

    assert autonomy("--alarm", "checkout-cpu") == "auto"
    assert autonomy("--alarm", "checkout-cpu", "--alarm-tag", "team=new") == "observe"
    assert autonomy("--alarm", "checkout-cpu", "--resource-tag", "tier=core") == "approve"
    other = typed("--policy", good, "policy", "explain", NAME, ARN, "--alarm", "batch-1")
    assert "gives the alarm to scale-out-auto-scaling-group" in other.out


@pytest.mark.parametrize("columns", [80, 120])
def test_an_explanation_fits_a_terminal(good: str, columns: int) -> None:
    result = typed("--policy", good, "policy", "explain", NAME, ARN, columns=columns)
    assert result.code == 0
    assert result.widest <= columns
    for words in ("cool_down", "20m", "defaults", "freezes[0] (always): no changes until 2999-01-01", "suggest"):
        assert words in result.out


def test_in_the_demo_a_name_is_enough(demo: Demo) -> None:
    told = typed("--demo", "policy", "explain", NAME, "i-0123456789abcdef0", "--json").json
    assert told["resource"] == demo.arn("i-0123456789abcdef0")
    assert told["settings"]["autonomy"]["value"] == "auto"


def test_what_is_wrong_is_said(good: str) -> None:
    assert typed("policy", "explain", "restart-ec2-instanc", ARN).code == 2
    assert typed("--policy", good, "policy", "explain", NAME, "arn:nonsense").code == 2
    assert "KEY=VALUE" in typed("policy", "explain", NAME, ARN, "--alarm-tag", "x").err
