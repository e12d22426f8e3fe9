"""A table that throttles writes, raised by hand: no event of `events/` is about it."""

from datetime import timedelta
from typing import Any

from nightcrew.clock import SystemClock
from tests.kill.scenario import Arranging, Scenario, Start

TABLE = "orders"


def arrange(cloud: Arranging) -> Start:
    cloud.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 10, "WriteCapacityUnits": 4},
    )
    throttled = {
        "MetricName": "WriteThrottleEvents",
        "Dimensions": [{"Name": "TableName", "Value": TABLE}],
        "Timestamp": SystemClock().now() - timedelta(minutes=2),
        "Value": 7.0,
    }
    cloud.client("cloudwatch").put_metric_data(Namespace="AWS/DynamoDB", MetricData=[throttled])
    return Start(parameters={"table": TABLE})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("dynamodb").describe_table(TableName=TABLE)["Table"]["ProvisionedThroughput"]
    return [found["ReadCapacityUnits"], found["WriteCapacityUnits"]]


SCENARIO = Scenario("raise-dynamodb-capacity", arrange, afterwards, "succeeded")
