"""A group whose instances all leak, refreshed by hand. moto knows no refresh: the embedded cloud's is over at once."""

from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.kill.scenario import Arranging, Scenario, Start

GROUP = "web"


def arrange(cloud: Arranging) -> Start:
    cloud.client("ec2").create_launch_template(
        LaunchTemplateName=GROUP, LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "t3.micro"}
    )
    cloud.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=GROUP,
        LaunchTemplate={"LaunchTemplateName": GROUP},
        AvailabilityZones=["eu-west-1a"],
        MinSize=1,
        DesiredCapacity=2,
        MaxSize=4,
    )
    return Start(parameters={"group": GROUP})


def afterwards(cloud: Arranging) -> Any:
    group = cloud.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]
    found = cloud.client("ec2").describe_instances()
    states = [each["State"]["Name"] for reservation in found["Reservations"] for each in reservation["Instances"]]
    return [group["DesiredCapacity"], len(group["Instances"]), sorted(states)]


SCENARIO = Scenario("refresh-auto-scaling-group", arrange, afterwards, "succeeded")
