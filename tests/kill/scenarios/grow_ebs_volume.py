"""An instance whose root volume is grown by hand; Bob agrees, since nobody can take it back."""

import urllib.request
from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.kill.night import BOB
from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.stories import approved_by


def arrange(cloud: Arranging) -> Start:
    ec2 = cloud.client("ec2")
    # The volume's id stands in the titles of its steps: the same in each cloud.
    seed = urllib.request.Request(f"{ec2.meta.endpoint_url}/moto-api/seed?a=1", method="POST")  # noqa: S310  loopback
    urllib.request.urlopen(seed, timeout=60).close()  # noqa: S310  as above
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    return Start(parameters={"instance_id": made["Instances"][0]["InstanceId"], "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    sizes = [each["Size"] for each in cloud.client("ec2").describe_volumes()["Volumes"]]
    return [sizes, len(cloud.client("ssm").list_commands()["Commands"])]


SCENARIO = Scenario("grow-ebs-volume", arrange, afterwards, "succeeded", story=approved_by(BOB))
