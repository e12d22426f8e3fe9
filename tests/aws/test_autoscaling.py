"""Auto Scaling groups: answers in AWS's shapes, and what is read out of them."""

import re
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from nightcrew.aws.arns import ResourceName, beside
from nightcrew.aws.autoscaling import (
    AutoScalingGroupName,
    instance_types,
    launches_after,
    newest_activity,
    only_group,
    refreshing,
)
from nightcrew.aws.ec2 import InstanceId
from nightcrew.errors import Unknown

REGION, ACCOUNT = "eu-west-1", "123456789012"
TARGETS = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/checkout/73e2d6bc24d8a067"


def marker(kind: Any) -> ResourceName:
    """What marks a parameter's type as a resource's name."""
    found = get_args(kind)[1]
    assert isinstance(found, ResourceName)
    return found


def instance(number: int, lifecycle: str = "InService", health: str = "Healthy", **more: Any) -> dict[str, Any]:
    return {
        "InstanceId": f"i-0abc1234def56789{number}",
        "InstanceType": "t3.micro",
        "AvailabilityZone": "eu-west-1a",
        "LifecycleState": lifecycle,
        "HealthStatus": health,
        "LaunchTemplate": {"LaunchTemplateId": "lt-0abc", "LaunchTemplateName": "checkout", "Version": "3"},
        "ProtectedFromScaleIn": False,
        **more,
    }


