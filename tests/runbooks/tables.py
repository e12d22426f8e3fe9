"""Tables to restore, and how the tests of restore-dynamodb-table start a run and look at what came of it."""

import itertools
import json
from datetime import datetime
from typing import Any

from nightcrew.demo.scripted import Refusal
from tests.house import House

NAME = "restore-dynamodb-table"
ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table"
STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders-changes"
ITEM = {"pk": {"S": "a"}, "sk": {"N": "1"}}
TRACKING = {
    "TargetValue": 70.0,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
}

_numbers = itertools.count(1)


def a_table(house: House) -> str:
    """A table of a test's own, with an index, one item and point-in-time recovery, and nothing else."""
    name, dynamodb = f"orders-{next(_numbers)}", house.crew.client("dynamodb")
    units = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}
    index = {
        "IndexName": "by-day",
        "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]},
    }
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
            {"AttributeName": "day", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[{**index, **units}],
        **units,
    )
    dynamodb.put_item(TableName=name, Item=ITEM)
    recovery = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 14}
    dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    return name


def a_furnished_table(house: House) -> str:
    """Such a table with each setting that a restore loses."""
    table, dynamodb = a_table(house), house.crew.client("dynamodb")
    tags = [{"Key": "team", "Value": "checkout"}, {"Key": "nightcrew:run", "Value": "an-older-run"}]
    dynamodb.tag_resource(ResourceArn=f"{ARN}/{table}", Tags=tags)
    expiry = {"Enabled": True, "AttributeName": "expires"}
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)
    view = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    dynamodb.update_table(TableName=table, StreamSpecification=view)
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True)
    dynamodb.put_resource_policy(ResourceArn=f"{ARN}/{table}", Policy=json.dumps(policy(f"{ARN}/{table}")))
    mode = {"ContributorInsightsAction": "ENABLE", "ContributorInsightsMode": "THROTTLED_KEYS"}
    dynamodb.update_contributor_insights(TableName=table, IndexName="by-day", **mode)
    precision = {"ApproximateCreationDateTimePrecision": "MICROSECOND"}
    dynamodb.enable_kinesis_streaming_destination(
        TableName=table, StreamArn=STREAM, EnableKinesisStreamingConfiguration=precision
    )
    scaling = house.crew.client("application-autoscaling")
    for resource, kind in ((f"table/{table}", "table"), (f"table/{table}/index/by-day", "index")):
        scaling.register_scalable_target(MinCapacity=5, MaxCapacity=50, **scaled(resource, kind))
        scaling.put_scaling_policy(
            PolicyName=f"DynamoDBReadCapacityUtilization:{resource}",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=TRACKING,
            **scaled(resource, kind),
        )
    each_night = {"Schedule": "cron(0 2 * * ? *)", "ScalableTargetAction": {"MinCapacity": 10}}
    scaling.put_scheduled_action(ScheduledActionName="night", **each_night, **scaled(f"table/{table}", "table"))
    return table


def scaled(resource: str, kind: str) -> dict[str, str]:
    """How Application Auto Scaling names the read capacity of a table or an index."""
    dimension = f"dynamodb:{kind}:ReadCapacityUnits"
    return {"ServiceNamespace": "dynamodb", "ResourceId": resource, "ScalableDimension": dimension}


def policy(arn: str) -> dict[str, Any]:
    """A policy that lets another account read a table and its indexes."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "dynamodb:GetItem"}
    return {"Version": "2012-10-17", "Statement": [{**statement, "Resource": [arn, f"{arn}/index/*"]}]}


def start(house: House, table: str, **parameters: Any) -> tuple[str, dict[str, Any], str]:
    """A run to ``<table>-again``, waited for one minute: its id, how it ended, the new table."""
    given = {"target": f"{table}-again", "within": "1m", **parameters}
    return *house.start(NAME, table=table, **given), given["target"]


def exists(house: House, table: str) -> bool:
    """Whether the cloud has the table."""
    # A page has a hundred, and one cloud serves all tests.
    pages = house.crew.client("dynamodb").get_paginator("list_tables").paginate()
    return any(table in page["TableNames"] for page in pages)


def window(earliest: datetime, latest: datetime) -> dict[str, Any]:
    """A DescribeContinuousBackups answer with that window."""
    times = {"EarliestRestorableDateTime": earliest, "LatestRestorableDateTime": latest}
    found = {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 14, **times}
    described = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": found}
    return {"ContinuousBackupsDescription": described}


def creating(house: House, table: str, polls: int) -> None:
    """The table is still being created the first times it is asked about; AWS deletes none that is."""
    left = [polls]

    def status(asked: Any, answer: dict[str, Any]) -> None:
        if asked["TableName"] == table and left[0]:
            left[0] -= 1
            answer["Table"]["TableStatus"] = "CREATING"
            answer["Table"]["RestoreSummary"]["RestoreInProgress"] = True

    house.scripted.after("dynamodb", "DescribeTable", status)
    house.scripted.script("dynamodb", "DeleteTable", lambda _: Refusal("ResourceInUseException") if left[0] else None)
