"""`nightcrew run … --break-glass`, and what follows: resume, cancel, upload, and the mark wherever a run is shown."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.clock import SystemClock, stamp
from nightcrew.dispatch.break_glass import files
from nightcrew.ledger.disk import DiskStore
from nightcrew.ledger.history import entries, items
from nightcrew.ledger.transaction import Piece
from tests.cli.cloud import Demo
from tests.cli.desk import Seen, process, typed
from tests.cli.glass import ACCOUNT, admitted, broken
from tests.cli.night import NAME
from tests.dispatch.glass import closed_port


def too_wide(seen: Seen, columns: int) -> list[str]:
    """The lines that do not fit, but for the one that is there to be copied."""
    lines = (seen.out + seen.err).splitlines()
    return [line for line in lines if len(line) > columns and not line.startswith("  break-glass: ")]


def state_of(demo: Demo, instance: str) -> tuple[str, str]:
    """What the instance is doing, and whether anybody ever stopped it."""
    found = demo.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return str(found["State"]["Name"]), str(found.get("StateTransitionReason", ""))


def test_a_run_here_is_uploaded_later_and_marked_wherever_it_is_shown(
    demo: Demo, cut: dict[str, Any], glass: Path
) -> None:
    """On this machine before, and in the ledger after; item by item the same, and twice is safe."""
    instance = demo.instance()
    done = broken(instance, "--yes", "--json", **cut)
    assert (done.code, done.json["outcome"]) == (0, "succeeded")
    run = done.json["run"]
    assert state_of(demo, instance)[0] == "running"
    assert items(demo.store, run) == []
    for place in ([], ["--demo"]):
        (row,) = typed(*place, "history", "--json").json["runs"]
        assert (row["run"], row["break_glass"]) == (run, True)
        assert "break-glass" in typed(*place, "history", columns=80).out
        shown = typed(*place, "show", run, columns=80).out
        assert "the Region is down" in shown
        assert "not asked: halts" in " ".join(shown.split())
        (decision,) = typed(*place, "why", demo.arn(instance), "--json").json["decisions"]
        assert decision["break_glass"]["reason"] == "the Region is down"
        assert "break-glass" in typed(*place, "why", demo.arn(instance)).out
        assert typed(*place, "verify").out == "✓ consistent: 1 run, 6 entries, under break-glass\n"
        assert typed(*place, "verify", "--json").json["break_glass"] == 1
        uploaded = typed("--demo", "upload", "--json")
        assert (uploaded.code, [each["whole"] for each in uploaded.json]) == (0, [] if place else [True])
    again = typed("--demo", "upload", run)
    assert again.out == f"✓ {run}: 0 entries uploaded, 6 were there already\n"
    assert items(demo.store, run) == items(DiskStore(files(glass)[0]), run)


def test_what_is_different_is_told_before_and_confirmed(demo: Demo, cut: dict[str, Any]) -> None:
    """The plan first; what could not be asked; with whose rights; and that nobody was told."""
    instance = demo.instance()
    no = broken(instance, given="n\n", columns=80, **cut)
    assert no.code == 5
    words = " ".join(no.out.split())
    assert words.index("2 changes would be made") < words.index("Under break-glass") < words.index("Make these 2")
    for said in (
        "does not answer: DynamoDB",
        "not asked halts, locks of other runs",
        "acts in spite of that",
        "your own, as arn:aws:sts::123456789012",
        "nobody: NIGHTCREW_TOPIC and NIGHTCREW_BUS are not set",
        "Nothing was started.",
    ):
        assert said in words
    assert state_of(demo, instance) == ("running", "")
    yes = broken(instance, given="y\n", columns=80, **cut)
    assert yes.code == 0
    assert too_wide(no, 80) == too_wide(yes, 80) == []
    assert "nobody was told" in yes.err
    assert "Tell your team yourself" in yes.err
    assert "nightcrew upload 20" in yes.out
    assert "\x1b" not in yes.out + yes.err


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_without_anybody_to_confirm_it_wants_yes(demo: Demo, cut: dict[str, Any], more: list[str]) -> None:
    instance = demo.instance()
    seen = broken(instance, *more, **cut)
    assert seen.code == 2
    assert "--yes" in seen.err
    assert state_of(demo, instance) == ("running", "")


def test_where_the_ledger_answers_it_is_refused(demo: Demo, reached: dict[str, Any], glass: Path) -> None:
    """Nothing is made, not even a file; it is said how to go on."""
    instance = demo.instance()
    seen = broken(instance, "--yes", **reached)
    assert seen.code == 3
    assert "the ledger answers" in seen.err
    assert "without --break-glass" in seen.err
    assert not glass.exists()
    assert state_of(demo, instance) == ("running", "")


@pytest.mark.parametrize("reason", ["", "  "])
def test_it_wants_a_reason(demo: Demo, cut: dict[str, Any], reason: str) -> None:
    seen = typed("run", NAME, "--instance-id", demo.instance(), "--break-glass", "--yes", "--reason", reason, **cut)
    assert seen.code == 2
    assert "--reason" in seen.err


@pytest.mark.parametrize("option", [["--yes"], ["--resume"], ["--account", ACCOUNT]])
def test_its_options_go_with_it_alone(option: list[str]) -> None:
    seen = typed("run", NAME, "--instance-id", "i-0123456789abcdef0", *option)
    assert seen.code == 2
    assert "goes with --break-glass" in seen.err


def test_the_demo_has_no_glass_to_break(demo: Demo) -> None:
    seen = typed("--demo", "run", NAME, "--instance-id", demo.instance(), "--break-glass", "--reason", "why")
    assert seen.code == 2
    assert "no glass to break" in seen.err


def test_what_does_not_apply_is_not_started(demo: Demo, cut: dict[str, Any], glass: Path) -> None:
    """The plan says so."""
    del demo
    seen = broken("i-0123456789abcdef0", "--yes", **cut)
    assert seen.code == 4
    assert not glass.exists()


@pytest.mark.kill
def test_a_killed_process_is_carried_on_by_the_same_command(
    demo: Demo, cut: dict[str, Any], glass: Path, tmp_path: Path
) -> None:
    """A real one, killed while AWS had its request. Meanwhile the lock of this machine holds, and says what to do.

    It has the command line alone, as on a laptop: there is no moto that could be imported.
    """
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "moto.py").write_text("raise ModuleNotFoundError(name='moto')")
    instance = demo.instance()
    command = ["run", NAME, "--instance-id", instance, "--break-glass", "--reason", "the Region is down"]
    demo.stall.on("Action=DescribeInstanceStatus")
    path = os.pathsep.join([str(tmp_path / "without"), os.environ.get("PYTHONPATH", "")])
    child = process(*command, "--yes", "--json", PYTHONPATH=path, **cut)
    assert demo.stall.reached.wait(30)
    child.kill()
    child.communicate(timeout=30)
    demo.stall.off()
    store = DiskStore(files(glass)[0])
    (run,) = store.runs()
    assert [entry.kind for entry in entries(store, run)] == ["opening", "change", "wait", "change", "wait"]
    assert typed("--demo", "upload", run).code == 1
    assert items(demo.store, run) == []
    second = typed(*command, "--yes", **cut)
    assert second.code == 3
    assert f"nightcrew resume {run}" in second.out
    resumed = typed(*command, "--resume", **cut)
    assert resumed.code == 0, resumed.err
    assert f"carrying on {run}" in resumed.out
    facts = [fact for entry in entries(store, run) for fact in entry.body.get("facts", ())]
    assert [(fact["changed"], fact["how"]) for fact in facts if "changed" in fact] == [
        ("stop it", "once"),
        ("start it", "once"),
    ]
    assert typed("verify", run).code == 0
    nothing = typed(*command, "--resume", **cut)
    assert nothing.code == 2
    assert "has not ended" in nothing.err


def test_resume_carries_on_what_is_left_here(
    demo: Demo, cut: dict[str, Any], glass: Path, auto_policy: Policy, catalog: Catalog
) -> None:
    """Without naming it, and without a Region: the run's resource has one."""
    run = admitted(glass, demo, demo.instance(), auto_policy, catalog)
    seen = typed("resume", "--json", **{**cut, "AWS_REGION": "us-east-1"})
    assert (seen.code, [(each["run"], each["outcome"]) for each in seen.json]) == (0, [(run, "succeeded")])
    assert typed("resume", **cut).out == "Nothing to carry on.\n"


