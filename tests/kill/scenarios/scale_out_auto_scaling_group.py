"""A group behind a load balancer whose CPU is too busy, and its alarm."""

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
        MaxSize=8,
        TargetGroupARNs=[_targets(cloud)],
    )
    return Start(cloud.alarm("asg-cpu-high", {"AutoScalingGroupName": GROUP}))


def _targets(cloud: Arranging) -> str:
    subnets = cloud.client("ec2").describe_subnets()["Subnets"]
    elbv2 = cloud.client("elbv2")
    made = elbv2.create_target_group(Name=GROUP, Protocol="HTTP", Port=80, VpcId=subnets[0]["VpcId"])["TargetGroups"][0]
    balancer = elbv2.create_load_balancer(Name=GROUP, Subnets=[each["SubnetId"] for each in subnets[:2]])
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": made["TargetGroupArn"]}],
    )
    return str(made["TargetGroupArn"])


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]
    return [found["MinSize"], found["DesiredCapacity"], len(found["Instances"])]


SCENARIO = Scenario("scale-out-auto-scaling-group", arrange, afterwards, "cured")
