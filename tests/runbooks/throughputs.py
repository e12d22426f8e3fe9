"""DynamoDB tables with a capacity, and CloudWatch's figures, for the tests of the runbooks that raise capacity and put
it back.
"""

import itertools
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.house import House

_numbers = itertools.count(1)
INDEX = "by-day"


def a_table(house: House, *, read: int = 10, write: int = 4, mode: str = "PROVISIONED") -> str:
    """A table of a test's own with one index; on demand with the mode PAY_PER_REQUEST."""
    name, units = f"busy-{next(_numbers)}", {"ReadCapacityUnits": read, "WriteCapacityUnits": write}
    given: dict[str, Any] = {"ProvisionedThroughput": units} if mode == "PROVISIONED" else {}
    index = {"IndexName": INDEX, "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}]}
    house.crew.client("dynamodb").create_table(
        TableName=name,
        BillingMode=mode,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("pk", "day")],
        GlobalSecondaryIndexes=[{**index, "Projection": {"ProjectionType": "ALL"}, **given}],
        **given,
    )
    return name


def units(house: House, table: str, index: str = "") -> tuple[int, int]:
    """What it takes, read and write, in the cloud itself."""
    found = house.crew.client("dynamodb").describe_table(TableName=table)["Table"]
    part = next(each for each in [found, *found["GlobalSecondaryIndexes"]] if each.get("IndexName", "") == index)
    return part["ProvisionedThroughput"]["ReadCapacityUnits"], part["ProvisionedThroughput"]["WriteCapacityUnits"]


def scales(house: House, table: str, smallest: int, largest: int, index: str = "") -> None:
    """Let its reads scale by themselves; as AWS does, moto's capacity then follows each new registration (API
    reference, RegisterScalableTarget: "it changes the resource's current capacity to a value that is inside of this
    range").
    """
    scaling = house.crew.client("application-autoscaling")
    scaling.register_scalable_target(MinCapacity=smallest, MaxCapacity=largest, **scaled(table, index))

    def follow(asked: Mapping[str, Any], _: Any) -> None:
        read, write = units(house, table, index)
        now = min(max(read, asked["MinCapacity"]), asked["MaxCapacity"])
        given = {"ReadCapacityUnits": now, "WriteCapacityUnits": write}
        house.crew.client("dynamodb").update_table(TableName=table, ProvisionedThroughput=given)

    house.scripted.after("application-autoscaling", "RegisterScalableTarget", follow)


def scaled(table: str, index: str = "") -> dict[str, str]:
    """How Application Auto Scaling names its reads."""
    resource = f"table/{table}/index/{index}" if index else f"table/{table}"
    dimension = f"dynamodb:{'index' if index else 'table'}:ReadCapacityUnits"
    return {"ServiceNamespace": "dynamodb", "ResourceId": resource, "ScalableDimension": dimension}


def between(house: House, table: str) -> list[tuple[int, int]]:
    """Between what the table's reads scale."""
    client = house.crew.client("application-autoscaling")
    found = client.describe_scalable_targets(ServiceNamespace="dynamodb", ResourceIds=[f"table/{table}"])
    return [(each["MinCapacity"], each["MaxCapacity"]) for each in found["ScalableTargets"]]


def figures(house: House, **values: float) -> None:
    """What CloudWatch has of a metric, each a figure of the last minute: ``ReadThrottleEvents=12``."""

    def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
        value = values.get(asked["MetricName"])
        point = {"Timestamp": asked["EndTime"], "Maximum": value, "Sum": value}
        return {"Datapoints": [point] if value is not None else []}

    house.scripted.script("cloudwatch", "GetMetricStatistics", answer)


def seen_by_cloudwatch(house: House, namespace: str, metric: str, dimensions: Mapping[str, str]) -> None:
    """The cloud's own CloudWatch saw five of them two minutes ago, without a script."""
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Timestamp": house.crew.installation.clock.now() - timedelta(minutes=2),
        "Value": 5.0,
    }
    house.crew.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])


def updating(house: House, looks: int) -> None:
    """After a change the table is UPDATING for so many looks, and shows the old units (API reference, UpdateTable)."""
    left = [looks]

    def busy(_: Any, answer: dict[str, Any]) -> None:
        if left[0] and house.scripted.changes():
            left[0] -= 1
            answer["Table"]["TableStatus"] = "UPDATING"

    house.scripted.after("dynamodb", "DescribeTable", busy)
