"""`nightcrew cancel`: at every moment, and twice."""

from pathlib import Path

from nightcrew.ledger.history import entries, running
from tests.cli.cloud import Demo
from tests.cli.desk import Seen, typed

NAME = "restart-ec2-instance"


def test_a_run_in_progress_takes_back_what_it_did(demo: Demo) -> None:
    """It is cancelled while AWS has its first change; who carries it undoes that, and closes."""
    instance = demo.instance()
    asked: list[tuple[str, Seen]] = []

    def changes_their_mind() -> None:
        (run,) = [row.run for row in running(demo.store)]
        asked.append((run, typed("--demo", "cancel", run, "--reason", "wrong instance", "--as", "ada")))

    demo.stall.on("Action=StopInstances", changes_their_mind)
    ended = typed("--demo", "run", NAME, "--instance-id", instance, "--json")
    ((run, result),) = asked
    assert result.code == 0
    assert "asked to stop" in result.out
    assert f"nightcrew --demo resume {run}" in result.out
    assert (ended.code, ended.json["run"], ended.json["outcome"]) == (1, run, "cancelled")
    closing = entries(demo.store, run)[-1].body
    assert "wrong instance" in closing["words"]
    assert closing["undone"]
    found = demo.client("ec2").describe_instances(InstanceIds=[instance])
    assert found["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"


def test_a_run_that_is_over_stays_as_it_is(demo: Demo) -> None:
    """That is no error: who cancels wants it to be over."""
    run = typed("--demo", "run", NAME, "--instance-id", demo.instance(), "--json").json["run"]
    result = typed("--demo", "cancel", run, "--reason", "too slow")
    assert result.code == 0
    assert "already over: succeeded" in result.out
    assert typed("--demo", "cancel", run, "--reason", "again", "--json").json["over"] is True


def test_a_run_that_waits_for_an_approval_ends_as_cancelled(demo: Demo, tmp_path: Path) -> None:
    """Nobody carries it, so whoever cancels does; cancelled twice, the first reason stays."""
    file = tmp_path / "careful.yaml"
    file.write_text(f"rules:\n  - when: {{runbook: {NAME}}}\n    autonomy: approve\n", encoding="utf-8")
    words = ["--demo", "--policy", str(file), "run", NAME, "--instance-id", demo.instance(), "--json"]
    run = typed(*words).json["run"]
    result = typed("--demo", "cancel", run, "--reason", "not needed", "--json")
    assert (result.code, result.json["outcome"]) == (0, "cancelled")
    assert running(demo.store) == []
    assert typed("--demo", "approvals", "--json").json == []
    late = typed("--demo", "approve", run, "--as", "bob")
    assert (late.code, "over already" in late.err) == (3, True)
    again = typed("--demo", "cancel", run, "--reason", "really")
    assert (again.code, "already over: cancelled" in again.out) == (0, True)


def test_what_is_no_run_cannot_be_cancelled(demo: Demo) -> None:
    del demo
    result = typed("--demo", "cancel", "20260101-000000-nobody", "--reason", "x")
    assert result.code == 2
    assert "there is no run" in result.err
