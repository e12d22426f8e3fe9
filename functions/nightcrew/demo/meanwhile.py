"""What AWS does while somebody waits in the demo's game day: CloudWatch evaluates the alarm, EventBridge delivers its
changes, and the executor carries the run on. Here who waits lets that happen, over the served cloud or moto's own.

It needs nothing of moto: the command that plays would take seconds to load it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from nightcrew.aws.cloud import READING, ClientMaker, Cloud
from nightcrew.clock import Clock
from nightcrew.demo.embedded import Crew
from nightcrew.demo.scripted import Scripted
from nightcrew.dispatch.backtest.events import configuration_of, event_of
from nightcrew.dispatch.backtest.recorded import Change, RecordedAlarm
from nightcrew.dispatch.coverage.firing import witness
from nightcrew.dispatch.gameday.alarms import alarms, changed
from nightcrew.dispatch.gameday.faults import PERMISSIONS

PERIOD = timedelta(minutes=1)
"""Of the alarm: so long what it watches is ill before it says so, and well."""


class Meanwhile:
    """What happens while somebody waits: one alarm on an instance's status is evaluated, its changes are delivered, and
    what was started goes on as far as time has come. ``clients`` are the cloud as one would see it.
    """

    def __init__(self, crew: Crew, clients: ClientMaker, alarm: str) -> None:
        self._crew = crew
        self._clients = clients
        self._cloud = Cloud(clients, PERMISSIONS, "the demo")
        self._alarm = alarm
        self._runs: list[str] = []
        self._told = self._described()
        self._other_since: datetime | None = None

    @property
    def _clock(self) -> Clock:
        return self._crew.installation.clock

    def pause(self, seconds: float) -> None:
        """Wait."""
        self._clock.sleep(seconds)
        self._deliver(self._evaluated())
        for run in list(self._runs):
            if self._crew.engine.drive(run, until=self._clock.now()).status != "WAITING":
                self._runs.remove(run)

    def _described(self) -> RecordedAlarm | None:
        return alarms(self._cloud, [self._alarm]).get(self._alarm)

    def _evaluated(self) -> RecordedAlarm | None:
        """The alarm, which says how the instance is, a period after that changed."""
        alarm = self._described()
        instance = _instance(alarm)
        if alarm is None or instance is None:
            return alarm
        statuses = self._clients("ec2", READING).describe_instance_status(InstanceIds=[instance])["InstanceStatuses"]
        state = "OK" if statuses and statuses[0]["InstanceStatus"]["Status"] == "ok" else "ALARM"
        now = self._clock.now()
        if state == alarm.described["StateValue"]:
            self._other_since = None
        elif self._other_since is None:
            self._other_since = now
        elif now - self._other_since >= PERIOD:
            self._other_since = None
            seen = witness(alarm.described) if state == "ALARM" else {"stateReason": "Its checks pass."}
            told = {"StateReasonData": seen["stateReasonData"]} if "stateReasonData" in seen else {}
            reason = seen["stateReason"].replace("would be", "was")
            self._clients("cloudwatch", READING).set_alarm_state(
                AlarmName=alarm.name, StateValue=state, StateReason=reason, **told
            )
            return self._described()
        return alarm

    def _deliver(self, alarm: RecordedAlarm | None) -> None:
        """A change of state since the last time is an event."""
        before, self._told = self._told, alarm
        if alarm is None or before is None or _state(alarm) == _state(before):
            return
        at = (changed(alarm) or [self._clock.now()])[0]
        old, new = _as_recorded(before.described), _as_recorded(alarm.described)
        change = Change(alarm.name, at, str(new["stateValue"]), str(old["stateValue"]), new, old)
        answer = self._crew.dispatcher.event(event_of(change, alarm, configuration_of(alarm.described)))
        if answer.kind == "admitted" and answer.run is not None:
            self._runs.append(answer.run)


def by_our_clock(clients: ClientMaker, clock: Clock) -> ClientMaker:
    """The served cloud, whose alarms change by this process's clock: it skips waits, and the server's follows only
    then.
    """
    seen: dict[tuple[str, str], datetime] = {}

    def told(asked: Mapping[str, Any], answer: dict[str, Any]) -> None:
        del asked
        for each in answer["MetricAlarms"]:
            key = (str(each["AlarmName"]), str(each["StateUpdatedTimestamp"]))
            known = any(name == key[0] for name, _ in seen)  # else nobody saw it change
            at = seen.setdefault(key, clock.now() if known else each["StateUpdatedTimestamp"])
            each["StateUpdatedTimestamp"] = each["StateTransitionedTimestamp"] = at

    scripted = Scripted(clients)
    scripted.after("cloudwatch", "DescribeAlarms", told)
    return scripted


def _instance(alarm: RecordedAlarm | None) -> str | None:
    dimensions = alarm.described.get("Dimensions") or () if alarm is not None else ()
    return next((str(each["Value"]) for each in dimensions if each["Name"] == "InstanceId"), None)


def _state(alarm: RecordedAlarm) -> tuple[Any, ...]:
    return alarm.described["StateValue"], *changed(alarm)[:1]


def _as_recorded(described: Mapping[str, Any]) -> dict[str, Any]:
    told = {"stateValue": described["StateValue"], "stateReason": described.get("StateReason", "")}
    data = described.get("StateReasonData")
    return {**told, "stateReasonData": data} if data else told
