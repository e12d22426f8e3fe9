"""An instance that fails its status check, and its alarm."""

from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.kill.scenario import Arranging, Scenario, Start


def arrange(cloud: Arranging) -> Start:
    made = cloud.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    return Start(cloud.alarm("ec2-status-check", {"InstanceId": made["Instances"][0]["InstanceId"]}))


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("ec2").describe_instances()
    return [each["State"]["Name"] for reservation in found["Reservations"] for each in reservation["Instances"]]


SCENARIO = Scenario("restart-ec2-instance", arrange, afterwards, "cured")
