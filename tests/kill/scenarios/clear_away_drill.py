"""A table that a drill left which died: it is deleted once, and what was drilled is not."""

from typing import Any

from nightcrew.demo.embedded import ACCOUNT, REGION
from tests.kill.scenario import Arranging, Scenario, Start

TABLE, DEAD = "orders", "20261121-030004-k3f9qa2m"
LEFT = f"{TABLE}-restored-drill-{DEAD}"


def arrange(cloud: Arranging) -> Start:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    dynamodb.restore_table_to_point_in_time(SourceTableName=TABLE, TargetTableName=LEFT, UseLatestRestorableTime=True)
    drilled = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
    return Start(parameters={"drilled": drilled, "kind": "DynamoDB", "made": LEFT, "by": DEAD})


def afterwards(cloud: Arranging) -> Any:
    return [name for name in cloud.client("dynamodb").list_tables()["TableNames"] if name.startswith(TABLE)]


SCENARIO = Scenario("clear-away-drill", arrange, afterwards, "succeeded")