def test_it_is_not_carried_on_where_the_ledger_gave_the_resource_away(
    demo: Demo, reached: dict[str, Any], glass: Path, auto_policy: Policy, catalog: Catalog
) -> None:
    """The ledger answers again, and another run has it by now."""
    instance = demo.instance()
    run = admitted(glass, demo, instance, auto_policy, catalog)
    sets = {"owner": "another", "lease": stamp(SystemClock().now() + timedelta(hours=1))}
    demo.store.transact([Piece(table="state", key={"key": f"res#{demo.arn(instance)}"}, gate="test", sets=sets)])
    seen = typed("resume", run, **reached)
    assert seen.code == 3
    assert "run another has the resource" in seen.err
    assert state_of(demo, instance) == ("running", "")


def test_it_can_be_cancelled(
    demo: Demo, cut: dict[str, Any], glass: Path, auto_policy: Policy, catalog: Catalog
) -> None:
    """By its flag on this machine: nothing is changed after it."""
    instance = demo.instance()
    run = admitted(glass, demo, instance, auto_policy, catalog)
    assert typed("cancel", run, "--reason", "not now", **cut).code == 0
    resumed = typed("resume", run, "--json", **cut)
    assert [each["outcome"] for each in resumed.json] == ["cancelled"]
    assert state_of(demo, instance) == ("running", "")


