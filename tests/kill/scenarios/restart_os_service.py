"""A service on an instance, restarted by hand. moto knows no agents: the embedded cloud's do what they are told."""

from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.kill.scenario import Arranging, Scenario, Start


def arrange(cloud: Arranging) -> Start:
    made = cloud.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    return Start(parameters={"instance_id": made["Instances"][0]["InstanceId"], "service": "nginx"})


def afterwards(cloud: Arranging) -> Any:
    return len(cloud.client("ssm").list_commands()["Commands"])


SCENARIO = Scenario("restart-os-service", arrange, afterwards, "succeeded")
