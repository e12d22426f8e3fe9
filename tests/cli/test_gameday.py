"""``nightcrew gameday``: on the demo, on a stack, and after a process that died in the middle."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.cloudwatch.models import CloudWatchBackend

from nightcrew.admission.game_day import Fault
from nightcrew.cli.stack import Stack
from nightcrew.clock import SkippingClock
from nightcrew.demo import served
from nightcrew.demo.embedded import ACCOUNT
from nightcrew.demo.gameday import put_status_alarm
from nightcrew.demo.house import EVERYTHING_RUNS
from nightcrew.dispatch.front_door import front_door
from nightcrew.dispatch.gameday import note
from nightcrew.engine.installation import nobody
from tests.cli.cloud import REGION, Demo
from tests.cli.deployed import NAME, Deployed
from tests.cli.desk import process, seen, typed
from tests.cli.test_smoke import event

TAGS = [{"Key": "nightcrew", "Value": "managed"}, {"Key": "nightcrew:gameday", "Value": "allowed"}]
ALARM, BLOCKING, ABSENT = "gameday-status", "gameday-5xx", "i-0dddddddddddddddd"


def days(instance: str) -> str:
    """Policy: everything may run, and there are two game days."""
    expects = f"expects: {{alarm: {ALARM}, runbook: restart-ec2-instance, within: 20m}}"
    where = f'blocking: [{BLOCKING}], account: "{ACCOUNT}", region: {REGION}'
    return (
        f"{EVERYTHING_RUNS}game_days:\n"
        f"  - {{name: alarm, fault: {{set-alarm: {ALARM}}}, {expects}, {where}}}\n"
        f"  - {{name: stopped, fault: {{stop-instance: {instance}}}, {expects}, {where}}}\n"
    )


@pytest.fixture
def shop(demo: Demo) -> Iterator[str]:
    """An instance that may be stopped on purpose, its alarm, and one that blocks."""
    instance = demo.instance()
    demo.client("ec2").create_tags(Resources=[instance], Tags=TAGS)
    for name in (ALARM, BLOCKING):
        put_status_alarm(demo.client("cloudwatch"), name, instance)
    yield instance
    demo.client("cloudwatch").delete_alarms(AlarmNames=[ALARM, BLOCKING])


@pytest.fixture
def demo_with(shop: str, tmp_path: Path) -> tuple[str, ...]:
    """What is typed before the command, to play on the demo by this policy."""
    file = tmp_path / "days.yaml"
    file.write_text(days(shop), encoding="utf-8")
    return "--demo", "--policy", str(file)


def state_of(demo: Demo, instance: str) -> str:
    """An instance's."""
    found = demo.client("ec2").describe_instances(InstanceIds=[instance])
    return str(found["Reservations"][0]["Instances"][0]["State"]["Name"])


def test_it_is_played_and_listed_with_how_it_went(demo_with: tuple[str, ...]) -> None:
    """As JSON; the report of the last time is kept."""
    played = typed(*demo_with, "gameday", "alarm", "--yes", "--json")
    assert (played.code, played.json["held"], played.json["outcome"]) == (0, True, "cured")
    listed = typed(*demo_with, "gameday", "--json").json
    assert [each["name"] for each in listed["game_days"]] == ["alarm", "stopped"]
    assert [each["last"] for each in listed["game_days"]] == [played.json, None]
    assert listed["taken_back"] is None


@pytest.mark.parametrize("columns", [80, 120, None])
def test_people_see_what_happens_and_what_held(demo_with: tuple[str, ...], columns: int | None) -> None:
    """A stopped instance is no case for a restart: not as expected, which is told, and taken back."""
    shown = typed(*demo_with, "gameday", "stopped", given="y\n", columns=columns)
    assert shown.code == 1
    words = " ".join(shown.out.split())
    assert "Put this fault now?" in words
    assert "✗ not_applicable expected: cured" in words
    assert "was started again" in words
    listed = typed(*demo_with, "gameday", columns=columns)
    assert listed.code == 0
    assert "not well" in listed.out
    lines = [line for line in listed.out.splitlines() if "--policy" not in line]  # what to type has a path in it
    assert columns is None or max(map(len, lines)) <= columns


def test_who_says_no_changes_nothing(demo_with: tuple[str, ...], demo: Demo, shop: str) -> None:
    """Nor does a program that says nothing."""
    assert typed(*demo_with, "gameday", "stopped", given="n\n").code == 5
    assert typed(*demo_with, "gameday", "stopped", "--json").code == 2
    assert typed(*demo_with, "gameday", "stopped").code == 2
    assert state_of(demo, shop) == "running"
    assert note.find(demo.store) is None


def test_one_that_policy_does_not_name_is_refused(demo_with: tuple[str, ...]) -> None:
    """With what there is."""
    refused = typed(*demo_with, "gameday", "alram", "--yes", "--json")
    assert (refused.code, refused.json["gate"]) == (3, "policy")
    assert "did you mean alarm?" in refused.json["words"]


