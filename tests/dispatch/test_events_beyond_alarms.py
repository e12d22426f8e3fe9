"""From an event that is no alarm's to the end of its run: each gate, and what it means without a state or an OK."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nightcrew import Event, Run
from nightcrew.admission.follow_ups import listed
from nightcrew.admission.freeze import Freeze
from nightcrew.admission.policy import Binding
from nightcrew.admission.settings import Level
from nightcrew.clock import stamp
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.sweep import Swept, sweep
from nightcrew.ledger.history import history
from tests.engine.shift import ADA, Shift
from tests.happenings import happened
from tests.house import House
from tests.queues import Queue, hide_for, lock_of, settings
from tests.runbooks.machines import an_instance, checks

OF_THE_EVENT = "i-0abc1234def567890"
STUCK = Event("com.acme.queues", "Queue stuck", where={"state": "stuck"}, queue="queue.name")
NAME = "com.acme.queues:Queue stuck:stuck"

Read = Callable[[str], dict[str, Any]]


def remedy(run: Run, queue: Queue) -> str:
    """One change, proved."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.wait("a while", timedelta(minutes=10))
    run.prove("it is set", settings(queue), lambda _: True, within=timedelta(seconds=30))
    return "set"


def in_vain(run: Run, queue: Queue) -> str:
    """One change, which does not help."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.prove("it is set", settings(queue), lambda _: False, within=timedelta(seconds=5))
    return "set"


@pytest.fixture
def shift(house: House) -> Shift:
    """Its remedy answers a queue that is stuck."""
    return Shift.build(house, remedy, triggers=[STUCK])


def stuck(shift: Shift, **more: Any) -> dict[str, Any]:
    """The event that the shift's queue is stuck, now."""
    return {
        "version": "0",
        "id": f"event-{shift.queue}",
        "detail-type": "Queue stuck",
        "source": "com.acme.queues",
        "account": ACCOUNT,
        "time": stamp(shift.now()),
        "region": REGION,
        "resources": [],
        "detail": {"queue": {"name": shift.queue}, "state": "stuck", "reason": "nobody takes from it"},
        **more,
    }


def comes(shift: Shift, event: dict[str, Any]) -> Answer:
    """The event comes in."""
    return shift.crew.dispatcher.event(event)


def swept(shift: Shift) -> Swept:
    """Sweep. About an event nobody can be asked."""

    def ask(arn: str, name: str) -> str:
        raise AssertionError(f"CloudWatch was asked about {arn}, {name}")

    return sweep(shift.crew.dispatcher, ask)


# --- one event, one run


def test_its_run_ends_as_succeeded_by_its_own_proofs(shift: Shift) -> None:
    """Nothing says later that an event is over: CloudWatch is not asked, and *cured* nobody can know."""
    answer = comes(shift, stuck(shift))
    assert (answer.kind, answer.runbook) == ("admitted", "remedy")
    assert shift.through(str(answer.run))["outcome"] == "succeeded"
    assert "cloudwatch" not in {each.service for each in shift.house.scripted.sent}


def test_the_ledger_says_which_event_it_was(shift: Shift) -> None:
    event = stuck(shift)
    run = str(comes(shift, event).run)
    shift.through(run)
    body = shift.house.entries(run)[0].body
    assert (body["by"], body["actor"], body["symptom"]) == ("event", f"event: {NAME}", NAME)
    assert body["why"] == f"remedy answers {NAME}"
    assert body["alarm"] | {"claim": ""} == {
        "arn": answer_resource(shift),
        "name": NAME,
        "at": event["time"],
        "reason": "nobody takes from it",
        "event": event["id"],
        "claim": "",
    }
    (row,) = history(shift.crew.store, now=shift.now(), symptom=NAME, resource=answer_resource(shift)).rows
    assert (row.run, row.outcome) == (run, "succeeded")


def answer_resource(shift: Shift) -> str:
    """The ARN of the shift's queue."""
    return lock_of(shift.queue)["key"].removeprefix("res#")


def test_the_same_event_once_more_starts_nothing(shift: Shift) -> None:
    """While its run goes on, and when it is over; from EventBridge with the same id, from its sender with another."""
    event = stuck(shift)
    run = comes(shift, event).run
    again = comes(shift, event)
    assert (again.kind, again.gate, again.run) == ("refused", "claim", run)
    assert again.words == f"this event was answered already, by {run}"
    shift.through(str(run))
    shift.pass_time(600)
    assert comes(shift, {**event, "id": "another"}).gate == "claim"


