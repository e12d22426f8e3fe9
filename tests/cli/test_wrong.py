"""Who typed something wrong, or has nothing to act on, sees one clear message and an exit code, and no traceback."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nightcrew.cli import exits, wrong
from nightcrew.demo import served
from nightcrew.errors import BrokenChain, Conflict, Forbidden, NightcrewError, Refused, Unreachable
from tests.cli.cloud import Demo
from tests.cli.desk import EVENTS, typed

NAME = "restart-ec2-instance"
NO_AWS: dict[str, Any] = {
    "AWS_ACCESS_KEY_ID": None,
    "AWS_SECRET_ACCESS_KEY": None,
    "AWS_DEFAULT_REGION": None,
    "AWS_PROFILE": None,
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", NAME], ["--instance-id is missing", "it must be like i-0abc1234def567890", "nothing was started"]),
        (["run", NAME, "--instance-id", "web-1"], ["--instance-id: 'web-1' is not allowed", "i-0abc1234def567890"]),
        (
            ["run", NAME, "--instance-id", "i-0abc1234def567890", "--within", "soon"],
            ["--within: 'soon' is not allowed", "a duration like 90s"],
        ),
        (["run", NAME, "--instance-id"], ["option '--instance-id' requires an argument"]),
        (["run", NAME, "--instnce-id", "x"], ["no such option '--instnce-id'", "--instance-id"]),
        (["run", "restart-ec2-instanc"], ["there is no runbook 'restart-ec2-instanc'", f"did you mean {NAME}?"]),
        (["runbooks", "restart-ec2-instanc"], [f"did you mean {NAME}?"]),
        (["histroy"], ["no such command 'histroy'"]),
        (["history", "--demo"], ["no such option '--demo'", "--demo stands before the command", "nightcrew --demo"]),
        (["match", "no-such-file.json"], ["no-such-file.json", "No such file"]),
        (
            ["match", str(EVENTS / "malformed.json")],
            ["detail.state.value", "it must be ALARM, OK or INSUFFICIENT_DATA"],
        ),
        (["match", str(EVENTS / "not-an-alarm.json")], ["source", "'checkout'", "it must be aws.cloudwatch"]),
        (["--policy", "no-such-policy.yaml", "runbooks"], ["no-such-policy.yaml"]),
        (["--demo", "history"], ["no demo is up", "nightcrew demo --serve"]),
        (["history"], ["there is no installation here", "nightcrew --demo"]),
        (["run", NAME, "--instance-id", "i-0abc1234def567890"], ["there is no installation here", "--plan"]),
    ],
)
def test_what_is_wrong_is_named_and_what_to_do_is_said(words: list[str], said: list[str], state: Path) -> None:
    """Exit 2, nothing on stdout, and the message on stderr."""
    del state
    result = typed(*words)
    assert result.code == 2
    assert result.out == ""
    assert "Traceback" not in result.err
    for part in said:
        assert part in result.err


@pytest.mark.parametrize("given", ["{", "[1]", "", "\x00"])
def test_what_is_no_event_is_refused(given: str) -> None:
    result = typed("match", "-", given=given)
    assert result.code == 2
    assert "as EventBridge delivers it" in result.err


def test_a_policy_error_names_file_line_and_field(tmp_path: Path) -> None:
    policy = tmp_path / "mine.yaml"
    policy.write_text("defaults:\n  autonomy: full\n", encoding="utf-8")
    result = typed("--policy", str(policy), "match", str(EVENTS / "ec2-status-check.json"))
    assert result.code == 2
    assert f"{policy}:2: defaults.autonomy: 'full' is not allowed" in result.err


def test_a_policy_about_a_runbook_that_is_not_there_is_refused(tmp_path: Path) -> None:
    policy = tmp_path / "mine.yaml"
    policy.write_text("rules:\n  - when: {runbook: restart-ec2-instanc}\n    autonomy: auto\n", encoding="utf-8")
    result = typed("--policy", str(policy), "match", str(EVENTS / "ec2-status-check.json"))
    assert result.code == 2
    assert f"did you mean {NAME}?" in result.err


def test_with_json_an_error_is_json_too(state: Path) -> None:
    """A program finds it on stdout; the words for people stay on stderr."""
    del state
    result = typed("run", NAME, "--instance-id", "web-1", "--json")
    error = result.json["error"]
    assert result.code == 2
    assert (error["kind"], error["field"], error["value"]) == ("BadParameter", "instance_id", "web-1")
    assert "--instance-id" in result.err


def test_a_traceback_is_shown_only_with_debug() -> None:
    words = ["match", str(EVENTS / "malformed.json")]
    assert "Traceback" not in typed(*words).err
    assert "Traceback" in typed("--debug", *words).err


def test_a_slip_of_ours_says_how_to_see_more() -> None:
    slip = wrong.of_slip(KeyError("lease"))
    assert slip.code == 1
    assert "KeyError: 'lease'" in slip.line
    assert "--debug" in slip.hints[0]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused("lock", "another run has it"), 3),
        (Unreachable("DynamoDB did not answer"), 1),
        (Conflict("others write the same items"), 1),
        (Forbidden("it did not declare ec2:StopInstances"), 1),
        (BrokenChain("a-run", 2, "was edited"), 1),
        (exits.NotHere("there is nothing here"), 2),
    ],
)
def test_each_error_has_its_exit_code(error: NightcrewError, code: int) -> None:
    assert wrong.of_error(error).code == code


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("cured", 0),
        ("succeeded", 0),
        ("planned", 0),
        ("ineffective", 1),
        ("worse", 1),
        ("failed", 1),
        ("cancelled", 1),
        ("refused", 3),
        ("not_applicable", 4),
        ("declined", 5),
        ("waiting", 6),
    ],
)
def test_each_outcome_has_its_exit_code(outcome: str, code: int) -> None:
    assert exits.of_outcome(outcome) == code


def test_a_demo_that_does_not_answer_is_said_to(demo: Demo) -> None:
    """Its process was killed, and left its file behind."""
    del demo
    served.write(replace(served.read(), endpoint="http://127.0.0.1:9"))
    result = typed("--demo", "history")
    assert result.code == 2
    assert "the demo at http://127.0.0.1:9 does not answer" in result.err
    assert "nightcrew demo --serve" in result.err


def test_without_region_or_credentials_a_plan_says_what_to_do() -> None:
    words = ["run", NAME, "--instance-id", "i-0abc1234def567890", "--plan"]
    region = typed(*words, **NO_AWS)
    credentials = typed("--region", "eu-west-1", *words, **NO_AWS)
    profile = typed("--profile", "night", *words, **NO_AWS)
    assert [each.code for each in (region, credentials, profile)] == [2, 2, 2]
    assert "--region eu-west-1 before the command" in region.err
    assert "no AWS credentials" in credentials.err
    assert "--profile" in credentials.err
    assert "night" in profile.err
    assert not any("Traceback" in each.err for each in (region, credentials, profile))


def test_without_network_it_says_that_aws_did_not_answer() -> None:
    """The endpoint is a port on this machine where nobody listens."""
    given = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    words = ["--region", "eu-west-1", "run", NAME, "--instance-id", "i-0abc1234def567890", "--plan"]
    result = typed(*words, **{**NO_AWS, **given})
    assert result.code == 1
    assert "AWS did not answer" in result.err
    assert "Traceback" not in result.err
