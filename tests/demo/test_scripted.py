"""The scripted cloud: what it answers, and what it tells of what left."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from nightcrew.aws.cloud import READING
from nightcrew.demo.scripted import Scripted


@pytest.fixture
def ec2(scripted: Scripted) -> Any:
    scripted.reset()
    return scripted("ec2", READING)


def test_what_a_script_answered_or_edited_is_told_from_what_the_cloud_said(scripted: Scripted, ec2: Any) -> None:
    """Else nobody could say what a runbook was proved on."""
    ec2.describe_vpcs()
    scripted.answer("ec2", "DescribeVpcs", {"Vpcs": []})
    assert ec2.describe_vpcs()["Vpcs"] == []
    scripted.after("ec2", "DescribeVpcs", lambda asked, answer: answer.update(Vpcs=[]))
    assert ec2.describe_vpcs()["Vpcs"] == []
    assert [each.scripted for each in scripted.sent] == [False, True, True]


def test_a_call_that_aws_would_not_take_is_refused_though_it_is_scripted(scripted: Scripted, ec2: Any) -> None:
    scripted.answer("ec2", "StopInstances", {})
    with pytest.raises(ParamValidationError):
        ec2.stop_instances(InstanceId="i-0abc1234def567890")
    assert scripted.sent == []


def test_a_throttle_ends(scripted: Scripted) -> None:
    scripted.reset()
    client = scripted("sqs", READING)
    scripted.throttle("sqs", "ListQueues", 2, code="ThrottlingException")
    codes = []
    for _ in range(3):
        try:
            client.list_queues()
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
    assert codes == ["ThrottlingException"] * 2
