"""Requests to admit, and what became of them."""

from dataclasses import dataclass, replace
from datetime import timedelta

from nightcrew.admission.admit import admit
from nightcrew.admission.request import AlarmSeen, Request
from nightcrew.admission.settings import Level, Setting, Settings
from nightcrew.clock import Clock
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.errors import Conflict, Refused, Unreachable
from nightcrew.ledger.store import Store

AUTO = Setting(Level.AUTO, "the test")
DELIVERIES = 30
"""How often a queue would deliver an event that met a conflict, before it gives up."""


def instance(name: str) -> str:
    """The ARN of an instance."""
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{name}"


def group(name: str) -> str:
    """The ARN of an Auto Scaling group."""
    return f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/{name}"


def asked(
    clock: Clock, run: str, resource: str, *, runbook: str = "restart-ec2-instance", alarm: str | None = None
) -> Request:
    """A wish for a run: of an alarm where one is named, else of a person. No cool-down stands in its way."""
    now = clock.now()
    return Request(
        run=run,
        runbook=runbook,
        family="restart",
        risk="disruptive",
        parameters={"instance_id": "i-0abc1234def567890"},
        resource=resource,
        symptom="AWS/EC2:StatusCheckFailed_Instance:high",
        by="alarm" if alarm else "person",
        actor=f"alarm: {alarm}" if alarm else "ada",
        at=now,
        deadline=timedelta(hours=1),
        lease=timedelta(hours=1, minutes=15),
        settings=Settings(autonomy=AUTO, cool_down=Setting(timedelta(0), "the test")),
        policy="0123456789ab",
        alarm=AlarmSeen(f"arn:{alarm}", alarm, now, f"{alarm}\t\tnow", "high") if alarm else None,
    )


@dataclass(frozen=True)
class Answer:
    """What became of a request. ``run`` is the run that was admitted; ``refusal`` says why none was.

    ``gave_up`` are the ids of requests that met a conflict to the end: nothing of them may be written anywhere.
    """

    request: Request
    run: str | None
    again: bool
    refusal: Refused | None
    gave_up: tuple[str, ...]


def deliver(store: Store, clock: Clock, run: str, resource: str, *, alarm: str | None, runbook: str) -> Answer:
    """Ask, and ask again after a conflict or without an answer: an alarm's request gets another id each time, as from
    its queue, a person's is repeated as it was.
    """
    gave_up: list[str] = []
    request = asked(clock, run, resource, runbook=runbook, alarm=alarm)
    for delivery in range(DELIVERIES):
        if alarm is not None and delivery:
            request = replace(request, run=f"{run}-{delivery}")
        try:
            admitted = admit(request, store, clock)
        except Refused as refusal:
            return Answer(request, None, False, refusal, tuple(gave_up))
        except Conflict:
            gave_up.append(request.run)
        except Unreachable:
            pass
        else:
            left = tuple(each for each in gave_up if each != admitted.run)
            return Answer(request, admitted.run, admitted.again, None, left)
    raise AssertionError(f"{DELIVERIES} deliveries of {run} came to nothing")