def test_one_whose_parameter_cannot_be_is_left_and_says_why(shift: Shift) -> None:
    """What stands in an event is nobody's word: the runbook's form decides."""
    answer = comes(shift, stuck(shift, detail={"queue": {"name": "../../etc"}, "state": "stuck"}))
    assert (answer.kind, answer.reason) == ("left", "bad-parameter")


# --- the gates


def test_an_event_that_comes_too_late_is_stale(shift: Shift) -> None:
    event = stuck(shift)
    shift.pass_time(16 * 60)
    answer = comes(shift, event)
    assert answer.gate == "stale"
    assert answer.words.startswith("the event is 16 min old; 15 min is the most")


def test_what_happens_again_and_again_is_not_answered_each_time(house: House) -> None:
    """Counted for the resource and the kind of event: each event has an identity of its own."""
    shift = Shift.build(house, remedy, more="flap_changes: 2, flap_within: 2h", triggers=[STUCK])
    for _ in range(2):
        shift.through(str(comes(shift, stuck(shift)).run))
        shift.pass_time(60)
    answer = comes(shift, stuck(shift))
    assert answer.gate == "flap"
    assert answer.words.startswith("it happened 3 times in 2 h; 2 is the most")


def test_another_kind_of_event_does_not_count(house: House) -> None:
    """A queue that is stuck, full, and stuck again has not been stuck three times."""
    other = Event("com.acme.queues", "Queue full", queue="queue.name")
    shift = Shift.build(house, remedy, more="flap_changes: 2, flap_within: 2h", triggers=[STUCK, other])
    for kind in ("Queue stuck", "Queue full", "Queue stuck"):
        answer = comes(shift, stuck(shift, **{"detail-type": kind}))
        assert answer.kind == "admitted", answer
        shift.through(str(answer.run))
        shift.pass_time(60)


def test_what_did_not_help_twice_is_for_a_person(house: House) -> None:
    """The chain counts for the resource and the event's name, as it does for an alarm's symptom."""
    shift = Shift.build(house, in_vain, more="chain: 2", triggers=[STUCK])
    for _ in range(2):
        assert shift.through(str(comes(shift, stuck(shift)).run))["outcome"] == "ineffective"
        shift.pass_time(60)
    answer = comes(shift, stuck(shift))
    assert answer.gate == "chain"
    assert f"2 runs did not cure {NAME}" in answer.words
    assert [what.get("event") for kind, what in shift.news if kind == "refused"] == [NAME]


def test_an_event_and_an_alarm_about_one_resource_start_one_run(shift: Shift, event: Read) -> None:
    """They are two signals, and there is one resource: its lock, and after that its cool-down."""
    run = str(comes(shift, stuck(shift)).run)
    shift.on(run)
    assert shift.fires(shift.event(event("ec2-status-check"))).gate == "lock"


def test_an_event_that_a_freeze_refused_is_tried_once_more_when_it_ends(shift: Shift) -> None:
    """Whether it still holds nobody can be asked: the runbook looks before it changes anything."""
    installation = shift.crew.installation
    freeze = Freeze(0, "the sale", "2020-01-01T00:00", stamp(shift.now() + timedelta(hours=6))[:16])
    frozen = replace(installation, policy=replace(installation.policy, freezes=(freeze,)))
    assert replace(shift.crew.dispatcher, installation=frozen).event(stuck(shift)).gate == "freeze"
    assert swept(shift).started == ()
    (due,) = listed(shift.crew.store, "retry")
    shift.pass_time((due.due - shift.now()).total_seconds())
    (answer,) = swept(shift).started
    assert shift.through(str(answer.run))["outcome"] == "succeeded"
    body = shift.house.entries(str(answer.run))[0].body
    assert (body["by"], body["actor"]) == ("event", f"event: {NAME}")
    assert body["why"].startswith("second try: freeze refused it at ")
    assert listed(shift.crew.store, "retry") == []


def test_its_second_try_goes_by_what_policy_says_of_the_event(shift: Shift) -> None:
    """A binding of events lets it only suggest, by the time that the freeze ends."""
    installation = shift.crew.installation
    freeze = Freeze(0, "the sale", "2020-01-01T00:00", stamp(shift.now() + timedelta(hours=1))[:16])
    frozen = replace(installation, policy=replace(installation.policy, freezes=(freeze,)))
    replace(shift.crew.dispatcher, installation=frozen).event(stuck(shift))
    binding = Binding(0, "com.acme.*", "remedy", {}, Level.SUGGEST, of="event")
    bound = replace(installation, policy=replace(installation.policy, bindings=(binding,)))
    (due,) = listed(shift.crew.store, "retry")
    shift.pass_time((due.due - shift.now()).total_seconds())
    (answer,) = sweep(replace(shift.crew.dispatcher, installation=bound), lambda *_: None).started
    assert (answer.gate, answer.figures["because"]) == ("autonomy", "bindings[0] (event: com.acme.*)")