def test_the_team_is_told_and_a_bus_that_does_not_take_it_is_named(demo: Demo, cut: dict[str, Any]) -> None:
    """As data, too; the run goes on."""
    topic = demo.client("sns").create_topic(Name="oncall")["TopicArn"]
    seen = broken(demo.instance(), "--yes", "--json", NIGHTCREW_TOPIC=topic, NIGHTCREW_BUS="no-such-bus", **cut)
    assert (seen.code, seen.json["told"]) == (0, [f"topic {topic}"])
    assert "no-such-bus" in json.dumps(seen.json["not_told"])
    assert "not everybody was told" in seen.err


def test_where_sts_is_down_the_account_is_said_and_nobody_vouches_for_the_caller(
    demo: Demo, cut: dict[str, Any], glass: Path
) -> None:
    instance, cut = demo.instance(), {**cut, "AWS_ENDPOINT_URL_STS": closed_port()}
    asked = broken(instance, "--yes", **cut)
    assert asked.code == 2
    assert "--account" in asked.err
    run = broken(instance, "--yes", "--json", "--account", ACCOUNT, USER="ada", **cut).json["run"]
    mark: Any = entries(DiskStore(files(glass)[0]), run)[0].body["break_glass"]
    assert mark["verified"] is False
    assert mark["by"].startswith("unverified")
    assert "whom AWS could not confirm" in " ".join(typed("show", run, columns=80).out.split())


def test_another_account_than_the_callers_is_a_slip(demo: Demo, cut: dict[str, Any]) -> None:
    seen = broken(demo.instance(), "--yes", "--account", "210987654321", **cut)
    assert seen.code == 2
    assert "you are signed in to 123456789012" in seen.err


def test_a_directory_that_cannot_be_used_is_said(demo: Demo, cut: dict[str, Any], tmp_path: Path) -> None:
    """Before anything is done."""
    (tmp_path / "file").write_text("")
    instance = demo.instance()
    words = ["--instance-id", instance, "--break-glass", "--reason", "why", "--yes"]
    seen = typed("--files", str(tmp_path / "file" / "below"), "run", NAME, *words, **cut)
    assert seen.code == 2
    assert "cannot be used" in seen.err
    assert state_of(demo, instance) == ("running", "")


def test_the_files_can_be_elsewhere_and_every_hint_says_so(demo: Demo, cut: dict[str, Any], tmp_path: Path) -> None:
    there = tmp_path / "somewhere else"
    words = ["--instance-id", demo.instance(), "--break-glass", "--reason", "why", "--yes"]
    seen = typed("--files", str(there), "run", NAME, *words, columns=120, **cut)
    assert seen.code == 0
    assert [line for line in too_wide(seen, 120) if str(there) not in line] == []
    assert {each.stat().st_mode & 0o777 for each in there.iterdir()} == {0o600}
    assert there.stat().st_mode & 0o777 == 0o700
    assert f"nightcrew --files '{there}' upload 20" in seen.out
    assert typed("--files", str(there), "verify").code == 0
    assert typed("--files", str(there), "--demo", "upload").code == 0