def test_a_blocking_alarm_is_named(demo_with: tuple[str, ...], demo: Demo) -> None:
    """The gate, and why."""
    demo.client("cloudwatch").set_alarm_state(AlarmName=BLOCKING, StateValue="ALARM", StateReason="errors")
    refused = typed(*demo_with, "gameday", "alarm", "--yes")
    assert refused.code == 3
    assert f"by blocking: {BLOCKING} is in ALARM" in refused.out


def test_a_policy_without_any_says_so(demo: Demo, tmp_path: Path) -> None:
    """And nothing is to be taken back."""
    file = tmp_path / "none.yaml"
    file.write_text("rules: []", encoding="utf-8")
    assert "names no game day" in typed("--demo", "--policy", str(file), "gameday").out
    assert typed("--demo", "--policy", str(file), "gameday", "x", "--yes").code == 3
    assert "Nothing is to be taken back" in typed("--demo", "--policy", str(file), "gameday", "--take-back").out


@pytest.mark.kill
def test_what_a_killed_process_left_is_taken_back_by_the_next(
    demo_with: tuple[str, ...], demo: Demo, shop: str, state: Path
) -> None:
    """SIGKILL while AWS is asked to stop the instance: the note was there before, and the next command starts it."""
    children: list[Any] = []

    def dies() -> None:
        children[0].kill()

    demo.stall.on("StopInstances", meanwhile=dies)
    children.append(process(*demo_with, "gameday", "stopped", "--yes", "--json", XDG_STATE_HOME=str(state)))
    assert seen(children[0]).code == -signal.SIGKILL
    assert state_of(demo, shop) == "stopped"
    left = typed(*demo_with, "gameday", "--json").json
    assert left["taken_back"] is None  # it might live still
    served.moved(note.LEASE.total_seconds() + 5)
    told = typed(*demo_with, "gameday", "--json").json["taken_back"]
    assert told["words"] == f"{shop} was started again"
    assert state_of(demo, shop) == "running"
    assert note.find(demo.store) is None


def test_who_is_asked_to_end_takes_the_fault_back(demo_with: tuple[str, ...], demo: Demo) -> None:
    """SIGTERM as the fault is put: as Ctrl-C."""

    def asked_to_end() -> None:
        signal.raise_signal(signal.SIGTERM)

    demo.stall.on("StateReasonData", meanwhile=asked_to_end)
    ended = typed(*demo_with, "gameday", "alarm", "--yes", "--json")
    assert (ended.code, ended.json["stopped"]) == (130, "interrupted")
    assert note.find(demo.store) is None


def test_take_back_does_not_wait_for_a_lease(demo_with: tuple[str, ...], demo: Demo) -> None:
    """A person says that nobody plays any more; a name beside it makes no sense."""
    now = SkippingClock().now()
    fault = Fault("set-alarm", ALARM)
    note.write(demo.store, note.Note("t", "alarm", fault, "bob", now, now + note.LEASE, {"state": "OK"}))
    assert typed(*demo_with, "gameday", "alarm", "--take-back").code == 2
    assert typed(*demo_with, "gameday", "alarm", "--yes").code == 3
    done = typed(*demo_with, "gameday", "--take-back")
    assert (done.code, "was left by bob" in done.out) == (0, True)
    assert note.find(demo.store) is None


def test_without_an_installation_there_is_nothing_to_play_in() -> None:
    """It says what could be named."""
    assert typed("gameday").code == 2


def test_in_a_stack_its_own_policy_and_executor_answer(
    deployed: Deployed, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault about an instance that is not there: the run that the alarm starts finds nothing, as was expected."""
    for name, value in deployed.environment.items():
        monkeypatch.setenv(name, value)
    put_status_alarm(deployed.demo.client("cloudwatch"), ALARM, ABSENT)
    deployed.policy(days(shop).replace("within: 20m", "outcome: not_applicable, within: 20m"))
    environment, set_state = Stack(NAME, REGION, None, print).environment, CloudWatchBackend.set_alarm_state

    def and_tell(self: CloudWatchBackend, alarm_name: str, *args: Any, **kwargs: Any) -> None:
        set_state(self, alarm_name, *args, **kwargs)
        front_door(environment, nobody, deployed.demo.clients)().event(event(self, alarm_name, propagated=False))

    monkeypatch.setattr(CloudWatchBackend, "set_alarm_state", and_tell)
    played = typed("--stack", NAME, "gameday", "alarm", "--yes", "--json", **deployed.environment)
    assert played.code == 0, (played.out, played.err)
    assert (played.json["runbook"], played.json["outcome"]) == ("restart-ec2-instance", "not_applicable")
    assert played.json["run"] in deployed.executor.invoked
    assert json.loads(played.out)["taken_back"] == f"{ALARM} was set back to OK"


def test_a_stack_is_played_by_its_own_policy_only(deployed: Deployed, tmp_path: Path) -> None:
    """A file of one's own allows nothing there."""
    file = tmp_path / "own.yaml"
    file.write_text("rules: []", encoding="utf-8")
    refused = typed("--stack", NAME, "--policy", str(file), "gameday", **deployed.environment)
    assert refused.code == 2
