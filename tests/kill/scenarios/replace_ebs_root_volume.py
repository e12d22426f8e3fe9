"""An instance whose root volume is replaced from a snapshot of it, by hand: that answers no alarm."""

from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.kill.scenario import Arranging, Scenario, Start


def arrange(cloud: Arranging) -> Start:
    ec2 = cloud.client("ec2")
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")["Instances"][0]
    instance = made["InstanceId"]
    described = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    root = described["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    ec2.create_tags(Resources=[root], Tags=[{"Key": "backup", "Value": "nightly"}])
    snapshot = ec2.create_snapshot(VolumeId=root)["SnapshotId"]
    return Start(parameters={"instance_id": instance, "snapshot": snapshot})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("ec2").describe_volumes()["Volumes"]
    return sorted(
        [each["State"], sorted(tag["Key"] for tag in each.get("Tags", [])), len(each["Attachments"])] for each in found
    )


SCENARIO = Scenario("replace-ebs-root-volume", arrange, afterwards, "succeeded")
