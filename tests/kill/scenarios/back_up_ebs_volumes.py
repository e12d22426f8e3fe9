"""An instance with a data volume, backed up by hand."""

from typing import Any

from nightcrew.demo.embedded import IMAGE
from tests.kill.scenario import Arranging, Scenario, Start


def arrange(cloud: Arranging) -> Start:
    ec2 = cloud.client("ec2")
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, InstanceType="t3.micro")["Instances"][0]
    volume = ec2.create_volume(AvailabilityZone=made["Placement"]["AvailabilityZone"], Size=20, VolumeType="gp3")
    ec2.attach_volume(VolumeId=volume["VolumeId"], InstanceId=made["InstanceId"], Device="/dev/sdf")
    return Start(parameters={"instance_id": made["InstanceId"]})


def afterwards(cloud: Arranging) -> Any:
    # moto has snapshots of AWS's own from the beginning: ours are those with a tag.
    found = cloud.client("ec2").describe_snapshots(Filters=[{"Name": "tag-key", "Values": ["nightcrew:run"]}])
    return sorted(each["VolumeSize"] for each in found["Snapshots"])


SCENARIO = Scenario("back-up-ebs-volumes", arrange, afterwards, "succeeded")
