"""``signal_from``: an EventBridge event becomes a Signal, or BadEvent says what is wrong with it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nightcrew.signals.direction import direction_of, read_data
from nightcrew.signals.reading import bad, is_account, is_text, part, path, prose, text, texts, time
from nightcrew.signals.signal import Contributor, Signal
from nightcrew.signals.watched import watched_at, watched_by

SOURCE = "aws.cloudwatch"
STATE_CHANGE = "CloudWatch Alarm State Change"
CONTRIBUTOR_CHANGE = "CloudWatch Alarm Contributor State Change"
CONFIGURATION_CHANGE = "CloudWatch Alarm Configuration Change"

STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")

_ALARM = re.compile(r"arn:aws[a-z-]*:cloudwatch:([a-z0-9-]+):([0-9]{12}):alarm:.+")


def signal_from(event: Mapping[str, Any]) -> Signal:
    """Read a CloudWatch alarm's event of any form, as EventBridge delivers it.

    Raises BadEvent, with the field's path, what it is and what it may be: for an event of something else, for a change
    of an alarm's configuration, and for one that lacks what an alarm's event must have. What is only good for the
    direction is no error: the direction is None then. Fields that nothing here needs are not looked at.
    """
    if not isinstance(event, Mapping):
        raise bad("event", event, "it must be an object, as EventBridge delivers it")
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
    source = event.get("source")
    if source != SOURCE:
        raise bad("source", source, f"it must be {SOURCE}: only CloudWatch alarms are answered")
    kind = event.get("detail-type")
    if kind in (STATE_CHANGE, CONTRIBUTOR_CHANGE):
        return str(kind)
    if kind == CONFIGURATION_CHANGE:
        raise bad("detail-type", kind, "it must be a change of state: a changed configuration starts nothing")
    raise bad("detail-type", kind, f"it must be {STATE_CHANGE} or {CONTRIBUTOR_CHANGE}")


def _place(event: Mapping[str, Any]) -> tuple[str, str, str]:
    """Account, Region and the alarm's ARN."""
    account = event.get("account")
    if not is_account(account):
        raise bad("account", account, "it must be an account id of 12 digits")
    region = text(event, "region", "")
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
