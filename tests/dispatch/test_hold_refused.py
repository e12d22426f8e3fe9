"""What hold refuses: the run closes as refused; its alarm is tried once more, or people are told."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import pytest

from nightcrew import Run
from nightcrew.admission.follow_ups import find
from nightcrew.admission.gates.claim import claim_key
from nightcrew.admission.opened import request_of
from nightcrew.admission.request import lock_key
from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.clock import moment, stamp
from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.dispatch.sweep import sweep
from nightcrew.ledger.transaction import Piece
from tests.engine.shift import Shift
from tests.house import House
from tests.queues import hide_for, settings

Event = Callable[[str], dict[str, Any]]
_groups = (f"autoscaling:autoScalingGroup/hold-{number}" for number in itertools.count(1))


@dataclass
class Grouped:
    """A shift whose queue stands in a group, at which others work already, for an hour."""

    shift: Shift
    group: str

    def crowd(self, length: timedelta) -> str:
        """Somebody works on the group for so long; when that ends."""
        until = stamp(self.shift.now() + length)
        key = {"key": lock_key(f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:{self.group.split(':', 1)[1]}")}
        holders = Piece(table="state", key=key, gate="test", adds={"holders": {f"{until}|run-of-others"}})
        self.shift.crew.store.transact([holders])
        return until


@pytest.fixture
def grouped(house: House) -> Grouped:
    """One queue in one group."""
    group = next(_groups)
    around = Lookup("sqs:GetQueueAttributes", settings, lambda _: Surroundings((group,)))
    kind = ResourceName("sqs", "{}", pattern="[a-z0-9-]+", example="orders", lookup=around)

    def remedy(run: Run, queue: str) -> str:
        run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
        run.prove("it is set", settings(queue), lambda _: True, within=timedelta(minutes=1))
        return "set"

    remedy.__annotations__["queue"] = Annotated[str, kind]
    return Grouped(Shift.build(house, remedy), group)


def test_an_alarm_that_hold_refused_is_tried_once_more(grouped: Grouped, event: Event) -> None:
    """Its event does not come again."""
    shift = grouped.shift
    until = grouped.crowd(timedelta(hours=1))
    run = shift.fires(shift.event(event("ec2-status-check"))).run
    assert run is not None
    ended = shift.through(run)
    assert ended["outcome"] == "refused"
    assert "that is its budget" in ended["words"]
    closing = shift.house.closing(run)
    assert (closing["gate"], closing["until"]) == ("budget", until)
    assert shift.house.scripted.changes() == []
    asked = request_of(shift.house.entries(run)[0]).alarm
    assert asked is not None
    due = find(shift.crew.store, claim_key(asked.claim)["key"])
    assert due is not None
    assert due.due == moment(until)
    shift.pass_time((due.due - shift.now()).total_seconds() + 1)
    started = sweep(shift.crew.dispatcher, lambda *_: "ALARM").started
    (second,) = [str(answer.run) for answer in started if answer.resource == due.what["resource"]]
    assert shift.through(second)["outcome"] == "cured"


def test_an_alarm_that_hold_refuses_again_is_told_to_people(grouped: Grouped, event: Event) -> None:
    """There is no third try."""
    shift = grouped.shift
    until = grouped.crowd(timedelta(hours=1))
    run = shift.fires(shift.event(event("ec2-status-check"))).run
    assert run is not None
    shift.through(run)
    shift.pass_time((moment(until) - shift.now()).total_seconds() + 1)
    grouped.crowd(timedelta(hours=3))
    second = next(answer.run for answer in sweep(shift.crew.dispatcher, lambda *_: "ALARM").started if answer.run)
    assert shift.through(second)["outcome"] == "refused"
    assert [what["gate"] for kind, what in shift.news if kind == "refused"] == ["budget"]


def test_a_persons_run_that_hold_refused_is_not_tried_again(grouped: Grouped) -> None:
    """The person sees it, and decides."""
    shift = grouped.shift
    grouped.crowd(timedelta(hours=1))
    assert shift.through(shift.by_hand())["outcome"] == "refused"
    assert [kind for kind, _ in shift.news] == ["opened", "closed"]
