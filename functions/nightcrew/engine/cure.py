"""Was it cured? An alarm's run ends as *cured* only with the alarm's own OK, held for policy's minutes.

The OK is pushed: the event answers the waiting run. Where none comes in time, and once more after the hold,
CloudWatch is asked.
"""

from typing import Any

from nightcrew.admission.alarms import awaiting
from nightcrew.admission.request import AlarmSeen, Request
from nightcrew.authoring.asking import Pushed, pause
from nightcrew.authoring.live import LiveRun
from nightcrew.authoring.steps import StepFailed
from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.clock import stamp
from nightcrew.durations import in_words
from nightcrew.engine.installation import Installation

cloudwatch = calls("cloudwatch")
PERMISSIONS = ("cloudwatch:DescribeAlarms",)


def cured(
    run: LiveRun, request: Request, alarm: AlarmSeen, installation: Installation, cloud: Cloud
) -> tuple[str, str]:
    """Wait for the OK, then for it to hold. Returns the outcome and its words: cured, worse or ineffective."""
    outcome, words = _waited_for(run, request, alarm, cloud)
    other = _another(run, request, alarm, installation) if outcome != "cured" else None
    return ("worse", f"{other} fired on it since; {words}") if other else (outcome, words)


def _waited_for(run: LiveRun, request: Request, alarm: AlarmSeen, cloud: Cloud) -> tuple[str, str]:
    within, held = request.settings.ok_within.value, request.settings.ok_held.value

    pushed = Pushed(lambda callback: awaiting(alarm, callback), {"ok": True})
    title = f"the alarm's OK, within {in_words(within)}"
    if pause(run, title, within, pushed=pushed) is None:
        state, words = _ask(run, alarm, cloud, "is the alarm OK in time?")
        if state != "OK":
            return "ineffective", words
    if held:
        run.wait(f"the OK, held for {in_words(held)}", held)
    state, words = _ask(run, alarm, cloud, "is the alarm still OK?")
    return ("cured" if state == "OK" else "ineffective"), words


def _ask(run: LiveRun, alarm: AlarmSeen, cloud: Cloud, title: str) -> tuple[str | None, str]:
    """Ask CloudWatch once: the alarm's state, and words."""
    call = cloudwatch.describe_alarms(AlarmNames=[alarm.name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])

    def body() -> dict[str, Any]:
        run.work.watching.begin()
        asked = {"at": stamp(run.work.clock.now())}
        try:
            answer = cloud.read(call).value
        except CallFailed as failed:
            return {**asked, "error": f"{failed.code}: {failed.message}"[:200]}
        alarms = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
        return {**asked, "state": alarms[0]["StateValue"]} if alarms else asked

    try:
        seen: dict[str, Any] = run.work.steps.repeat(title, body)
    except StepFailed as failed:
        return None, f"{alarm.name} could not be asked: {failed}"[:200]
    state = seen.get("state")
    if state is None:
        problem = str(seen.get("error", "there is no such alarm"))
        run.note({"read": title, "call": str(call), "missing": problem}, seen["at"])
        return None, f"{alarm.name} could not be asked: {problem}"
    run.note({"read": title, "call": str(call), "value": state}, seen["at"])
    return state, f"the alarm is {'OK' if state == 'OK' else f'still {state}'}"


def _another(run: LiveRun, request: Request, alarm: AlarmSeen, installation: Installation) -> str | None:
    """Another alarm on the resource that fired since the first change, as intake noted on the lock that refused it."""

    def body() -> list[str]:
        item = installation.store.get("state", {"key": request.lock}) or {}
        return sorted(item.get("also", ()))

    try:
        noted: list[str] = run.work.steps.repeat("did another alarm fire?", body)
    except StepFailed:
        return None
    others = [each.split("|", 1)[1] for each in noted]
    return next((name for name in others if name != alarm.name), None)
