"""Requests to admit, and what became of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from nightcrew.admission.admit import admit, refusal_run
from nightcrew.admission.closing import close
from nightcrew.admission.gates.claim import claim_key
from nightcrew.admission.hold import hold
from nightcrew.admission.opened import request_of
from nightcrew.admission.request import AlarmSeen, Group, Request
from nightcrew.admission.settings import Level, Setting, Settings, Share
from nightcrew.clock import Clock
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.errors import Conflict, Refused, Unreachable
from nightcrew.ledger.book import Book
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import opening, tail
from nightcrew.ledger.store import Store

T = TypeVar("T")
BECAUSE = "the test"
PLENTY = Setting(Share(1000), BECAUSE)
SETTINGS = Settings(
    autonomy=Setting(Level.AUTO, BECAUSE),
    cool_down=Setting(timedelta(0), BECAUSE),
    breaker=Setting(1000, BECAUSE),
    budget_at_once=PLENTY,
    budget_hour=PLENTY,
)
"""No cool-down, no breaker and no budget stands in the way."""

DELIVERIES = 30
"""How often a queue would deliver an event that met a conflict, before it gives up."""


def instance(name: str) -> str:
    """The ARN of an instance."""
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{name}"


def group(name: str) -> str:
    """The ARN of an Auto Scaling group."""
    return f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/{name}"


def asked(
    clock: Clock,
    run: str,
    resource: str,
    *,
    runbook: str = "restart-ec2-instance",
    alarm: str | None = None,
    settings: Settings = SETTINGS,
) -> Request:
    """A wish for a run: of an alarm where one is named, else of a person."""
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
        settings=settings,
        policy="0123456789ab",
        alarm=AlarmSeen(f"arn:{alarm}", alarm, now, f"{alarm}\t\tnow", "high") if alarm else None,
    )


def insist(ask: Callable[[], T]) -> T:
    """What it returns: asked again after a conflict and where there is no answer, as a queue or a step would."""
    for _ in range(DELIVERIES):
        try:
            return ask()
        except (Conflict, Unreachable):
            continue
    raise AssertionError(f"{DELIVERIES} times a conflict, or no answer")


def get_hold(request: Request, groups: Sequence[str], store: Store, clock: Clock, size: int | None = None) -> None:
    """Hold these groups, by the settings that it asked with. Raises Refused, Conflict, Unreachable."""
    hold(request, [Group(name, size) for name in groups], request.settings, store, clock.now())


def holds(request: Request, groups: Sequence[str], store: Store, clock: Clock, size: int | None = None) -> bool:
    """Whether it gets its groups; a step that met a conflict is taken again."""
    try:
        insist(lambda: get_hold(request, groups, store, clock, size))
    except Refused:
        return False
    return True


def finish(run: str, groups: Sequence[str], outcome: str, store: Store, clock: Clock) -> None:
    """Close it with this outcome."""
    entry, last = opening(store, run), tail(store, run)
    assert entry is not None
    assert last is not None
    book = Book(store, clock, run, last.number, last.hash)
    insist(lambda: close(request_of(entry), groups, outcome, "so it ended", {}, book))


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

    def refused(self, chains: Mapping[str, list[Entry]], state: Mapping[str, Mapping[str, Any]]) -> Entry:
        """The entry that a refusal left. It is the only one of its run, and the signal's claim names it."""
        assert self.refusal is not None
        # Where the refusal was written and its reply was lost, the next delivery meets its claim.
        run = self.refusal.run if self.refusal.gate == "claim" else refusal_run(self.refusal, self.request)
        assert run is not None
        (entry,) = chains[run]
        assert entry.kind == "refusal"
        if self.request.alarm is not None:
            assert state[claim_key(self.request.alarm.claim)["key"]]["run"] == run
        return entry


def deliver(store: Store, clock: Clock, request: Request) -> Answer:
    """Ask, and ask again after a conflict or without an answer: an alarm's request gets another id each time, as from
    its queue, a person's is repeated as it was.
    """
    gave_up: list[str] = []
    first = request.run
    for delivery in range(DELIVERIES):
        if request.alarm is not None and delivery:
            request = replace(request, run=f"{first}-{delivery}")
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
    raise AssertionError(f"{DELIVERIES} deliveries of {first} came to nothing")
