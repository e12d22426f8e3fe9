"""The stage: what becomes of an event there, and that nothing is well because somebody said so."""

import json
from datetime import timedelta

import pytest

from nightcrew.aws.cloud import READING
from nightcrew.demo.events import Event, happened, named
from nightcrew.errors import BadEvent
from nightcrew.ledger.history import history
from tests.demo.conftest import Build, Own, Told


def state(event: Event) -> str:
    """The name of an event's alarm."""
    return str(event["detail"]["alarmName"])


def test_an_instance_that_an_event_names_is_made_and_cured(build: Build, own: Own, told: Told) -> None:
    """It has the event's own id, and its alarm turns OK because it was started anew."""
    stage = build()
    played = stage.event(own("ec2-status-check"))
    assert played.end == "cured"
    assert [what["state"] for what in told.of("signal")] == ["ALARM", "OK"]
    assert stage.alarms.sounding == []


def test_a_group_that_stays_overloaded_is_not_cured(build: Build, own: Own) -> None:
    """Work for sixteen, six instances: the run proves what it did, and the alarm does not end."""
    event = own("asg-cpu-high")
    overloaded = json.dumps(event).replace("91.26,93.74,96.05", "91.26,93.74,400.0")
    stage = build()
    played = stage.event(json.loads(overloaded))
    assert played.end == "ineffective"
    assert stage.alarms.sounding == [state(event)]


def test_a_duplicate_writes_no_entry(build: Build, own: Own) -> None:
    """The ledger has one run after two deliveries."""
    stage = build()
    first = stage.event(own("ec2-status-check"))
    again = stage.event(own("ec2-status-check-duplicate"))
    assert (first.end, again.end) == ("cured", "claim")
    assert [row.run for row in history(stage.crew.store, now=stage.clock.now()).rows] == [first.answer.run]


def test_the_same_alarm_anew_is_refused_by_cool_down_and_stays_in_alarm(build: Build, own: Own) -> None:
    """Nobody touched the instance since, so nothing turned its alarm OK."""
    stage = build()
    stage.event(own("ec2-status-check"))
    stage.clock.sleep(120)
    event = own("ec2-status-check")
    assert stage.event(event, anew=True).end == "cool-down"
    stage.clock.sleep(600)
    assert stage.alarms.sounding == [state(event)]


def test_an_event_of_another_account_and_region_is_remedied_there(build: Build) -> None:
    """The instance is where the event says, and nowhere else."""
    stage = build()
    played = stage.event(named("member-account"))
    assert played.end == "cured"
    resource = str(played.answer.resource)
    assert resource.startswith("arn:aws:ec2:us-east-1:111122223333:instance/")
    there = stage.estate.plain(resource)("ec2", READING)
    assert there.describe_instances(InstanceIds=[resource.rsplit("/", 1)[-1]])["Reservations"]


@pytest.mark.parametrize("name", ["ec2-status-check-ok", "unknown-alarm", "muted", "composite", "low-direction"])
def test_what_starts_nothing_ends_with_words(build: Build, name: str) -> None:
    """It is left, with a sentence why."""
    played = build().event(named(name))
    assert played.end == "left"
    assert played.answer.words


@pytest.mark.parametrize("name", ["malformed", "not-an-alarm", "configuration-change"])
def test_what_is_no_alarm_event_is_refused_with_its_field(build: Build, name: str) -> None:
    """And nothing was started."""
    stage = build()
    with pytest.raises(BadEvent):
        stage.event(named(name))
    assert not history(stage.crew.store, now=stage.clock.now()).rows


def test_an_event_happens_now(build: Build, own: Own) -> None:
    """Its times are the stage's own; a redelivery keeps those of the first delivery."""
    stage = build()
    first = stage.arrange(own("ec2-status-check"))
    then = happened(first)
    assert then is not None
    assert abs(stage.clock.now() - then) < timedelta(seconds=30)
    stage.clock.sleep(3600)
    assert happened(stage.arrange(own("ec2-status-check-duplicate"))) == then
