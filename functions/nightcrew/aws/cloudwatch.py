"""CloudWatch's figures, as a runbook reads them before it decides."""

from datetime import datetime, timedelta
from typing import Any

from nightcrew.aws.calls import Call, calls

_cloudwatch = calls("cloudwatch")


def lately(
    metric: str, dimensions: dict[str, str], now: datetime, *, namespace: str, over: timedelta = timedelta(minutes=10)
) -> Call:
    """The read of a metric's maxima, minute by minute, up to ``now``: hand in the run's own time."""
    return _cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - over,
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )


def latest(answer: Any) -> float | None:
    """The newest maximum of such a read; None where CloudWatch has no figure: it comes some minutes late, or never."""
    points = answer["Datapoints"]
    return float(max(points, key=lambda point: str(point["Timestamp"]))["Maximum"]) if points else None


def highest(answer: Any) -> float | None:
    """The highest maximum of such a read; None where CloudWatch has no figure."""
    points = answer["Datapoints"]
    return max((float(point["Maximum"]) for point in points), default=None)
