"""Who says no to a game day, before anything is changed."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from nightcrew.admission.gates.halt import ALL
from nightcrew.admission.halting import halt_name, set_halt
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.experiments import experiment_backends, have_template
from nightcrew.demo.house import EVERYTHING_RUNS
from nightcrew.demo.scripted import Refusal
from nightcrew.dispatch.gameday import note
from nightcrew.errors import Refused
from tests.dispatch.gameday.conftest import Build, Field

Happens = Callable[[Field], object]

OBSERVED = "defaults: {autonomy: observe}\n"
FROZEN = "freezes:\n  - {name: year's end, from: 00:00, to: 00:00, days: [mon, tue, wed, thu, fri, sat, sun]}\n"
ELSEWHERE = "bindings:\n  - {alarm: ALARM, runbook: reboot-ec2-instance}\n"


def halted(field: Field, name: str = ALL) -> None:
    """Somebody halts it."""
    set_halt(field.ground.store, name, by="bob", reason="", now=field.ground.clock.now())


def untagged(field: Field) -> None:
    """Nobody says any more that it may be stopped."""
    field.client("ec2").delete_tags(Resources=[field.instance], Tags=[{"Key": "nightcrew:gameday"}])


def unmanaged(field: Field) -> None:
    """It is not Nightcrew's to touch."""
    field.client("ec2").delete_tags(Resources=[field.instance], Tags=[{"Key": "nightcrew"}])


def unstopped(field: Field) -> None:
    """Its template has no stop condition."""
    have_template(ACCOUNT, REGION, field.template, [], stop=None)


def forgotten(field: Field) -> None:
    """There is no such template any more."""
    del experiment_backends[ACCOUNT][REGION].templates[field.template]


def lost(field: Field) -> None:
    """There is no such instance any more."""
    said = Refusal("InvalidInstanceID.NotFound", "The instance ID does not exist")
    field.scripted.answer("ec2", "DescribeInstances", said)


def another(field: Field) -> None:
    """Another one is played."""
    now = field.ground.clock.now()
    fault = field.ready("set-alarm").game_day.fault
    note.write(field.ground.store, note.Note("t", "x", fault, "bob", now, now + note.LEASE, {}))


def worked_on(field: Field) -> None:
    """A run was on the instance, a minute ago."""
    field.house.start("restart-ec2-instance", instance_id=field.instance)
    field.scripted.sent.clear()


def gone(field: Field, alarm: str) -> None:
    """There is no such alarm any more."""
    field.client("cloudwatch").delete_alarms(AlarmNames=[alarm])


@pytest.mark.parametrize(
    ("fault", "gate", "words", "happens"),
    [
        ("set-alarm", "halt", "halted by bob", halted),
        ("set-alarm", "halt", "halted by bob", lambda field: halted(field, halt_name(account=ACCOUNT))),
        ("fis", "halt", "halted", lambda field: halted(field, halt_name(runbook="restart-ec2-instance"))),
        ("fis", "blocking", "is in ALARM", lambda field: field.sets(field.blocking, "ALARM")),
        ("fis", "blocking", "there is no alarm", lambda field: gone(field, field.blocking)),
        ("fis", "alarm", "is in ALARM already", lambda field: field.sets(field.alarm, "ALARM")),
        ("set-alarm", "alarm", "there is no alarm", lambda field: gone(field, field.alarm)),
        ("stop-instance", "fault", "has no tag nightcrew:gameday=allowed", untagged),
        ("stop-instance", "fault", "has no tag nightcrew=managed", unmanaged),
        (
            *("stop-instance", "fault", "there is nothing to stop"),
            lambda field: field.client("ec2").stop_instances(InstanceIds=[field.instance]),
        ),
        ("fis", "fault", "has no stop condition", unstopped),
        ("fis", "fault", "there is no EXT", forgotten),
        ("stop-instance", "fault", "there is no i-", lost),
        ("fis", "game day", "is played now, by bob", another),
        ("fis", "cool-down", "would be refused", worked_on),
    ],
)
def test_it_is_refused_and_nothing_is_changed(
    build: Build, fault: str, gate: str, words: str, happens: Happens
) -> None:
    """The gate is named, and why."""
    field = build()
    happens(field)
    with pytest.raises(Refused, match=words) as refused:
        field.ready(fault)
    assert refused.value.gate == gate
    assert field.changes() == []


@pytest.mark.parametrize(
    ("more", "rules", "gate", "words"),
    [
        (FROZEN, EVERYTHING_RUNS, "freeze", "year's end"),
        (ELSEWHERE, EVERYTHING_RUNS, "match", "would be by reboot-ec2-instance"),
        ("", OBSERVED, "autonomy", "only its match would be proved"),
    ],
)
def test_policy_refuses_it(build: Build, more: str, rules: str, gate: str, words: str) -> None:
    """A freeze, an alarm that goes to another runbook, a runbook that may not act."""
    field = build(more, rules)
    with pytest.raises(Refused, match=words) as refused:
        field.ready("set-alarm")
    assert refused.value.gate == gate
    assert field.changes() == []


def test_another_account_is_refused(build: Build) -> None:
    """Policy says where."""
    with pytest.raises(Refused, match=f"allows “fis” for 210987654321; you are in {ACCOUNT}"):
        build(account="210987654321").ready("fis")


def test_an_approval_that_is_wanted_is_said(build: Build) -> None:
    """It may be played: a person agrees meanwhile."""
    field = build(rules="rules:\n  - when: {family: restart}\n    autonomy: approve\n")
    assert "wants a person's approval" in field.ready("fis").notes[0]


def test_a_dead_runs_lock_is_no_refusal(build: Build) -> None:
    """Admission would close it first."""
    field = build()
    now = field.ground.clock.now()
    field.house.crew.dispatcher.person(
        "restart-ec2-instance", {"instance_id": field.instance}, actor="ada", account=ACCOUNT, region=REGION
    )
    with pytest.raises(Refused, match="lock"):
        field.ready("fis")
    field.ground.clock.sleep(timedelta(hours=12).total_seconds())
    assert field.ground.clock.now() > now
    assert field.ready("fis").request.runbook == "restart-ec2-instance"
