"""A stopped instance, started by hand: moto says of each that a user stopped it."""

from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.kill.scenario import Arranging, Scenario, Start


def arrange(cloud: Arranging) -> Start:
    ec2 = cloud.client("ec2")
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    instance = made["Instances"][0]["InstanceId"]
    ec2.stop_instances(InstanceIds=[instance])
    return Start(parameters={"instance_id": instance, "whoever_stopped_it": True})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("ec2").describe_instances()
    return [each["State"]["Name"] for reservation in found["Reservations"] for each in reservation["Instances"]]


SCENARIO = Scenario("start-ec2-instance", arrange, afterwards, "succeeded")
