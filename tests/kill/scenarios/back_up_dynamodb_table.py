"""A table that is backed up by hand."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

TABLE = "orders"


def arrange(cloud: Arranging) -> Start:
    cloud.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return Start(parameters={"table": TABLE})


def afterwards(cloud: Arranging) -> Any:
    return len(cloud.client("dynamodb").list_backups(TableName=TABLE)["BackupSummaries"])


SCENARIO = Scenario("back-up-dynamodb-table", arrange, afterwards, "succeeded")
