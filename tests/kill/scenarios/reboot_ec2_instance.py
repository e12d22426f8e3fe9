"""An instance behind a load balancer, rebooted by hand although it is healthy: moto's status checks always pass."""

from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.kill.scenario import Arranging, Scenario, Start

NAME = "shop"


def arrange(cloud: Arranging) -> Start:
    ec2, elbv2 = cloud.client("ec2"), cloud.client("elbv2")
    subnets = ec2.describe_subnets()["Subnets"]
    made = ec2.run_instances(
        ImageId=IMAGE, MinCount=2, MaxCount=2, InstanceType="t3.micro", SubnetId=subnets[0]["SubnetId"]
    )
    ids = [each["InstanceId"] for each in made["Instances"]]
    group = elbv2.create_target_group(Name=NAME, Protocol="HTTP", Port=80, VpcId=subnets[0]["VpcId"])["TargetGroups"][0]
    arn = group["TargetGroupArn"]
    balancer = elbv2.create_load_balancer(Name=NAME, Subnets=[each["SubnetId"] for each in subnets[:2]])
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": each} for each in ids])
    return Start(parameters={"instance_id": ids[0], "even_if_healthy": True})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("ec2").describe_instances()
    return [each["State"]["Name"] for reservation in found["Reservations"] for each in reservation["Instances"]]


SCENARIO = Scenario("reboot-ec2-instance", arrange, afterwards, "succeeded")
