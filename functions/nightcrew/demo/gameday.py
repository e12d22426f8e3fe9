"""The demo's game day: an instance that an experiment makes unreachable, and its alarm."""

from collections.abc import Callable
from typing import Any

from nightcrew.demo.embedded import ACCOUNT, REGION
from nightcrew.demo.experiments import have_template
from nightcrew.demo.meanwhile import PERIOD

INSTANCE = "i-0b7e4d2c9f8a61035"
TEMPLATE = "EXT3kUxJ2wMjPj3d"
ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{INSTANCE}"
NAME = "a web server cannot be reached"
"""Of the game day, in the demo's policy."""

ALARM, BLOCKING = "checkout-web-5-status", "checkout-5xx"

Client = Callable[[str], Any]
"""From a service's name to a client."""


def have_game_day(client: Client) -> None:
    """The two alarms, and an experiment that makes the instance unreachable."""
    stop = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{BLOCKING}"
    have_template(ACCOUNT, REGION, TEMPLATE, [ARN], stop=stop)
    cloudwatch = client("cloudwatch")
    put_status_alarm(cloudwatch, ALARM, INSTANCE)
    cloudwatch.put_metric_alarm(
        AlarmName=BLOCKING,
        Namespace="AWS/ApplicationELB",
        MetricName="HTTPCode_Target_5XX_Count",
        Dimensions=[{"Name": "LoadBalancer", "Value": "app/checkout/50dc6c495c0c9188"}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=3,
        Threshold=20,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=BLOCKING, StateValue="OK", StateReason="Few errors.")


def put_status_alarm(cloudwatch: Any, name: str, instance: str) -> None:
    """An instance's alarm, OK. What does not run has no status: that counts as a failed check."""
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/EC2",
        MetricName="StatusCheckFailed_Instance",
        Dimensions=[{"Name": "InstanceId", "Value": instance}],
        Statistic="Maximum",
        Period=int(PERIOD.total_seconds()),
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="breaching",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="Its checks pass.")
