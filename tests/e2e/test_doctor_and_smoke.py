"""`nightcrew doctor` and `nightcrew smoke`, on a stack."""

import json

import pytest

from tests.e2e.deployment import Deployed

pytestmark = pytest.mark.e2e


def test_the_doctor_finds_what_the_emulator_dropped(deployed: Deployed) -> None:
    """And that what it kept is well. It drops these without a word: README.md."""
    done = deployed.nightcrew("doctor", "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    found = json.loads(done.stdout)["findings"]
    problems = " ".join(each["words"] for each in found if each["state"] == "problem")
    for dropped in ("point-in-time recovery is off", "time to live", "no durable function"):
        assert dropped in problems
    checks = {each["check"] for each in found}
    well = checks - {each["check"] for each in found if each["state"] != "ok"}
    assert {"stack", "intake", "roles", "policy"} <= well


def test_smoke_goes_the_whole_way_and_leaves_no_alarm(deployed: Deployed) -> None:
    """Intake decides about a made-up alarm, and the executor carries out a run that finds nothing to do."""
    done = deployed.nightcrew("smoke", "--run", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["decision"]["gate"] == "autonomy", "a made-up alarm starts nothing"
    assert told["run"]["outcome"] == "not_applicable"
    left = deployed.client("cloudwatch").describe_alarms(AlarmNamePrefix="nightcrew-smoke-")
    assert left["MetricAlarms"] == []
