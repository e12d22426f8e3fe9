"""A group whose sizes were raised, put back by hand: that answers no alarm."""

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
        MinSize=4,
        DesiredCapacity=4,
        MaxSize=4,
    )
    return Start(parameters={"group": GROUP, "smallest": 1, "largest": 2, "raised": 4})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]
    return [found["MinSize"], found["MaxSize"], len(found["Instances"])]


SCENARIO = Scenario("put-back-auto-scaling-sizes", arrange, afterwards, "succeeded")
