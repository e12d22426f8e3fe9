"""The fault ``set-alarm``: an alarm is set to ALARM, though what it watches is well. Taken back by setting it back.

CloudWatch evaluates it anew by itself, mostly within a period: then there is nothing to set back (CloudWatch API
reference, SetAlarmState).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import Cloud
from nightcrew.dispatch.backtest.recorded import RecordedAlarm
from nightcrew.dispatch.coverage.firing import witness
from nightcrew.dispatch.gameday.alarms import alarms
from nightcrew.errors import Refused

PERMISSIONS = ("cloudwatch:DescribeAlarms", "cloudwatch:SetAlarmState")

_cloudwatch = calls("cloudwatch")


def before(cloud: Cloud, target: str) -> dict[str, Any]:
    """Its state; raises Refused where there is no such alarm, or it is in ALARM by itself."""
    found = alarms(cloud, [target]).get(target)
    if found is None:
        raise Refused("fault", f"there is no alarm {target} to set")
    state = str(found.described["StateValue"])
    if state == "ALARM":
        raise Refused("fault", f"{target} is in ALARM by itself: that is no game day")
    return {"state": state}


def put(cloud: Cloud, target: str, token: str) -> dict[str, Any]:
    """Set it to ALARM, with a datapoint on the side of its threshold that it watches for: matching needs to know."""
    set_to_alarm(cloud, alarms(cloud, [target])[target], token)
    return {}


def set_to_alarm(cloud: Cloud, alarm: RecordedAlarm, token: str) -> None:
    """As ``put``."""
    seen = witness(alarm.described)
    data = {"version": "1.0", **json.loads(seen.get("stateReasonData", "{}"))}
    cloud.change(
        _cloudwatch.set_alarm_state(
            AlarmName=alarm.name,
            StateValue="ALARM",
            StateReason=f"{seen['stateReason'].replace('would be', 'was')}. {_mark(token)}",
            StateReasonData=json.dumps(data),
        )
    )


def take_back(cloud: Cloud, target: str, kept: Mapping[str, Any], token: str, pause: Callable[[float], None]) -> str:
    """Set it back, if it stands as we set it."""
    del pause
    found = alarms(cloud, [target]).get(target)
    if found is None:
        return f"{target} is gone"
    if found.described["StateValue"] != "ALARM" or _mark(token) not in str(found.described.get("StateReason")):
        return f"{target} is {found.described['StateValue']} by CloudWatch's own word"
    state = str(kept["state"])
    call = _cloudwatch.set_alarm_state(AlarmName=target, StateValue=state, StateReason=f"Set back. {_mark(token)}")
    cloud.change(call)
    return f"{target} was set back to {state}"


def _mark(token: str) -> str:
    return f"Set on purpose, by the game day {token}."
