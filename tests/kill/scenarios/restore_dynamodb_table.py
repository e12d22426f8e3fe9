"""A table with settings that a restore loses, restored by hand: that answers no alarm."""

import json
from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start

TABLE, AGAIN = "orders", "orders-again"
ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table"
SCALED = {"ServiceNamespace": "dynamodb", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}


def arrange(cloud: Arranging) -> Start:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": "a"}})
    dynamodb.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    dynamodb.tag_resource(ResourceArn=f"{ARN}/{TABLE}", Tags=[{"Key": "team", "Value": "checkout"}])
    dynamodb.put_resource_policy(ResourceArn=f"{ARN}/{TABLE}", Policy=json.dumps(_policy()))
    expiry = {"Enabled": True, "AttributeName": "expires"}
    dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=expiry)
    view = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    dynamodb.update_table(TableName=TABLE, StreamSpecification=view)
    dynamodb.update_table(TableName=TABLE, DeletionProtectionEnabled=True)
    cloud.client("application-autoscaling").register_scalable_target(
        ResourceId=f"table/{TABLE}", MinCapacity=5, MaxCapacity=50, **SCALED
    )
    return Start(parameters={"table": TABLE, "target": AGAIN})


def _policy() -> dict[str, Any]:
    reader = {"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "dynamodb:GetItem"}
    return {"Version": "2012-10-17", "Statement": [{**reader, "Resource": f"{ARN}/{TABLE}"}]}


def afterwards(cloud: Arranging) -> Any:
    dynamodb = cloud.client("dynamodb")
    found = dynamodb.describe_table(TableName=AGAIN)["Table"]
    tags = dynamodb.list_tags_of_resource(ResourceArn=f"{ARN}/{AGAIN}")["Tags"]
    scaling = cloud.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="dynamodb", ResourceIds=[f"table/{AGAIN}"]
    )
    return {
        "items": found["ItemCount"],
        "stream": found["StreamSpecification"],
        "protected": found["DeletionProtectionEnabled"],
        # moto keeps a tag that is set again twice; AWS keeps it once.
        "tags": sorted({tag["Key"] for tag in tags}),
        "expiry": dynamodb.describe_time_to_live(TableName=AGAIN)["TimeToLiveDescription"],
        "policy": dynamodb.get_resource_policy(ResourceArn=f"{ARN}/{AGAIN}")["Policy"],
        "scales": [[each["MinCapacity"], each["MaxCapacity"]] for each in scaling["ScalableTargets"]],
    }


SCENARIO = Scenario("restore-dynamodb-table", arrange, afterwards, "succeeded")
