"""``signal_from``: an EventBridge event becomes a Signal, or BadEvent says what is wrong with it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nightcrew.signals.direction import direction_of, read_data
from nightcrew.signals.happening import happening, said
from nightcrew.signals.reading import bad, is_account, is_text, part, path, prose, text, texts, time
from nightcrew.signals.signal import Contributor, Signal
from nightcrew.signals.watched import watched_at, watched_by

SOURCE = "aws.cloudwatch"
STATE_CHANGE = "CloudWatch Alarm State Change"
CONTRIBUTOR_CHANGE = "CloudWatch Alarm Contributor State Change"
CONFIGURATION_CHANGE = "CloudWatch Alarm Configuration Change"

STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")

EVENT = "EVENT"
"""What stands for the state of an event, which has none."""

_SOURCE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)+")
_LONGEST_SOURCE, _LONGEST_KIND = 256, 128  # EventBridge API reference, PutEventsRequestEntry

_ALARM = re.compile(r"arn:aws[a-z-]*:cloudwatch:([a-z0-9-]+):([0-9]{12}):alarm:.+")


def signal_from(event: Mapping[str, Any]) -> Signal:
    """Read a CloudWatch alarm's event of any form, or one of another source, as EventBridge delivers it.

    Raises BadEvent, with the field's path, what it is and what it may be: for what is no event, for a change of an
    alarm's configuration, and for one that lacks what such an event must have. What is only good for the direction is
    no error: the direction is None then. Fields that nothing here needs are not looked at.
    """
    if not isinstance(event, Mapping):
        raise bad("event", event, "it must be an object, as EventBridge delivers it")
    source = event.get("source")
    if not isinstance(source, str) or len(source) > _LONGEST_SOURCE or not _SOURCE.fullmatch(source):
        raise bad("source", source, f"it must be {SOURCE} for an alarm's, or another source like aws.ec2")
    return _alarms(event) if source == SOURCE else _other(event, source)


def _other(event: Mapping[str, Any], source: str) -> Signal:
    """An event that is no alarm's."""
    kind = text(event, "detail-type", "")
    if len(kind) > _LONGEST_KIND:
        raise bad("detail-type", kind, f"it must be a text of 1 to {_LONGEST_KIND} characters")
    account, region = _sender(event)
    at = time(event, "time", "")
    detail = part(event, "detail", "")
    what = happening(source, kind, (account, region), at, event)
    resources = event.get("resources")
    first = resources[0] if isinstance(resources, list) and resources else None
    return Signal(
        event=text(event, "id", ""),
        form="event",
        alarm=first if is_text(first) else what.name,
        name=what.name,
        account=account,
        region=region,
        state=EVENT,
        previous=None,
        at=at,
        reason=said(detail),
        metrics=(),
        direction=None,
        contributor=None,
        children=(),
        tags={},
        muted_until=None,
        suppressed_by=None,
        happening=what,
    )


def _alarms(event: Mapping[str, Any]) -> Signal:
    """An alarm's event."""
    kind = _kind(event)
    account, region, alarm = _place(event)
    detail = part(event, "detail", "")
    state = part(detail, "state", "detail")
    value = _state(state, "detail.state")
    reason = prose(state, "reason", "detail.state")
    configuration = part(detail, "configuration", "detail")

    contributor = _contributor(detail) if kind == CONTRIBUTOR_CHANGE else None
    if contributor:
        form, metrics = "contributor", watched_at(configuration, contributor)
    else:
        form, metrics = watched_by(configuration, account, reason)

    direction = None
    children: tuple[str, ...] = ()
    if value == "ALARM" and form == "composite":
        children = _children(state)
    elif value == "ALARM":
        direction = direction_of(reason, state.get("reasonData"))

    suppressed = state.get("actionsSuppressedBy")
    return Signal(
        event=text(event, "id", ""),
        form=form,
        alarm=alarm,
        name=text(detail, "alarmName", "detail"),
        account=account,
        region=region,
        state=value,
        previous=_previous(detail),
        at=time(state, "timestamp", "detail.state"),
        reason=reason,
        metrics=metrics,
        direction=direction,
        contributor=contributor,
        children=children,
        tags=texts(detail, "alarmTags", "detail"),
        muted_until=_muted_until(detail),
        suppressed_by=None if suppressed is None else text(state, "actionsSuppressedBy", "detail.state"),
        tags_known=detail.get("alarmTagsStatus") == "SUCCESS",
    )


def _kind(event: Mapping[str, Any]) -> str:
    kind = event.get("detail-type")
    if kind in (STATE_CHANGE, CONTRIBUTOR_CHANGE):
        return str(kind)
    if kind == CONFIGURATION_CHANGE:
        raise bad("detail-type", kind, "it must be a change of state: a changed configuration starts nothing")
    raise bad("detail-type", kind, f"it must be {STATE_CHANGE} or {CONTRIBUTOR_CHANGE}")


def _sender(event: Mapping[str, Any]) -> tuple[str, str]:
    """Account and Region."""
    account = event.get("account")
    if not is_account(account):
        raise bad("account", account, "it must be an account id of 12 digits")
    return account, text(event, "region", "")


def _place(event: Mapping[str, Any]) -> tuple[str, str, str]:
    """Account, Region and the alarm's ARN."""
    account, region = _sender(event)
    resources = event.get("resources")
    alarm = resources[0] if isinstance(resources, list) and resources else None
    named = _ALARM.fullmatch(alarm) if is_text(alarm) else None
    # Account and Region of the event are EventBridge's word: an ARN that says otherwise is not this alarm's.
    if named is None or named.groups() != (region, account):
        raise bad("resources[0]", alarm, "it must be the ARN of an alarm in the event's account and region")
    return account, region, str(alarm)


def _state(state: Mapping[str, Any], where: str) -> str:
    value = state.get("value")
    if value in STATES:
        return str(value)
    raise bad(path(where, "value"), value, "it must be ALARM, OK or INSUFFICIENT_DATA")


def _previous(detail: Mapping[str, Any]) -> str | None:
    if detail.get("previousState") is None:
        return None
    return _state(part(detail, "previousState", "detail"), "detail.previousState")


def _muted_until(detail: Mapping[str, Any]) -> datetime | None:
    if detail.get("muteDetail") is None:
        return None
    return time(part(detail, "muteDetail", "detail"), "muteWindowEnd", "detail.muteDetail")


def _contributor(detail: Mapping[str, Any]) -> Contributor:
    where = "detail.alarmContributor"
    contributor = part(detail, "alarmContributor", "detail")
    return Contributor(text(contributor, "id", where), texts(contributor, "attributes", where))


def _children(state: Mapping[str, Any]) -> tuple[str, ...]:
    """The alarms in ALARM under a composite. They name what to remediate, so a broken list is an error here."""
    if state.get("reasonData") is None:
        return ()
    where = "detail.state.reasonData"
    data = read_data(state["reasonData"])
    if data is None:
        raise bad(where, state["reasonData"], "it must be JSON text of an object with triggeringAlarms")
    where = path(where, "triggeringAlarms")
    alarms = data.get("triggeringAlarms", [])
    if not isinstance(alarms, list):
        raise bad(where, alarms, "it must be a list")
    children = []
    for position, alarm in enumerate(alarms):
        place = f"{where}[{position}]"
        if not isinstance(alarm, dict):
            raise bad(place, alarm, "it must be an object with arn and state")
        if _state(part(alarm, "state", place), path(place, "state")) == "ALARM":
            children.append(text(alarm, "arn", place))
    return tuple(children)
