"""A load balancer with two targets in each of three zones, one of which serves errors; a person shifts traffic away.

moto knows no zonal shift: the embedded cloud's takes hold at once.
"""

from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.kill.scenario import Arranging, Scenario, Start

BALANCER = "web"
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")


def arrange(cloud: Arranging) -> Start:
    ec2, elbv2 = cloud.client("ec2"), cloud.client("elbv2")
    found = {each["AvailabilityZone"]: each for each in ec2.describe_subnets()["Subnets"]}
    subnets = [found[zone] for zone in ZONES]
    balancer = elbv2.create_load_balancer(Name=BALANCER, Subnets=[each["SubnetId"] for each in subnets])
    arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    group = elbv2.create_target_group(Name=BALANCER, Protocol="HTTP", Port=80, VpcId=subnets[0]["VpcId"])
    targets = group["TargetGroups"][0]["TargetGroupArn"]
    elbv2.create_listener(
        LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": targets}]
    )
    for subnet in subnets:
        made = ec2.run_instances(ImageId=IMAGE, MinCount=2, MaxCount=2, SubnetId=subnet["SubnetId"])["Instances"]
        elbv2.register_targets(TargetGroupArn=targets, Targets=[{"Id": each["InstanceId"]} for each in made])
    return Start(parameters={"balancer": arn.split("loadbalancer/")[1], "zone": ZONES[1]})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("arc-zonal-shift").list_zonal_shifts()["items"]
    return [each["awayFrom"] for each in found]


SCENARIO = Scenario("shift-zone", arrange, afterwards, "succeeded")