def group(*instances: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A DescribeAutoScalingGroups answer."""
    return {
        "AutoScalingGroups": [
            {
                "AutoScalingGroupName": "checkout-web",
                "AutoScalingGroupARN": f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:"
                "930d940e-891e-4781-a11a-7b0acd480f03:autoScalingGroupName/checkout-web",
                "MinSize": 2,
                "MaxSize": 8,
                "DesiredCapacity": 4,
                "DefaultCooldown": 300,
                "AvailabilityZones": ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
                "LoadBalancerNames": [],
                "TargetGroupARNs": [TARGETS],
                "HealthCheckType": "ELB",
                "HealthCheckGracePeriod": 300,
                "Instances": list(instances),
                "CreatedTime": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
                "SuspendedProcesses": [],
                "VPCZoneIdentifier": "subnet-1,subnet-2,subnet-3",
                "EnabledMetrics": [],
                "Tags": [{"Key": "stage", "Value": "prod", "ResourceId": "checkout-web", "PropagateAtLaunch": True}],
                **more,
            }
        ]
    }


def test_a_group_is_cut_down_to_what_a_change_of_its_size_must_know() -> None:
    """A few hundred bytes, since they go into the ledger."""
    assert only_group(group(instance(1), instance(2))) == {
        "min": 2,
        "max": 8,
        "desired": 4,
        "serving": 2,
        "instances": 2,
        "zones": 3,
        "deleting": False,
        "suspended": [],
        "target_groups": [TARGETS],
    }


@pytest.mark.parametrize(
    "other",
    [
        instance(2, "Pending"),
        instance(2, "Pending:Wait"),
        instance(2, "Terminating"),
        instance(2, "Standby"),
        instance(2, "Warmed:Stopped"),
        instance(2, "InService", "Unhealthy"),
    ],
    ids=lambda each: f"{each['LifecycleState']} {each['HealthStatus']}",
)
def test_only_what_is_in_service_and_healthy_serves(other: dict[str, Any]) -> None:
    found = only_group(group(instance(1), other))
    assert (found["serving"], found["instances"]) == (1, 1)


def test_a_weighted_instance_counts_by_its_weight() -> None:
    """A mixed instances policy counts in units: desired does, too."""
    found = only_group(group(instance(1, WeightedCapacity="4"), instance(2, WeightedCapacity="2")))
    assert (found["serving"], found["instances"]) == (6, 2)


def test_a_group_has_a_status_only_while_it_is_deleted() -> None:
    assert only_group(group(Status="Delete in progress"))["deleting"]


def test_no_group_of_that_name_is_unknown() -> None:
    """AWS answers with an empty list, not with an error."""
    with pytest.raises(Unknown, match="no such Auto Scaling group"):
        only_group({"AutoScalingGroups": []})


def test_its_surroundings_are_its_tags_and_nothing_where_it_is_gone() -> None:
    lookup = marker(AutoScalingGroupName).lookup
    assert lookup is not None
    assert lookup.read(group()).tags == {"stage": "prod"}
    assert lookup.read({"AutoScalingGroups": []}).tags == {}


def test_a_run_on_a_group_and_one_on_its_instance_meet_at_the_same_lock() -> None:
    """The ARN that the name builds is that of the instance's surroundings."""
    lookup = marker(InstanceId).lookup
    assert lookup is not None
    tags = [{"Key": "aws:autoscaling:groupName", "Value": "checkout-web"}]
    (around,) = lookup.read({"Reservations": [{"Instances": [{"InstanceId": "i-0abc1234", "Tags": tags}]}]}).groups
    of_instance = beside(f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0abc1234", *around.split(":", 1))
    assert of_instance == marker(AutoScalingGroupName).arn("checkout-web", account=ACCOUNT, region=REGION)


@pytest.mark.parametrize("name", ["checkout-web", "a", "Team/web_2.(blue)", "x" * 255, "awseb-e-1{}"])
def test_names_that_aws_allows_are_taken(name: str) -> None:
    assert re.fullmatch(marker(AutoScalingGroupName).pattern, name)


@pytest.mark.parametrize("name", ["", "a:b", "a b", "web-*", "web-?", "${aws:username}", "x" * 256, "wéb"])
def test_names_that_aws_refuses_or_that_a_policy_would_read_as_others_are_not(name: str) -> None:
    assert not re.fullmatch(marker(AutoScalingGroupName).pattern, name)


def activity(number: int, status: str, description: str = "Launching a new EC2 instance", message: str = "") -> Any:
    return {
        "ActivityId": f"f9f2d65b-f1f2-43e7-b46d-d8675665269{number}",
        "AutoScalingGroupName": "checkout-web",
        "Description": description,
        "Cause": "At 2026-11-21T03:00:10Z an instance was started",
        "StartTime": datetime(2026, 11, 21, 3, 0, 12, tzinfo=UTC),
        "StatusCode": status,
        **({"StatusMessage": message} if message else {}),
        "Progress": 100,
    }


def test_launches_are_counted_after_the_marker_only() -> None:
    """Newest first, as AWS lists them: what is below the marker is long ago."""
    before = {"Activities": [activity(1, "Failed", message="old")]}
    after = {"Activities": [activity(3, "PreInService"), activity(2, "Successful"), *before["Activities"]]}
    assert launches_after(after, newest_activity(before)) == {
        "succeeded": 1,
        "failed": 0,
        "under_way": 1,
        "why": "none failed",
    }


def test_a_group_without_any_activity_has_no_marker_and_then_all_count() -> None:
    assert newest_activity({"Activities": []}) is None
    assert launches_after({"Activities": [activity(1, "Successful")]}, None)["succeeded"] == 1


def test_terminations_are_no_launches() -> None:
    """A group that balances its zones terminates as well."""
    balancing = activity(1, "InProgress", "Terminating EC2 instance: i-0abc1234def567891")
    assert launches_after({"Activities": [balancing]}, None)["under_way"] == 0


def test_why_is_what_the_newest_failure_says_cut_to_a_line() -> None:
    failed = [activity(2, "Failed", message="no capacity" * 100), activity(1, "Cancelled", message="old")]
    found = launches_after({"Activities": failed}, None)
    assert found["failed"] == 2
    assert found["why"].startswith("no capacity")
    assert len(found["why"]) == 300
    assert launches_after({"Activities": [activity(1, "Cancelled")]}, None)["why"] == "none says why"


@pytest.mark.parametrize("status", ["PreInService", "MidLifecycleAction", "WaitingForInstanceWarmup", "InProgress"])
def test_what_has_neither_succeeded_nor_failed_is_under_way(status: str) -> None:
    assert launches_after({"Activities": [activity(1, status)]}, None)["under_way"] == 1


def test_a_group_that_was_never_refreshed_is_not_being_refreshed() -> None:
    assert not refreshing({"InstanceRefreshes": []})
    assert not refreshing({"InstanceRefreshes": [{"Status": "Successful"}, {"Status": "Cancelled"}]})
    assert refreshing({"InstanceRefreshes": [{"Status": "Baking"}, {"Status": "Successful"}]})


def test_the_types_of_a_mixed_group_are_each_named_once() -> None:
    mixed = [instance(1), instance(2), instance(3, InstanceType="m5.large")]
    assert instance_types({"AutoScalingGroups": [{"Instances": mixed}]}) == ["m5.large", "t3.micro"]
