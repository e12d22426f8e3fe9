"""A game day is played: what follows is seen as it is, and the fault never stays."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from nightcrew.admission.gates import GATES
from nightcrew.admission.gates.halt import ALL
from nightcrew.admission.halting import set_halt
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.experiments import experiment_backends
from nightcrew.demo.scripted import Refusal
from nightcrew.dispatch.gameday import note
from nightcrew.dispatch.gameday.play import INTERRUPTED, abandoned, play
from nightcrew.dispatch.gameday.report import Report, last
from nightcrew.errors import Unreachable
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.transaction import Piece
from tests.dispatch.gameday.conftest import Build, Field

NO = Refusal("UnauthorizedOperation", "You are not authorized to perform this operation.")


def held(told: Report) -> dict[str, bool]:
    """What was expected, and whether it held."""
    return {each.what: each.held for each in told.expectations}


def experiments(field: Field) -> list[str]:
    """The states of the experiments that were started."""
    found = experiment_backends[ACCOUNT][REGION].experiments.values()
    return [each["state"]["status"] for each in found if each["experimentTemplateId"] == field.template]


def test_an_experiment_proves_the_restart(build: Build) -> None:
    """The alarm fires, each gate passes, the run cures it, and the experiment is stopped."""
    field = build()
    told = field.play("fis")
    assert all(held(told).values()), told
    assert (told.runbook, told.outcome, told.stopped) == ("restart-ec2-instance", "cured", None)
    assert told.gates == {gate.name: "passed" for gate in GATES}
    assert 60 <= told.times["fault to ALARM"] <= 180
    assert told.times["decision to end"] > 300  # the OK is held for five minutes
    assert experiments(field) == ["stopped"]
    assert note.find(field.ground.store) is None


def test_its_report_is_kept(build: Build) -> None:
    """The last one, as it was told; of one that was never played there is none."""
    field = build()
    told = field.play("set-alarm", turning=False)
    assert last(field.ground.store, ["set-alarm", "fis"]) == [told.to_dict(), None]


def test_a_report_that_cannot_be_kept_is_told_all_the_same(build: Build) -> None:
    """The table is out of reach in the end: what was seen is not lost to who played."""
    field = build(within="1m")

    class Deaf(MemoryStore):
        def transact(self, pieces: Sequence[Piece]) -> None:
            if str(pieces[0].key.get("key")).startswith("gameday-report#"):
                raise Unreachable("DynamoDB does not answer")
            super().transact(pieces)

    crew = field.house.crew
    dispatcher = replace(crew.dispatcher, installation=replace(crew.installation, store=Deaf()))
    told = play(replace(field.ground, dispatcher=dispatcher), field.ready("set-alarm"))
    assert told.taken_back is not None
    assert told.notes == ("this report could not be kept: DynamoDB does not answer",)


def test_an_alarm_that_is_set_on_purpose_is_answered(build: Build) -> None:
    """By a real restart; CloudWatch itself says OK again."""
    field = build()
    told = field.play("set-alarm")
    assert all(held(told).values()), told
    assert "by CloudWatch's own word" in str(told.taken_back)


def test_an_alarm_is_set_back_when_nothing_follows(build: Build) -> None:
    """Nobody delivers its event: the report says that no runbook was chosen, and the time is over."""
    field = build(within="2m")
    told = field.play("set-alarm", turning=False)
    assert held(told) == {"alarm": True, "runbook": False, "outcome": False, "time": False, "fault": True}
    assert (told.stopped, field.says(field.alarm)) == ("its time was over", "OK")


def test_an_instance_that_nobody_started_is_started_again(build: Build) -> None:
    """A restart does not touch what somebody stopped: the report says so, and the instance runs again."""
    field = build()
    told = field.play("stop-instance")
    assert (told.outcome, held(told)["outcome"]) == ("not_applicable", False)
    assert field.state() == "running"
    assert field.changes() == ["StopInstances", "StartInstances"]


def test_an_instance_that_somebody_started_is_left_alone(build: Build) -> None:
    """Theirs is the start; nothing is left to take back."""
    field = build(within="2m")

    def somebody(seconds: float) -> None:
        field.ground.clock.sleep(seconds)
        field.client("ec2").start_instances(InstanceIds=[field.instance])

    play(replace(field.ground, pause=somebody), field.ready("stop-instance"))
    assert field.changes() == ["StopInstances"]


def test_an_instance_whose_stop_shows_late_is_started_again(build: Build) -> None:
    """EC2 tells for a while that it runs as before: that is no proof that it was not stopped."""
    field = build(within="2m")
    ready = field.ready("stop-instance")
    call = {"InstanceIds": [field.instance]}
    before = field.client("ec2").describe_instances(**call)

    def late(asked: Mapping[str, Any], answer: dict[str, Any]) -> None:
        field.scripted.answer("ec2", "DescribeInstances", before, before)
        raise KeyboardInterrupt

    field.scripted.after("ec2", "StopInstances", late)
    told = play(field.ground, ready)
    assert (told.stopped, field.state()) == ("interrupted", "running")
    assert field.changes() == ["StopInstances", "StartInstances"]


def test_an_instance_that_is_gone_leaves_nothing_to_take_back(build: Build) -> None:
    """Else no game day could ever be played again."""
    field = build(within="2m")
    ready = field.ready("stop-instance")
    gone = Refusal("InvalidInstanceID.NotFound", "there is no such instance")
    field.scripted.answer("ec2", "DescribeInstances", gone)
    told = play(field.ground, ready)
    assert told.taken_back == f"{field.instance} is gone"
    assert note.find(field.ground.store) is None


def test_what_is_to_be_taken_back_is_noted_before_the_fault_is_put(build: Build) -> None:
    """Whoever finds the note knows the fault and how it was before."""
    field, seen = build(within="2m"), []

    def noted(asked: Mapping[str, Any], answer: dict[str, Any]) -> None:
        seen.append(note.find(field.ground.store))

    field.scripted.after("ec2", "StopInstances", noted)
    field.play("stop-instance", turning=False)
    [found] = seen
    assert found is not None
    assert (str(found.fault), found.by, found.kept["state"]) == (f"stop-instance {field.instance}", "ada", "running")


def test_a_blocking_alarm_stops_it(build: Build) -> None:
    """At the next look, and the fault is taken back at once."""
    field = build()

    def trouble(seconds: float) -> None:
        field.ground.clock.sleep(seconds)
        field.sets(field.blocking, "ALARM")

    told = play(replace(field.ground, pause=trouble), field.ready("stop-instance"))
    assert told.stopped == f"{field.blocking} is in ALARM: it blocks"
    assert (told.held, field.state()) == (False, "running")


def test_ctrl_c_takes_the_fault_back(build: Build) -> None:
    """And what was seen until then is reported."""
    field = build()

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    told = play(replace(field.ground, pause=interrupted), field.ready("set-alarm"))
    assert (told.stopped, field.says(field.alarm)) == (INTERRUPTED, "OK")


def test_an_error_in_the_watch_takes_the_fault_back(build: Build) -> None:
    """It is told in the report."""
    field = build()
    ready = field.ready("stop-instance")
    field.scripted.answer("cloudwatch", "DescribeAlarms", Refusal("AccessDenied", "not any more", 403))
    told = play(field.ground, ready)
    assert "not any more" in str(told.stopped)
    assert field.state() == "running"


def test_what_nobody_foresaw_takes_the_fault_back_too(build: Build) -> None:
    """The slip itself is not hidden."""
    field = build()

    def slips(seconds: float) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        play(replace(field.ground, pause=slips), field.ready("set-alarm"))
    assert field.says(field.alarm) == "OK"
    assert note.find(field.ground.store) is None


def test_a_fault_that_aws_refuses_is_reported(build: Build) -> None:
    """Nothing was changed, and nothing is left."""
    field = build()
    ready = field.ready("stop-instance")
    field.scripted.answer("ec2", "StopInstances", NO)
    told = play(field.ground, ready)
    assert "the fault could not be put" in str(told.stopped)
    assert (field.state(), note.find(field.ground.store)) == ("running", None)


def test_an_experiment_whose_start_was_not_answered_is_found_and_stopped(build: Build) -> None:
    """By the tag that it was started with."""
    field = build()
    ready = field.ready("fis")
    field.scripted.lose_reply("fis", "StartExperiment")
    told = play(field.ground, ready)
    assert "the fault could not be put" in str(told.stopped)
    assert experiments(field) == ["stopped"]
    assert told.taken_back is not None


def test_an_experiment_that_is_listed_late_is_stopped(build: Build) -> None:
    """Its start was not answered, and it is not in the first list."""
    field = build()
    ready = field.ready("fis")
    field.scripted.lose_reply("fis", "StartExperiment")
    field.scripted.answer("fis", "ListExperiments", {"experiments": []})
    play(field.ground, ready)
    assert experiments(field) == ["stopped"]


def test_what_cannot_be_taken_back_stays_noted(build: Build) -> None:
    """It is said, and the next command takes it back: the note belongs to nobody now."""
    field = build(within="2m")
    ready = field.ready("stop-instance")
    field.scripted.answer("ec2", "StartInstances", NO)
    told = play(field.ground, ready)
    assert (told.taken_back, held(told)["fault"]) == (None, False)
    assert "not authorized" in str(told.left)
    left = abandoned(field.ground)
    assert left is not None
    assert left[1] == f"{field.instance} was started again"
    assert (field.state(), note.find(field.ground.store)) == ("running", None)


def test_who_is_signed_out_meanwhile_is_told_what_is_left(build: Build) -> None:
    """Nothing can be sent any more: the fault stays noted, and that is said."""
    field = build()

    def signed_out(asked: Mapping[str, Any]) -> None:
        raise NoCredentialsError

    def out(seconds: float) -> None:
        field.ground.clock.sleep(seconds)
        field.scripted.script("cloudwatch", "DescribeAlarms", signed_out)

    told = play(replace(field.ground, pause=out), field.ready("set-alarm"))
    assert (told.taken_back, told.left) == (None, "Unable to locate credentials")
    assert "could not be watched" in str(told.stopped)
    found = note.find(field.ground.store)
    assert found is not None
    assert found.over(field.ground.clock.now())


def test_aws_that_does_not_answer_is_asked_again(build: Build) -> None:
    """To take the fault back is tried three times."""
    field = build(within="2m")
    ready = field.ready("stop-instance")
    field.scripted.throttle("ec2", "StartInstances", 2)
    told = play(field.ground, ready)
    assert (told.taken_back, field.state()) == (f"{field.instance} was started again", "running")


def test_a_gate_that_refuses_is_named(build: Build) -> None:
    """Somebody halts everything in the middle: the alarm's run is refused, and the report says by whom."""
    field = build()
    ground, ready = field.turning(), field.ready("set-alarm")
    set_halt(field.ground.store, ALL, by="bob", reason="a freeze", now=field.ground.clock.now())
    told = play(ground, ready)
    assert (told.outcome, list(told.gates)) == ("refused", ["halt"])
    assert "halted by bob" in told.gates["halt"]
    assert held(told) == {"alarm": True, "runbook": True, "outcome": False, "time": True, "fault": True}


def test_people_who_watch_are_told_what_happens(build: Build) -> None:
    """In this order, and each once."""
    field = build()
    field.play("fis")
    kinds = ("fault", "fired", "chosen", "cleared", "taken_back", "not_taken_back", "played")
    assert [kind for kind, _ in field.house.told if kind in kinds] == [*kinds[:5], "played"]
