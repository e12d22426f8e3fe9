"""A recorded history: alarms as they are configured, and their changes of state, from what CloudWatch's API says.

Both readers end here, so both are held to one form: that of DescribeAlarms, DescribeAlarmHistory and
ListTagsForResource (Amazon CloudWatch API Reference), times as text with an offset.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from nightcrew.clock import moment, stamp
from nightcrew.signals import Contributor
from nightcrew.signals.event import STATES
from nightcrew.signals.reading import bad, part, path, text, texts, time

STATE_UPDATES = ("StateUpdate", "AlarmContributorStateUpdate")
"""The kinds of history item that are changes of state; of the others nothing is played."""

KINDS = ("MetricAlarms", "CompositeAlarms")
"""The lists of DescribeAlarms that are read."""


@dataclass(frozen=True)
class RecordedAlarm:
    """An alarm as DescribeAlarms has it now (``described``), and the tags that it sends along, where it does."""

    name: str
    arn: str
    described: Mapping[str, Any]
    tags: Mapping[str, str] | None = None

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def in_alarm_since(self) -> datetime | None:
        """Since when it stands in ALARM by its own word; None where it does not, or does not say."""
        if self.described.get("StateValue") != "ALARM":
            return None
        since = self.described.get("StateTransitionedTimestamp", self.described.get("StateUpdatedTimestamp"))
        try:
            return moment(since) if isinstance(since, str) else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Change:
    """One change of state. ``new`` and ``old`` are HistoryData's ``newState`` and ``oldState``."""

    alarm: str
    at: datetime
    state: str
    previous: str | None
    new: Mapping[str, Any]
    old: Mapping[str, Any]
    contributor: Contributor | None = None


@dataclass(frozen=True)
class Recorded:
    """What was read: ``changes`` by time, between ``since`` and ``until``. ``source`` says from where, for people."""

    source: str
    alarms: Mapping[str, RecordedAlarm]
    changes: Sequence[Change]
    since: datetime
    until: datetime
    gone: Mapping[str, int] = field(default_factory=dict)
    """Alarms that have a history and are no longer there (their name, and how many changes): nobody can tell what they
    watched."""

    @cached_property
    def by_contributors(self) -> frozenset[str]:
        """The alarms whose contributors tell each for itself: their own changes beside these are no news."""
        return frozenset(each.alarm for each in self.changes if each.contributor is not None)


def alarms_of(described: Mapping[str, Any], tags: Mapping[str, Mapping[str, str]]) -> dict[str, RecordedAlarm]:
    """The alarms of DescribeAlarms' answers, by name; ``tags`` by ARN. Raises BadEvent with the field's path."""
    found: dict[str, RecordedAlarm] = {}
    for kind in KINDS:
        for number, each in enumerate(_list(described, kind)):
            where = f"{kind}[{number}]"
            if not isinstance(each, Mapping):
                raise bad(where, each, "it must be an alarm, as describe-alarms prints it")
            name, arn = text(each, "AlarmName", where), text(each, "AlarmArn", where)
            if len(arn.split(":", 6)) < 7 or arn.split(":")[2] != "cloudwatch":
                raise bad(path(where, "AlarmArn"), arn, "it must be the ARN of an alarm")
            if name in found:
                allowed = "it must be the only alarm of its name: one account and one Region in a history"
                raise bad(path(where, "AlarmName"), name, allowed)
            found[name] = RecordedAlarm(name, arn, each, _sent(each, tags[arn]) if arn in tags else None)
    return found


def sends_tags(described: Mapping[str, Any]) -> bool:
    """Whether the alarm's events carry its tags: then, and only then, they decide at night."""
    return bool(_propagation(described).get("Enabled"))


def _sent(described: Mapping[str, Any], tags: Mapping[str, str]) -> dict[str, str] | None:
    """Those of an alarm's tags that its events carry; None where they carry none."""
    if not sends_tags(described):
        return None
    only, without = (_propagation(described).get(f"{which}TagKeys") or () for which in ("Included", "Excluded"))
    return {key: value for key, value in tags.items() if (not only or key in only) and key not in without}


def _propagation(described: Mapping[str, Any]) -> Mapping[str, Any]:
    configured = described.get("ActionConfiguration")
    told = configured.get("AlarmTagsPropagation") if isinstance(configured, Mapping) else None
    return told if isinstance(told, Mapping) else {}


def changes_of(items: Iterable[Any], where: str = "AlarmHistoryItems") -> Iterator[Change]:
    """The changes of state among DescribeAlarmHistory's items, each once. Raises BadEvent with the field's path."""
    seen: set[tuple[str, str, str, str]] = set()
    for number, item in enumerate(items):
        place = f"{where}[{number}]"
        if not isinstance(item, Mapping):
            raise bad(place, item, "it must be an item, as describe-alarm-history prints it")
        if item.get("HistoryItemType") not in STATE_UPDATES:
            text(item, "HistoryItemType", place)
            continue
        change = _change(item, place)
        contributor = change.contributor.id if change.contributor else ""
        # Exports that were joined may overlap.
        same = (change.alarm, contributor, stamp(change.at), change.state)
        if same not in seen:
            seen.add(same)
            yield change


def recorded(
    source: str,
    alarms: Mapping[str, RecordedAlarm],
    changes: Iterable[Change],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Recorded:
    """Put together and in order. Without ``since`` and ``until`` the changes themselves say it; there must be one
    then.
    """
    ordered = sorted(changes, key=lambda each: (each.at, each.alarm, each.contributor.id if each.contributor else ""))
    begin = since if since is not None else ordered[0].at
    end = until if until is not None else ordered[-1].at
    within = [each for each in ordered if begin <= each.at <= end]
    gone: dict[str, int] = {}
    for each in within:
        if each.alarm not in alarms:
            gone[each.alarm] = gone.get(each.alarm, 0) + 1
    played = [each for each in within if each.alarm in alarms]
    return Recorded(source, alarms, played, begin, end, gone)


def _change(item: Mapping[str, Any], where: str) -> Change:
    place = path(where, "HistoryData")
    data = _json(item, place)
    new = part(data, "newState", place)
    old = data.get("oldState")
    previous = old.get("stateValue") if isinstance(old, Mapping) else None
    if previous is not None and previous not in STATES:
        raise bad(path(place, "oldState.stateValue"), previous, f"it must be {', '.join(STATES)}")
    state = new.get("stateValue")
    if state not in STATES:
        raise bad(path(place, "newState.stateValue"), state, f"it must be {', '.join(STATES)}")
    contributor = None
    if item["HistoryItemType"] != "StateUpdate":
        attributes = texts(item, "AlarmContributorAttributes", where)
        contributor = Contributor(text(item, "AlarmContributorId", where), attributes)
    # The gates, the claim and the ledger know milliseconds.
    at = moment(stamp(time(item, "Timestamp", where)))
    name = text(item, "AlarmName", where)
    return Change(name, at, state, previous, new, old if isinstance(old, Mapping) else {}, contributor)


def _json(item: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    written = item.get("HistoryData")
    try:
        data = json.loads(written) if isinstance(written, str) else None
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise bad(
            where, written, "it must be JSON text of an object with oldState and newState, as CloudWatch writes it"
        )
    return data


def _list(holder: Mapping[str, Any], key: str) -> list[Any]:
    value = holder.get(key, [])
    if not isinstance(value, list):
        raise bad(key, value, "it must be a list")
    return value
