"""Single EC2 instances in the embedded cloud, for the tests of the runbooks about them."""

import itertools
from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.house import House
from tests.runbooks.groups import a_target_group

_numbers = itertools.count(1)


def an_instance(house: House) -> str:
    """A running instance of a test's own, in a VPC of its own: so it is in no target group of another test's."""
    ec2 = house.crew.client("ec2")
    number = next(_numbers)
    vpc = ec2.create_vpc(CidrBlock=f"10.{number % 250}.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{number % 250}.0.0/24")["Subnet"]["SubnetId"]
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro", SubnetId=subnet)
    return str(made["Instances"][0]["InstanceId"])


def behind_a_balancer(house: House, *instances: str) -> str:
    """A target group that a load balancer uses, with these instances; the cloud is told that it is in their VPC."""
    arn = a_target_group(house)
    house.crew.client("elbv2").register_targets(TargetGroupArn=arn, Targets=[{"Id": each} for each in instances])
    in_vpc_of(house, instances[0], arn)
    return arn


def in_vpc_of(house: House, instance: str, *groups: str) -> None:
    """Have DescribeTargetGroups list these target groups, as groups of the instance's VPC."""
    answer = {"TargetGroups": listed(house, instance, *groups)}
    house.scripted.script("elbv2", "DescribeTargetGroups", lambda _: answer)


def listed(house: House, instance: str, *groups: str) -> list[dict[str, Any]]:
    """Target groups (ARNs) of the instance's VPC that a load balancer uses, as DescribeTargetGroups lists them."""
    found = house.crew.client("ec2").describe_instances(InstanceIds=[instance])
    vpc = found["Reservations"][0]["Instances"][0]["VpcId"]
    of = {"TargetType": "instance", "VpcId": vpc, "LoadBalancerArns": ["arn:of-a-balancer"]}
    return [{"TargetGroupArn": arn, **of} for arn in groups]


def health(*targets: tuple[str, str]) -> dict[str, Any]:
    """A DescribeTargetHealth answer: targets and their states."""
    return {
        "TargetHealthDescriptions": [
            {"Target": {"Id": target, "Port": 80}, "TargetHealth": {"State": state}} for target, state in targets
        ]
    }


def checks(instance: str, system: str = "ok", reachable: str = "ok", disks: str = "ok") -> dict[str, Any]:
    """A DescribeInstanceStatus answer: what its status checks say (EC2 API reference, InstanceStatus)."""
    return {
        "InstanceStatuses": [
            {
                "InstanceId": instance,
                "SystemStatus": {"Status": system},
                "InstanceStatus": {"Status": reachable},
                "AttachedEbsStatus": {"Status": disks},
            }
        ]
    }
