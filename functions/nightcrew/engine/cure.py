"""Was it cured? An alarm's run ends as *cured* only with the alarm's own OK, held for policy's minutes."""

from datetime import timedelta
from typing import Any

from nightcrew.admission.request import AlarmSeen
from nightcrew.authoring.live import LiveRun
from nightcrew.authoring.steps import StepFailed
from nightcrew.aws.calls import Call, calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.clock import stamp
from nightcrew.durations import in_words

cloudwatch = calls("cloudwatch")
PERMISSIONS = ("cloudwatch:DescribeAlarms",)


def cured(run: LiveRun, alarm: AlarmSeen, held: timedelta, cloud: Cloud) -> tuple[str, str]:
    """Wait for the hold time, then ask CloudWatch once. Returns the outcome and its words."""
    if held:
        run.wait(f"the alarm's OK, held for {in_words(held)}", held)
    call = cloudwatch.describe_alarms(AlarmNames=[alarm.name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    seen = _ask(run, call, cloud)
    fact = {"read": "is the alarm OK?", "call": str(call), "value": seen, "at": seen["asked"]}
    run.facts.append(fact)
    run.work.watching.tell("fact", fact)
    state = seen.get("state")
    if state == "OK":
        return "cured", f"{alarm.name} is OK"
    if state is None:
        return "ineffective", f"{alarm.name} could not be asked: {seen.get('error', 'there is no such alarm')}"
    return "ineffective", f"{alarm.name} is still {state}"


def _ask(run: LiveRun, call: Call, cloud: Cloud) -> dict[str, Any]:
    def body() -> dict[str, Any]:
        run.work.watching.begin()
        asked = {"asked": stamp(run.work.clock.now())}
        try:
            answer = cloud.read(call).value
        except CallFailed as failed:
            return {**asked, "error": f"{failed.code}: {failed.message}"[:200]}
        alarms = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
        if not alarms:
            return asked
        return {**asked, "state": alarms[0]["StateValue"], "since": alarms[0].get("StateUpdatedTimestamp")}

    try:
        seen: dict[str, Any] = run.work.steps.repeat("is the alarm OK?", body)
    except StepFailed as failed:
        return {"asked": stamp(run.work.clock.now()), "error": str(failed)[:200]}
    return seen
