"""What moto writes and botocore reads by a plan is what they write and read member by member."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from botocore import utils
from botocore.exceptions import ClientError
from botocore.parsers import BaseJSONParser, BaseXMLResponseParser
from moto.core.serialize import ResponseSerializer

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.demo.embedded import IMAGE

_PLACES = (
    (ResponseSerializer, "_serialize_type_structure"),
    (ResponseSerializer, "get_value"),
    (BaseXMLResponseParser, "_handle_structure"),
    (BaseXMLResponseParser, "_node_tag"),
    (BaseJSONParser, "_handle_structure"),
)
_ORDINARY = [(place, name, getattr(place, name)) for place, name in _PLACES]  # no cloud is up yet


@contextmanager
def ordinary() -> Iterator[None]:
    """As moto and botocore do it."""
    with ExitStack() as stack:
        for place, name, made in _ORDINARY:
            assert getattr(place, name) is not made, f"{name} is as ever: then nothing is proved here"
            stack.enter_context(patch.object(place, name, made))
        yield


@pytest.fixture(scope="module")
def _furnished(clients: ClientMaker) -> None:
    """Something of each kind."""
    clients("ec2", READING).run_instances(
        ImageId=IMAGE,
        MinCount=2,
        MaxCount=2,
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "shapes", "Value": "\u00e4<&"}]}],
    )
    clients("rds", READING).create_db_cluster(
        DBClusterIdentifier="shapes", Engine="aurora-mysql", MasterUsername="ada", MasterUserPassword="not-in-use"
    )
    clients("dynamodb", READING).create_table(
        TableName="shapes",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    clients("route53", READING).create_hosted_zone(Name="shapes.example.", CallerReference="shapes")
    clients("cloudwatch", READING).put_metric_alarm(
        AlarmName="shapes",
        Namespace="AWS/EC2",
        MetricName="CPUUtilization",
        Dimensions=[{"Name": "InstanceId", "Value": "i-1"}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0.5,
        ComparisonOperator="GreaterThanThreshold",
    )
    clients("backup", READING).create_backup_vault(BackupVaultName="shapes")


@pytest.mark.usefixtures("_furnished")
@pytest.mark.parametrize(
    ("service", "operation", "asked"),
    [
        ("ec2", "describe_instances", {"Filters": [{"Name": "tag-key", "Values": ["shapes"]}]}),
        ("ec2", "describe_vpcs", {}),
        ("ec2", "describe_instances", {"InstanceIds": ["i-0123456789abcdef0"]}),
        ("rds", "describe_db_clusters", {"DBClusterIdentifier": "shapes"}),
        ("rds", "describe_db_clusters", {"DBClusterIdentifier": "nobody"}),
        ("dynamodb", "describe_table", {"TableName": "shapes"}),
        ("dynamodb", "describe_table", {"TableName": "nobody"}),
        ("route53", "list_hosted_zones_by_name", {"DNSName": "shapes.example."}),
        ("cloudwatch", "describe_alarms", {"AlarmNames": ["shapes"]}),
        ("backup", "describe_backup_vault", {"BackupVaultName": "shapes"}),
    ],
)
def test_an_answer_is_the_same(clients: ClientMaker, service: str, operation: str, asked: dict[str, Any]) -> None:
    """In each protocol: what there is, and that there is nothing."""

    def answer() -> Any:
        try:
            got = getattr(clients(service, READING), operation)(**asked)
        except ClientError as problem:
            got = problem.response
        kept = {name: value for name, value in got.items() if name != "ResponseMetadata"}
        return _still(kept), got["ResponseMetadata"]["HTTPStatusCode"], list(kept)

    quick = answer()
    with ordinary():
        assert answer() == quick


def _still(value: Any) -> Any:
    """Without what tells the time at which it was asked."""
    if isinstance(value, dict):
        return {name: _still(each) for name, each in value.items() if name != "LatestRestorableTime"}
    return [_still(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-21T03:00:04Z",
        "2026-11-21T03:00:04.250Z",
        "2026-11-21T03:00:04.250001Z",
        "2026-11-21T03:00:04.25Z",
        "2026-11-21T03:00:04+00:00",
        "Sat, 21 Nov 2026 03:00:04 GMT",
        "1795230004.25",
        1795230004,
    ],
)
def test_a_time_is_read_however_it_is_written(cloud: None, written: str | int) -> None:
    """To the microsecond, in UTC."""
    del cloud
    at = utils.parse_timestamp(written)
    assert at.utcoffset() is not None
    assert at.astimezone(UTC).replace(microsecond=0) == datetime(2026, 11, 21, 3, 0, 4, tzinfo=UTC)
    fraction = {"2026-11-21T03:00:04.250001Z": 250001} | dict.fromkeys(
        ("2026-11-21T03:00:04.250Z", "2026-11-21T03:00:04.25Z", "1795230004.25"), 250000
    )
    assert at.microsecond == fraction.get(str(written), 0)
