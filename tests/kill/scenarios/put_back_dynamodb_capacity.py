"""A table whose writes were raised, put back by hand: that answers no alarm."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

TABLE = "orders"


def arrange(cloud: Arranging) -> Start:
    cloud.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 10, "WriteCapacityUnits": 6},
    )
    return Start(parameters={"table": TABLE, "side": "write", "units": 4, "raised": 6})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("dynamodb").describe_table(TableName=TABLE)["Table"]["ProvisionedThroughput"]
    return [found["ReadCapacityUnits"], found["WriteCapacityUnits"]]


SCENARIO = Scenario("put-back-dynamodb-capacity", arrange, afterwards, "succeeded")
