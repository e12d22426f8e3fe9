"""A group that is as large as it may be, raised by hand after Bob agreed."""

from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.kill.night import BOB
from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.stories import approved_by

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
        MaxSize=2,
    )
    return Start(parameters={"group": GROUP})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]
    return [found["MinSize"], found["MaxSize"], len(found["Instances"])]


SCENARIO = Scenario("raise-auto-scaling-maximum", arrange, afterwards, "succeeded", story=approved_by(BOB))
