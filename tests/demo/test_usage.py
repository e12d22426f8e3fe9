"""What the embedded cloud knows of its own usage: how many serve, at which CPU, and how many vCPUs run."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.clock import StoppedClock
from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.moto_time import moto_by
from nightcrew.demo.usage import DAY, EVENING, NIGHT

NAME = "usage-web"
BEGAN = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
"""Two hours before the day begins."""


@pytest.fixture(scope="module")
def group(clients: ClientMaker) -> Iterator[str]:
    """Three instances of sixteen vCPUs, since that morning."""
    autoscaling, ec2 = clients("autoscaling", READING), clients("ec2", READING)
    with moto_by(StoppedClock(BEGAN)):
        data = {"ImageId": IMAGE, "InstanceType": "g5.4xlarge"}
        ec2.create_launch_template(LaunchTemplateName=NAME, LaunchTemplateData=data)
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=NAME,
            MinSize=1,
            MaxSize=4,
            DesiredCapacity=3,
            AvailabilityZones=["eu-west-1a"],
            LaunchTemplate={"LaunchTemplateName": NAME},
        )
    yield NAME
    autoscaling.delete_auto_scaling_group(AutoScalingGroupName=NAME, ForceDelete=True)


def asked(
    clients: ClientMaker,
    namespace: str,
    name: str,
    order: str = "TimestampAscending",
    begin: datetime = BEGAN - timedelta(hours=1),
    **about: str,
) -> Any:
    """Its figures by the hour, of twenty-four hours from an hour before the group was made, or from then."""
    dimensions = [{"Name": each, "Value": value} for each, value in about.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}
    query = {"Id": "m0", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Average"}}
    told = clients("cloudwatch", READING).get_metric_data(
        MetricDataQueries=[query], StartTime=begin, EndTime=begin + timedelta(days=1), ScanBy=order
    )
    (result,) = told["MetricDataResults"]
    return list(zip(result["Timestamps"], result["Values"], strict=True))


def test_a_group_serves_from_when_it_was_made(clients: ClientMaker, group: str) -> None:
    """Of the hour before there is no figure."""
    told = asked(clients, "AWS/AutoScaling", "GroupInServiceInstances", AutoScalingGroupName=group)
    assert told[0] == (BEGAN, 3.0)
    assert [value for _, value in told] == [3.0] * 23


def test_its_cpu_is_a_shops_day(clients: ClientMaker, group: str) -> None:
    """Quiet until eight, busy until nine in the evening."""
    told = [value for _, value in asked(clients, "AWS/EC2", "CPUUtilization", AutoScalingGroupName=group)]
    assert told == [NIGHT] * 2 + [DAY] * 13 + [EVENING] * 3 + [NIGHT] * 5


def test_vcpus_are_those_of_the_instances_that_run(clients: ClientMaker, group: str) -> None:
    """By their class; the newest first, where that is asked for."""
    del group
    about: dict[str, Any] = {"Service": "EC2", "Type": "Resource", "Resource": "vCPU", "Class": "G/OnDemand"}
    told = asked(clients, "AWS/Usage", "ResourceCount", "TimestampDescending", **about)
    assert told[0] == (BEGAN + timedelta(hours=22), 48.0)
    assert told[-1] == (BEGAN, 48.0)


def test_a_figure_that_somebody_put_goes_before(clients: ClientMaker, group: str) -> None:
    """Then no other is made up beside it, in the time that is asked for."""
    later = BEGAN + timedelta(days=3)
    about = {"MetricName": "CPUUtilization", "Dimensions": [{"Name": "AutoScalingGroupName", "Value": group}]}
    clients("cloudwatch", READING).put_metric_data(
        Namespace="AWS/EC2", MetricData=[{**about, "Timestamp": later, "Value": 99.0}]
    )
    assert asked(clients, "AWS/EC2", "CPUUtilization", begin=later, AutoScalingGroupName=group) == [(later, 99.0)]


def test_of_a_group_that_there_is_not_there_is_no_figure(clients: ClientMaker) -> None:
    """Nor of any other metric."""
    assert asked(clients, "AWS/EC2", "CPUUtilization", AutoScalingGroupName="nobodys") == []
    assert asked(clients, "AWS/EC2", "NetworkIn", AutoScalingGroupName=NAME) == []
