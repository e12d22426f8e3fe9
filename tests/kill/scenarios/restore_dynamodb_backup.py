"""A table that is protected, and a backup of it, restored by hand: that answers no alarm."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

TABLE, AGAIN = "orders", "orders-again"


def arrange(cloud: Arranging) -> Start:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
    )
    dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": "a"}})
    made = dynamodb.create_backup(TableName=TABLE, BackupName="before-the-migration")["BackupDetails"]
    dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": "b"}})
    backup = made["BackupArn"].rsplit("/", 1)[-1]
    return Start(parameters={"table": TABLE, "backup": backup, "target": AGAIN})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("dynamodb").describe_table(TableName=AGAIN)["Table"]
    return [found["ItemCount"], found["DeletionProtectionEnabled"]]


SCENARIO = Scenario("restore-dynamodb-backup", arrange, afterwards, "succeeded")
