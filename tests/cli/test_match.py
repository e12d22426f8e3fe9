"""`nightcrew match`: what would be chosen for an event, and why. It asks nobody and starts nothing."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.desk import EVENTS, typed

NAME = "restart-ec2-instance"
EVERY = sorted(EVENTS.glob("*.json"))


@pytest.mark.parametrize("file", EVERY, ids=[file.stem for file in EVERY])
def test_every_kind_of_event_has_a_clear_end(file: Path) -> None:
    """Chosen is 0, nothing to choose is 4, no alarm event is 2; people and programs learn the same, and it fits a
    terminal.
    """
    told = typed("match", str(file), "--json")
    assert told.code in {0, 2, 4}
    assert (told.code == 2) == ("error" in told.json)
    for columns in (80, 120):
        said = typed("match", str(file), columns=columns)
        words = " ".join(said.out.split())
        assert said.code == told.code
        assert said.widest <= columns
        if told.code == 0:
            assert f"{told.json['runbook']} would be chosen" in words
        elif told.code == 4:
            assert told.json["why"] in words


def test_it_says_what_would_be_chosen_and_why() -> None:
    result = typed("match", str(EVENTS / "ec2-status-check.json"))
    assert result.code == 0
    for words in (
        f"{NAME} would be chosen",
        f"{NAME} answers AWS/EC2 StatusCheckFailed_Instance, high",
        "instance_id=i-0abc1234def567890, within=600s",
        "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890",
        "AWS/EC2:StatusCheckFailed_Instance:high",
        "observe: it would be written down, and not run  (defaults)",
        "runbooks/policy.yaml, version ",
    ):
        assert words in result.out


def test_the_event_may_come_from_stdin() -> None:
    text = (EVENTS / "ec2-status-check.json").read_text(encoding="utf-8")
    assert typed("match", "-", "--json", given=text).json["runbook"] == NAME


def test_the_policy_that_is_named_decides_and_is_named(tmp_path: Path) -> None:
    """Autonomy and where it comes from."""
    policy = tmp_path / "mine.yaml"
    policy.write_text(f"rules:\n  - when: {{runbook: {NAME}}}\n    autonomy: auto\n", encoding="utf-8")
    result = typed("--policy", str(policy), "match", str(EVENTS / "ec2-status-check.json"))
    assert f"auto: it would run by itself  (rules[0] (runbook: {NAME}))" in result.out
    told = typed("--policy", str(policy), "match", str(EVENTS / "ec2-status-check.json"), "--json").json
    assert told["settings"]["autonomy"] == {"value": "auto", "because": f"rules[0] (runbook: {NAME})"}
    assert told["follows"] == "run"
    assert told["policy"]["file"] == str(policy)


def test_the_demo_has_its_own_policy() -> None:
    """And needs no demo that is up for it: nothing is asked of anybody."""
    told = typed("--demo", "match", str(EVENTS / "ec2-status-check.json"), "--json").json
    assert (told["follows"], told["policy"]["file"]) == ("run", "nightcrew/demo/policy.yaml")


def test_a_binding_goes_first_and_its_parameters_are_checked(tmp_path: Path) -> None:
    """A runbook that is bound with a parameter that its form refuses would answer, but cannot."""
    policy = tmp_path / "mine.yaml"
    bound = f"bindings:\n  - alarm: checkout-*\n    runbook: {NAME}\n    parameters: {{instance_id: web-1}}\n"
    policy.write_text(bound, encoding="utf-8")
    result = typed("--policy", str(policy), "match", str(EVENTS / "ec2-status-check.json"))
    assert result.code == 4
    assert f"{NAME} would answer, but it cannot" in result.out
    assert "'web-1' is not allowed" in result.out
    told = typed("--policy", str(policy), "match", str(EVENTS / "ec2-status-check.json"), "--json").json
    assert (told["reason"], "web-1" in told["wrong"]) == ("bound", True)


def test_several_answers_are_listed_and_none_is_chosen(tmp_path: Path) -> None:
    """The runbook is bound to an alarm whose metrics name two instances."""
    text = (EVENTS / "ec2-status-check.json").read_text(encoding="utf-8")
    metric = text[text.index('{\n          "id"') : text.rindex("}\n      ]") + 1]
    other = metric.replace("i-0abc1234def567890", "i-0fed9876cba543210").replace("d03669f5", "d03669f6")
    event = tmp_path / "two.json"
    event.write_text(text.replace(metric, f"{metric}, {other}"), encoding="utf-8")
    policy = tmp_path / "mine.yaml"
    policy.write_text(f"bindings:\n  - alarm: checkout-*\n    runbook: {NAME}\n", encoding="utf-8")
    result = typed("--policy", str(policy), "match", str(event))
    assert result.code == 4
    assert "several runbooks could answer, so none would be started" in result.out
    assert "instance_id=i-0abc1234def567890" in result.out
    assert "instance_id=i-0fed9876cba543210" in result.out


def test_it_needs_no_credentials_and_no_network() -> None:
    none: dict[str, Any] = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_DEFAULT_REGION": None}
    away: dict[str, Any] = {"AWS_CONFIG_FILE": "/nonexistent", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    result = typed("match", str(EVENTS / "ec2-status-check.json"), **none, **away)
    assert (result.code, result.err) == (0, "")
