"""What a DynamoDB table, or one of its indexes, may take: read out of an answer, and set.

Each has two sides, read and write. Units are of provisioned capacity or, on demand, the maximum of request units.
Sources: DynamoDB API reference (UpdateTable, OnDemandThroughput, GlobalSecondaryIndexUpdate) and developer guide,
"DynamoDB metrics and dimensions".
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from nightcrew.aws.application_autoscaling import scalable_targets
from nightcrew.aws.calls import Call, calls
from nightcrew.aws.cloudwatch import lately
from nightcrew.aws.dynamodb import is_ready, table
from nightcrew.errors import Unknown

_dynamodb = calls("dynamodb")
_cloudwatch = calls("cloudwatch")
_scaling = calls("application-autoscaling")

Side = Literal["read", "write"]
SIDES: tuple[Side, Side] = ("read", "write")

HOUR = timedelta(hours=1)
_UNITS = {
    "provisioned": ("ProvisionedThroughput", "ReadCapacityUnits", "WriteCapacityUnits"),
    "maximum": ("OnDemandThroughput", "MaxReadRequestUnits", "MaxWriteRequestUnits"),
}
_MINUTE = 60


def throughput(answer: Any, index: str = "") -> dict[str, Any]:
    """Of a DescribeTable answer: ``{"ready", "kind", "read", "write"}`` of the table or of that index.

    ``kind`` is "provisioned" or, on demand, "maximum"; a side without one is -1, and with neither side it is None.
    ``ready`` is whether it can be changed now. Raises Unknown where the table has no such index.
    """
    found = table(answer)
    if index and not found["indexes"].get(index, [""])[0] == "global":
        raise Unknown(f"the table {found['name']} has no global secondary index {index}")
    kind = "provisioned" if found["billing"] == "PROVISIONED" else "maximum"
    units = found["capacity" if kind == "provisioned" else "on_demand"].get(index)
    read, write = units or (-1, -1)
    return {"ready": is_ready(answer), "kind": kind if units else None, "read": read, "write": write}


def update(name: str, index: str, kind: str, units: Mapping[Side, int]) -> Call:
    """Set both sides of the table or of that index: ``{"read": 10, "write": 5}``."""
    member, read, write = _UNITS[kind]
    set_to = {member: {read: units["read"], write: units["write"]}}
    if not index:
        return _dynamodb.update_table(TableName=name, **set_to)
    return _dynamodb.update_table(
        TableName=name, GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": index, **set_to}}]
    )


def scaled_by(name: str, index: str) -> Call:
    """The read of how Application Auto Scaling scales it; ``targets`` picks."""
    return _scaling.describe_scalable_targets(ServiceNamespace="dynamodb", ResourceIds=[_resource(name, index)])


def targets(answer: Any) -> dict[str, dict[str, Any]]:
    """Of a DescribeScalableTargets answer about one of them, what scales by side: ``{"read": {"min", "max", …}}``."""
    return {"read" if "Read" in each["dimension"] else "write": each for each in scalable_targets(answer)}


def scales_between(side: Side, smallest: int, largest: int, answer: Any) -> bool:
    """Whether that side scales just so, from a DescribeScalableTargets answer."""
    found = targets(answer).get(side)
    return found is not None and (found["min"], found["max"]) == (smallest, largest)


def scale_between(name: str, index: str, side: Side, smallest: int, largest: int) -> Call:
    """Set between what it scales. A capacity outside of it is brought inside at once (API reference,
    RegisterScalableTarget), if the table is ACTIVE.
    """
    return _scaling.register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId=_resource(name, index),
        ScalableDimension=f"dynamodb:{'index' if index else 'table'}:{side.title()}CapacityUnits",
        MinCapacity=smallest,
        MaxCapacity=largest,
    )


def throttled(name: str, index: str, side: Side, now: datetime) -> Call:
    """The read of how often it throttled lately; ``cloudwatch.highest`` picks."""
    return lately(f"{side.title()}ThrottleEvents", _metric(name, index), now, namespace="AWS/DynamoDB")


def consumed(name: str, index: str, side: Side, now: datetime) -> Call:
    """The read of what was consumed in the last hour, minute by minute; ``peak`` picks."""
    return _cloudwatch.get_metric_statistics(
        Namespace="AWS/DynamoDB",
        MetricName=f"Consumed{side.title()}CapacityUnits",
        Dimensions=[{"Name": key, "Value": value} for key, value in _metric(name, index).items()],
        StartTime=now - HOUR,
        EndTime=now,
        Period=_MINUTE,
        Statistics=["Sum"],
    )


def peak(answer: Any) -> float:
    """Units a second in the busiest minute of such a read; 0 where nothing was consumed, since then there is no
    figure.
    """
    return max((float(point["Sum"]) for point in answer["Datapoints"]), default=0.0) / _MINUTE


def _metric(name: str, index: str) -> dict[str, str]:
    return {"TableName": name, **({"GlobalSecondaryIndexName": index} if index else {})}


def _resource(name: str, index: str) -> str:
    return f"table/{name}/index/{index}" if index else f"table/{name}"
