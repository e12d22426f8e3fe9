"""How an alarm on a trigger's metric is usually set: what CloudWatch recommends, and what people must say themselves.

Source: CloudWatch user guide, "Recommended alarms" (Best_Practice_Recommended_Alarms_AWS_Services.html). Where it says
that the threshold depends on the application there is none here; no guess of ours stands in a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Usual:
    """``period`` in seconds; of ``periods`` the last ones as many as ``datapoints`` must breach. ``threshold`` is None
    where only who knows the application can say it. ``missing`` is how missing data is treated: an alarm that is to be
    cured must come back to OK.
    """

    statistic: str = "Average"
    period: int = 60
    periods: int = 5
    datapoints: int = 5
    threshold: float | None = None
    or_equal: bool = False
    missing: str = "notBreaching"


_CHECK = Usual("Maximum", 60, 2, 2, 1.0, or_equal=True)
_COUNT = Usual("Sum")

USUAL: Mapping[tuple[str, str], Usual] = {
    ("AWS/EC2", "StatusCheckFailed"): _CHECK,
    ("AWS/EC2", "StatusCheckFailed_Instance"): _CHECK,
    ("AWS/EC2", "StatusCheckFailed_AttachedEBS"): Usual("Maximum", 60, 10, 10, 1.0, or_equal=True),
    ("AWS/EC2", "CPUUtilization"): Usual(period=300, periods=3, datapoints=3, threshold=80.0),
    ("AWS/ECS", "CPUUtilization"): Usual(threshold=80.0),
    ("AWS/ECS", "MemoryUtilization"): Usual(threshold=80.0),
    ("AWS/RDS", "CPUUtilization"): Usual(threshold=90.0),
    ("AWS/RDS", "FreeStorageSpace"): Usual("Minimum"),
    ("AWS/RDS", "FreeableMemory"): Usual(periods=15, datapoints=15),
    ("AWS/DynamoDB", "ReadThrottleEvents"): _COUNT,
    ("AWS/DynamoDB", "WriteThrottleEvents"): _COUNT,
    ("AWS/Lambda", "Errors"): Usual("Sum", periods=3, datapoints=3),
    ("AWS/Lambda", "Throttles"): _COUNT,
    ("AWS/Lambda", "ProvisionedConcurrencySpilloverInvocations"): _COUNT,
    ("AWS/Lambda", "ProvisionedConcurrencyUtilization"): Usual("Maximum"),
    ("AWS/Kinesis", "WriteProvisionedThroughputExceeded"): _COUNT,
    ("AWS/Kinesis", "ReadProvisionedThroughputExceeded"): _COUNT,
    ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"): _COUNT,
    ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"): _COUNT,
    ("AWS/ApplicationELB", "TargetConnectionErrorCount"): _COUNT,
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): Usual("Sum", 60, 1, 1, 0.0),
    ("CWAgent", "procstat_lookup_pid_count"): Usual("Minimum", 60, 2, 2, 1.0, missing="breaching"),
}


def usual(namespace: str, metric: str) -> Usual:
    """How it is usually set; of what nobody recommends anything: five minutes' averages, and no threshold."""
    return USUAL.get((namespace, metric), Usual())