def test_what_policy_only_observes_is_written_down(house: House) -> None:
    shift = Shift.build(house, remedy, level="observe", triggers=[STUCK])
    answer = comes(shift, stuck(shift))
    assert (answer.kind, answer.gate) == ("refused", "autonomy")
    assert shift.news == []


# --- our own doing


def restarting(house: House, instance: str) -> str:
    """A run that restarts the instance, has stopped and started it, and waits for its status checks; its id."""
    house.scripted.script("ec2", "DescribeInstanceStatus", lambda _: checks(instance, reachable="initializing"))
    given = {"instance_id": instance}
    answer = house.crew.dispatcher.person("restart-ec2-instance", given, actor=ADA, account=ACCOUNT, region=REGION)
    house.crew.engine.drive(str(answer.run), until=house.crew.installation.clock.now())
    assert house.scripted.changes() == ["ec2:StopInstances", "ec2:StartInstances"]
    return str(answer.run)


@pytest.fixture
def stopped(house: House, shift: Shift, event: Read) -> tuple[str, str, dict[str, Any]]:
    """An instance, a run of ours that stopped it, and the event that it has stopped."""
    del shift
    instance = an_instance(house)
    run = restarting(house, instance)
    return instance, run, happened(house, event("ec2-instance-stopped"), {OF_THE_EVENT: instance})


def test_an_instance_that_a_run_of_ours_stops_is_that_runs_business(
    house: House, stopped: tuple[str, str, dict[str, Any]]
) -> None:
    """The event that it has stopped meets the run's lock; and is no other alarm, by which the run would be worse."""
    instance, run, event = stopped
    answer, _ = house.crew.event(event)
    assert (answer.gate, answer.figures["run"], answer.runbook) == ("lock", run, "start-ec2-instance")
    lock = house.crew.store.get("state", {"key": f"res#{answer.resource}"}) or {}
    assert lock["owner"] == run
    assert "also" not in lock
    house.scripted.script("ec2", "DescribeInstanceStatus", lambda _: checks(instance))
    assert house.crew.engine.drive(run).result["outcome"] == "succeeded"


def test_when_the_run_is_over_the_look_at_the_instance_says_that_nothing_is_to_be_done(
    house: House, stopped: tuple[str, str, dict[str, Any]]
) -> None:
    """The event is tried once more when the lock would have ended: the instance runs by then, and is left alone."""
    instance, run, event = stopped
    house.crew.event(event)
    house.scripted.script("ec2", "DescribeInstanceStatus", lambda _: checks(instance))
    house.crew.engine.drive(run)
    (due,) = listed(house.crew.store, "retry")
    house.crew.installation.clock.sleep((due.due - house.crew.installation.clock.now()).total_seconds())
    (answer,) = sweep(house.crew.dispatcher, lambda *_: None).started
    ended = house.crew.engine.drive(str(answer.run)).result
    assert (ended["outcome"], "it is stopped" in ended["words"]) == ("not_applicable", True)
    assert house.scripted.changes() == ["ec2:StopInstances", "ec2:StartInstances"]


def test_an_event_that_comes_when_the_run_is_over_meets_its_cool_down(
    house: House, stopped: tuple[str, str, dict[str, Any]]
) -> None:
    """EventBridge may be late."""
    instance, run, event = stopped
    house.scripted.script("ec2", "DescribeInstanceStatus", lambda _: checks(instance))
    house.crew.engine.drive(run)
    assert house.crew.event(event)[0].gate == "cool-down"


def test_an_instance_that_somebody_stopped_is_looked_at_and_left_alone(house: House, shift: Shift, event: Read) -> None:
    """The event does not say who did; EC2 does."""
    del shift
    instance = an_instance(house)
    house.crew.client("ec2").stop_instances(InstanceIds=[instance])
    _, ended = house.crew.event(happened(house, event("ec2-instance-stopped"), {OF_THE_EVENT: instance}))
    assert ended is not None
    assert ended.result["outcome"] == "not_applicable"
    assert "AWS stopped it" in ended.result["words"]
    assert house.scripted.changes() == []
