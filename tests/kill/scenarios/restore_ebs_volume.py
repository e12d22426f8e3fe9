"""A stopped instance whose data volume is replaced by one from a snapshot, by hand: that answers no alarm."""

import urllib.request
from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.kill.scenario import Arranging, Scenario, Start


def arrange(cloud: Arranging) -> Start:
    ec2 = cloud.client("ec2")
    # The instance is the volume's group, which is counted by its id: the same in each cloud.
    seed = urllib.request.Request(f"{ec2.meta.endpoint_url}/moto-api/seed?a=1", method="POST")  # noqa: S310  loopback
    urllib.request.urlopen(seed, timeout=60).close()  # noqa: S310  as above
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")["Instances"][0]
    instance, zone = made["InstanceId"], made["Placement"]["AvailabilityZone"]
    volume = ec2.create_volume(AvailabilityZone=zone, Size=20, VolumeType="gp3")["VolumeId"]
    ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    ec2.stop_instances(InstanceIds=[instance])
    return Start(parameters={"volume": volume, "snapshot": snapshot})


def afterwards(cloud: Arranging) -> Any:
    found = cloud.client("ec2").describe_volumes()["Volumes"]
    return sorted([each["State"], each["Size"], [at["Device"] for at in each["Attachments"]]] for each in found)


SCENARIO = Scenario("restore-ebs-volume", arrange, afterwards, "succeeded")
