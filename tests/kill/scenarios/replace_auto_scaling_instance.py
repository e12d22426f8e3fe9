"""An instance of a group, replaced by hand although it is healthy, after Bob agreed."""

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
    autoscaling = cloud.client("autoscaling")
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=GROUP,
        LaunchTemplate={"LaunchTemplateName": GROUP},
        AvailabilityZones=["eu-west-1a"],
        MinSize=1,
        DesiredCapacity=2,
        MaxSize=4,
    )
    found = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"]
    return Start(parameters={"instance_id": found[0]["InstanceId"], "even_if_healthy": True})


def afterwards(cloud: Arranging) -> Any:
    group = cloud.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]
    found = cloud.client("ec2").describe_instances()
    states = [each["State"]["Name"] for reservation in found["Reservations"] for each in reservation["Instances"]]
    return [group["DesiredCapacity"], len(group["Instances"]), sorted(states)]


SCENARIO = Scenario("replace-auto-scaling-instance", arrange, afterwards, "succeeded", story=approved_by(BOB))
