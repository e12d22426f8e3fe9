"""What keeps the night safe, as ``nightcrew demo`` plays it: a storm, an approval, a locked group, an undo, a halt."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from nightcrew.admission.approvals import Approval, decide, find, waiting
from nightcrew.admission.gates.halt import ALL
from nightcrew.admission.halting import lift_halt, set_halt
from nightcrew.aws.cloud import READING
from nightcrew.clock import moment, stamp
from nightcrew.demo.embedded import ACCOUNT
from nightcrew.demo.events import Event, named
from nightcrew.demo.fleet import FLEET
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.demo.stage import ADA, Played, Stage
from nightcrew.dispatch.answer import Answer
from nightcrew.engine.installation import nobody
from nightcrew.errors import Unknown
from nightcrew.ledger.history import opening

STORM = 50
"""How often the same alarm comes in."""

STORMY = "i-0a51e9b3c7d2f4860"
CROWDED = "i-0c3d5e7f90a1b2c4d"
"""The instances that the storm is about, and the one that there is no room for."""

BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
"""Who is on call."""

_LOOK = 15.0
_RESTART, _BUSY = "ec2-status-check", "asg-cpu-high"
_GROUP = next(arn for arn in FLEET if arn.endswith("/checkout-worker"))


def no_room(scripted: Scripted) -> None:
    """Others took the vCPUs that ``CROWDED`` gave back when it was stopped: for a moment it cannot be started."""
    said = "You have requested more vCPU capacity than your current vCPU limit allows."
    left = [Refusal("VcpuLimitExceeded", said)]

    def start(asked: Mapping[str, Any]) -> Refusal | None:
        return left.pop() if left and CROWDED in asked["InstanceIds"] else None

    scripted.script("ec2", "StartInstances", start)


def storm(stage: Stage, events: Path) -> Played:
    """The same alarm comes in ``STORM`` times before its run has made a step: one run, and the others turned away."""
    later = stage.arrange(_about(_RESTART, events, {"i-0abc1234def567890": STORMY, "checkout-web-1": "checkout-web-3"}))
    dispatcher = stage.crew.dispatcher
    first = dispatcher.event(later)
    quiet = replace(dispatcher, installation=replace(dispatcher.installation, watch=nobody))
    others = [quiet.event({**later, "id": f"{later['id'][:-4]}{number:04}"}) for number in range(1, STORM)]
    gates = {str(each.gate): sum(other.gate == each.gate for other in others) for each in others}
    runs = {str(answer.run) for answer in (first, *others) if answer.kind == "admitted"}
    stage.tell("storm", events=STORM, runs=len(runs), refused=gates)
    played = stage.carried(first, moment(later["detail"]["state"]["timestamp"]))
    return played if len(runs) == 1 else Played(f"{len(runs)} runs", first)


def asks(stage: Stage, events: Path) -> Played:
    """Policy lets this group be made larger only when a person agrees: the run plans, asks, and waits."""
    crew = stage.crew
    answer = crew.dispatcher.event(stage.arrange(_about(_BUSY, events, {"checkout-web": "checkout-worker"})))
    if answer.run is None or answer.kind != "admitted":
        return Played(answer.gate or answer.kind, answer)
    # Driven only as far as time has come: skipped on, its time to be approved would be over at once.
    while crew.engine.drive(answer.run, until=stage.clock.now()).status == "WAITING":
        asked = find(crew.store, answer.run)
        if asked is not None and asked.decided is None:
            _tell_question(stage, asked, str(answer.resource))
            return Played("waiting", answer)
        stage.clock.sleep(_LOOK)
    return stage.carried(answer)


def locked(stage: Stage, events: Path) -> Played:
    """Somebody restarts a member of the group, by another runbook: the run that waits has the group."""
    del events
    groups = stage.estate.plain(_GROUP)("autoscaling", READING).describe_auto_scaling_groups(
        AutoScalingGroupNames=[_GROUP.rsplit("/", 1)[-1]]
    )
    member = str(groups["AutoScalingGroups"][0]["Instances"][0]["InstanceId"])
    return stage.person("restart-ec2-instance", {"instance_id": member}, "it looks slow")


def approves(stage: Stage, events: Path) -> Played:
    """Bob approves what waits; the run goes on."""
    del events
    crew = stage.crew
    for asked in waiting(crew.store, stage.clock.now()):
        decided = decide(crew.store, asked.run, by=BOB, approve=True, now=stage.clock.now(), plan=asked.hash)
        stage.tell("approved", run=asked.run, by=list(decided.value["by"]), hash=asked.hash)
        crew.installation.answer(str(decided.callback), decided.value)
        entry = opening(crew.store, asked.run)
        answer = Answer("admitted", "", run=asked.run, runbook=asked.runbook)
        return stage.carried(answer, entry.at if entry is not None else None)
    raise Unknown("nothing waits for an approval")


def undone(stage: Stage, events: Path) -> Played:
    """The instance is stopped, and cannot be started: what was done is taken back."""
    names = {"i-0abc1234def567890": CROWDED, "checkout-web-1": "checkout-web-4"}
    return stage.event(_about(_RESTART, events, names))


def halted(stage: Stage, events: Path) -> Played:
    """Ada halts everything; the next alarm starts nothing, and is told why. Then it is lifted."""
    store, reason = stage.crew.store, "the network is being worked on"
    set_halt(store, ALL, by=ADA, reason=reason, now=stage.clock.now())
    stage.tell("halted", by=ADA, words=reason)
    try:
        return stage.event(_about(_BUSY, events, {"checkout-web": "checkout-batch"}))
    finally:
        stage.clock.sleep(timedelta(minutes=1).total_seconds())
        lift_halt(store, ALL)
        stage.tell("lifted", by=ADA)


def _tell_question(stage: Stage, asked: Approval, resource: str) -> None:
    lines = [{name: line.get(name) for name in ("title", "call", "parameters")} for line in asked.question["lines"]]
    about = {"run": asked.run, "runbook": asked.runbook, "resource": resource}
    stage.tell("asked", **about, hash=asked.hash, deadline=stamp(asked.deadline), lines=lines)


def _about(name: str, events: Path, instead: Mapping[str, str]) -> Event:
    """An event of ``events/`` about something else."""
    text = json.dumps(named(name, events))
    for old, new in instead.items():
        text = text.replace(old, new)
    event: Event = json.loads(text)
    return event
