"""An instance on hardware that AWS is about to retire, moved by the event that says so."""

import json
from typing import Any

from nightcrew.clock import SystemClock, stamp
from nightcrew.demo.embedded import IMAGE
from nightcrew.demo.machines import SCHEDULED
from tests.kill.scenario import EVENTS, Arranging, Scenario, Start

OF_THE_EVENT = "i-0abc1234def567890"


def arrange(cloud: Arranging) -> Start:
    ec2 = cloud.client("ec2")
    made = ec2.run_instances(
        ImageId=IMAGE,
        MinCount=1,
        MaxCount=1,
        InstanceType="t3.micro",
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": SCHEDULED, "Value": "instance-retirement"}]}],
    )
    text = (EVENTS / "ec2-retirement.json").read_text(encoding="utf-8")
    event = json.loads(text.replace(OF_THE_EVENT, made["Instances"][0]["InstanceId"]))
    return Start(event={**event, "time": stamp(SystemClock().now())})


def afterwards(cloud: Arranging) -> Any:
    ec2 = cloud.client("ec2")
    found = ec2.describe_instances()["Reservations"]
    events = [each.get("Events", []) for each in ec2.describe_instance_status()["InstanceStatuses"]]
    return [each["State"]["Name"] for reservation in found for each in reservation["Instances"]], events


SCENARIO = Scenario("move-ec2-instance", arrange, afterwards, "succeeded")
