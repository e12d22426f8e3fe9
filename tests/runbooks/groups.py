"""Auto Scaling groups in the embedded cloud, for the tests of the runbooks about them."""

import itertools
from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.house import House

_numbers = itertools.count(1)


def a_group(house: House, *, targets: str | None = None, smallest: int = 1, desired: int = 2, largest: int = 8) -> str:
    """A group of a test's own in one zone, everything that it wants in service."""
    name = f"web-{next(_numbers)}"
    house.crew.client("ec2").create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "t3.micro"}
    )
    house.crew.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchTemplate={"LaunchTemplateName": name},
        AvailabilityZones=["eu-west-1a"],
        MinSize=smallest,
        DesiredCapacity=desired,
        MaxSize=largest,
        TargetGroupARNs=[targets] if targets else [],
    )
    return name


def a_target_group(house: House) -> str:
    """A target group that a load balancer uses; its ARN."""
    ec2, elbv2 = house.crew.client("ec2"), house.crew.client("elbv2")
    subnets = ec2.describe_subnets()["Subnets"]
    name = f"targets-{next(_numbers)}"
    made = elbv2.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=subnets[0]["VpcId"])["TargetGroups"][0]
    balancer = elbv2.create_load_balancer(Name=name, Subnets=[each["SubnetId"] for each in subnets[:2]])
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": made["TargetGroupArn"]}],
    )
    return str(made["TargetGroupArn"])


def described(house: House, group: str, **otherwise: Any) -> dict[str, Any]:
    """The group's answer as it is now, but for these members."""
    answer = house.crew.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group])
    return {"AutoScalingGroups": [{**answer["AutoScalingGroups"][0], **otherwise}]}


def sizes(house: House, group: str) -> tuple[int, int, int]:
    """What the group is set to and has, in the cloud itself: smallest, desired, instances."""
    found = described(house, group)["AutoScalingGroups"][0]
    return found["MinSize"], found["DesiredCapacity"], len(found["Instances"])
