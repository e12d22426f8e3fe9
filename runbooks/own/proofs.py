"""What proves that a team's own procedure helped: what its caller names, since nobody else knows what it is for."""

from datetime import timedelta

from nightcrew import Run, calls
from nightcrew.aws.alarm_state import state_of
from nightcrew.aws.calls import Call
from nightcrew.aws.elbv2 import none_is_unhealthy, target_group_name, target_health
from nightcrew.aws.owners_word import WORST, agrees, is_managed

cloudwatch = calls("cloudwatch")
elbv2 = calls("elbv2")


def require_owner_allows(run: Run, tags: dict[str, str], family: str, risk: str) -> None:
    """End the run where the owner of a document or a function does not let Nightcrew use it, or says other things of it
    than the call does.
    """
    run.require("its owner lets Nightcrew use it: it is tagged nightcrew=managed", is_managed(tags))
    words = f"its tags nightcrew:family and nightcrew:risk say the same as the call, or the call's risk is {WORST}"
    run.require(words, agrees(tags, family, risk))


def require_something_to_prove(run: Run, alarm_ok: str | None, healthy_targets: str | None) -> None:
    """Read what is to prove it as it is before: an alarm that is OK already would prove nothing."""
    if alarm_ok:
        seen = run.read(f"ask how {alarm_ok} is", _alarm(alarm_ok), pick=state_of)
        run.require("the alarm that is to prove it is not OK already", seen["state"] != "OK")
    if healthy_targets:
        run.read(
            f"ask {target_group_name(healthy_targets)} how its targets are", _ask(healthy_targets), pick=target_health
        )


def prove_all(run: Run, alarm_ok: str | None, healthy_targets: str | None, *, within: timedelta) -> None:
    """Prove what the caller named."""
    if healthy_targets:
        title = f"{target_group_name(healthy_targets)} has healthy targets, and no ill one"
        run.prove(title, _ask(healthy_targets), none_is_unhealthy, within=within, pick=target_health)
    if alarm_ok:
        run.prove(
            f"{alarm_ok} is OK", _alarm(alarm_ok), lambda seen: seen["state"] == "OK", within=within, pick=state_of
        )


def _alarm(name: str) -> Call:
    return cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])


def _ask(target_group: str) -> Call:
    return elbv2.describe_target_health(TargetGroupArn=target_group)
