"""What the matching suites match: a few runbooks, an alarm, and how they ask."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from nightcrew.admission.policy import Binding, Policy
from nightcrew.authoring.triggers import Alarm, Trigger, TriggerIndex
from nightcrew.dispatch.matching import Match, match
from nightcrew.signals import Metric, Signal

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"


@dataclass(frozen=True)
class Known:
    """A runbook, as far as matching looks at it."""

    name: str
    triggers: tuple[Trigger, ...] = ()
    said_at_call: tuple[str, ...] = ()


RESTART = Known(
    "restart-ec2-instance",
    (Alarm("AWS/EC2", "StatusCheckFailed_Instance", direction="high", instance_id="InstanceId"),),
)
GROW = Known(
    "scale-out-auto-scaling-group",
    (
        Alarm("AWS/EC2", "CPUUtilization", direction="high", group="AutoScalingGroupName"),
        Alarm("AWS/ApplicationELB", "RequestCount", direction="high", group="TargetGroup"),
    ),
)
RESTORE = Known("restore-dynamodb-table", (Alarm("Team/Orders", "LostRows", direction="high", table="TableName"),))
PAGE = Known("page-somebody", (Alarm("Team/Orders", "LostRows", direction="high", table="TableName"),))
ROLL = Known("roll-ecs-service")

KNOWN = {each.name: each for each in (RESTART, GROW, RESTORE, ROLL)}
INDEX = TriggerIndex((each.name, trigger) for each in KNOWN.values() for trigger in each.triggers)

CHECK = Metric("AWS/EC2", "StatusCheckFailed_Instance", {"InstanceId": "i-1"})
REQUESTS = Metric("AWS/ApplicationELB", "RequestCount", {"TargetGroup": "web"})
ERRORS = Metric("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", {"TargetGroup": "web"})

SIGNAL = Signal(
    event="0",
    form="metric",
    alarm=f"arn:aws:cloudwatch:eu-central-1:{ACCOUNT}:alarm:web-check",
    name="web-check",
    account=ACCOUNT,
    region="eu-central-1",
    state="ALARM",
    previous="OK",
    at=datetime(2026, 11, 21, 3, tzinfo=UTC),
    reason="",
    metrics=(CHECK,),
    direction="high",
    contributor=None,
    children=(),
    tags={},
    muted_until=None,
    suppressed_by=None,
)
CHILD = f"arn:aws:cloudwatch:eu-central-1:{ACCOUNT}:alarm:child"
COMPOSITE = replace(SIGNAL, form="composite", name="web-down", metrics=(), direction=None, children=(CHILD,))


def ask(signal: Signal, *bindings: Binding, **more: Any) -> Match:
    return match(signal, INDEX, Policy("0", bindings=bindings), KNOWN, **more)
