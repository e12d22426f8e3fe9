"""`nightcrew doctor` as people see it: a stack, one that is not there, and this machine."""

from io import StringIO
from typing import Any

import pytest

from nightcrew.aws.kinds import is_read
from nightcrew.cli.asked import Asked
from nightcrew.cli.commands.doctor import tell
from nightcrew.cli.output import Output
from tests.cli.clinic import Clinic
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import typed
from tests.cli.doctor.ailments import letter, not_assumable, rule_off


def shown(clinic: Clinic, columns: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = StringIO()
    tell(Asked(stack="well", output=Output(color=False, stdout=out)), "the stack well", clinic.seen())
    return out.getvalue()


@pytest.mark.parametrize("columns", [80, 120])
def test_it_fits_the_terminal(columns: int, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    with letter(clinic), rule_off(clinic), not_assumable(clinic):
        out = shown(clinic, columns, monkeypatch)
    assert max(map(len, out.splitlines())) <= columns
    assert "✗  rules" in out
    assert "nightcrew --stack well redrive" in out
    assert "\n   queues" not in out, "each line that is about something else names it"
    assert out.splitlines()[-1].startswith("✗ 6 problems, 1 warning")


def test_a_deployed_stack_is_asked_and_left_as_it_is(deployed: Deployed) -> None:
    """That one is of a few pieces only: the others are named."""
    ada = deployed.person("doctor-ada")
    seen = typed("--stack", NAME, "doctor", "--json", **ada)
    assert seen.code == 1
    assert (seen.json["stack"], seen.json["well"]) == (NAME, False)
    said = {each["words"] for each in seen.json["findings"] if each["state"] == "problem"}
    assert "the stack has no AlarmRule" in said
    for need in deployed.executor.requests.of(ada):
        assert is_read(*need.action.split(":"))


def test_a_stack_that_is_not_there_is_said(deployed: Deployed) -> None:
    seen = typed("--stack", "no-such-stack", "doctor", **deployed.environment)
    assert seen.code == 2
    assert "there is no stack no-such-stack in eu-central-1" in seen.err


def test_this_machine_is_well() -> None:
    seen = typed("doctor", columns=80)
    assert (seen.code, seen.widest <= 80) == (0, True)
    assert "all is well" in seen.out


def test_a_policy_that_is_not_valid_is_found_here(tmp_path: Any) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("rules: 5")
    seen = typed("--policy", str(file), "doctor", "--json")
    assert seen.code == 1
    assert [each["check"] for each in seen.json["findings"] if each["state"] == "problem"] == ["policy"]
