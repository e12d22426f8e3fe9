"""One night, for real: the tables in DynamoDB, the engine, the runbook. Its history, replayed, is decided equally."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from nightcrew import Run
from nightcrew.clock import moment
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.backtest.recorded import Recorded, alarms_of, changes_of, recorded
from nightcrew.dispatch.backtest.replay import heard, play
from nightcrew.dispatch.backtest.supposing import Supposed
from tests.dispatch.backtest.histories import described, item_of
from tests.engine.shift import Shift
from tests.house import House
from tests.queues import Queue, hide_for, settings

MINUTE = timedelta(minutes=1)
LIMITS = "cool_down: 25m, chain: 1, flap_changes: 4, ok_held: 0s"


def remedy(run: Run, queue: Queue) -> str:
    """One change, proved."""
    run.change("set it", hide_for(queue, 61), undo=hide_for(queue, 30))
    run.prove("it is set", settings(queue), lambda _: True, within=MINUTE)
    return "set"


class Night:
    """A night whose alarms are never cured. Keeps each event that it was sent, and each answer to an ALARM."""

    def __init__(self, shift: Shift, event: Mapping[str, Any]) -> None:
        self.shift = shift
        self.template = event
        self.sent: list[dict[str, Any]] = []
        self.answers: list[Answer] = []

    def fires(self, name: str = "", state: str = "ALARM") -> Answer:
        """The queue's alarm changes its state; ``name`` tells a second alarm on the same queue from the first."""
        self.shift.pass_time(1)
        sent = self.shift.event(self.template, state="ALARM")
        if name:
            sent["detail"]["alarmName"] += name
            sent["resources"] = [sent["resources"][0] + name]
        sent["detail"]["state"]["value"] = state
        answer = self.shift.fires(json.loads(json.dumps(sent)))
        self.sent.append(sent)
        if state == "ALARM":
            self.answers.append(answer)
        return answer

    def history(self) -> Recorded:
        """What CloudWatch would have kept of it."""
        alarms = {each["resources"][0]: described(each) for each in self.sent}
        return recorded(
            "a night", alarms_of({"MetricAlarms": [*alarms.values()]}, {}), changes_of(map(item_of, self.sent))
        )


def _lived(night: Night) -> timedelta:
    """A night in which most gates have a say. Returns how long its run took."""
    shift = night.shift
    first = night.fires().run or ""
    shift.on(first)
    night.fires("-2")  # lock
    night.fires("-2", "OK")
    shift.through(first)
    shift.pass_time(60)
    night.fires()  # cool-down
    night.fires(state="OK")
    shift.pass_time(40 * 60)
    night.fires()  # chain
    for _ in range(3):
        shift.pass_time(60)
        night.fires(state="OK")
        shift.pass_time(60)
        night.fires()  # chain, then flap
    closing = shift.house.entries(first)[-1]
    return closing.at - moment(str(closing.body["started"]))


def test_a_recorded_night_is_decided_as_it_was(house: House, event: Callable[[str], dict[str, Any]]) -> None:
    """By the same gates, for the same reasons: admitted, lock, cool-down, chain and flap are all among them."""
    shift = Shift.build(house, remedy, more=LIMITS)
    night = Night(shift, event("ec2-status-check"))
    took = _lived(night)
    installation = shift.crew.installation
    again = night.history()
    told = play(
        again, heard(again), installation.catalog, installation.policy, Supposed("ineffective", takes=took)
    ).decisions
    decided = [(each.gate, each.resource) for each in told if not each.second]
    assert decided == [(each.gate, each.resource) for each in night.answers]
    assert {gate for gate, _ in decided} == {None, "lock", "cool-down", "chain", "flap"}
    assert [each.until is None for each in told if not each.second] == [each.until is None for each in night.answers]
