"""A table whose restore is drilled by hand: whoever dies, nothing of the drill is left."""

import json
from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

TABLE, ITEM = "orders", {"pk": {"S": "a"}}


def arrange(cloud: Arranging) -> Start:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=TABLE, Item=ITEM)
    dynamodb.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    return Start(parameters={"table": TABLE, "key": json.dumps(ITEM), "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    return [name for name in cloud.client("dynamodb").list_tables()["TableNames"] if name.startswith(TABLE)]


SCENARIO = Scenario("drill-dynamodb-restore", arrange, afterwards, "succeeded")
