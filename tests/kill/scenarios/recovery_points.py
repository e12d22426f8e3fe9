"""What is backed up for a drill of its recovery point: a table, an instance, a bucket; and what is there afterwards."""

from typing import Any

from nightcrew.demo.embedded import ACCOUNT, REGION
from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.scenarios.isolated import isolated

VAULT, BUCKET, DEAD = "safe", "kept", "20261121-030004-k3f9qa2m"
DRILLER = f"arn:aws:iam::{ACCOUNT}:role/nightcrew-restore-drills"


def backed_up(cloud: Arranging, resource: str, role: str) -> dict[str, str]:
    """It has a recovery point: a drill's first parameters."""
    backup = cloud.client("backup")
    backup.create_backup_vault(BackupVaultName=VAULT)
    made = backup.start_backup_job(BackupVaultName=VAULT, ResourceArn=resource, IamRoleArn=role)
    return {"of": resource, "point": made["RecoveryPointArn"]}


def a_table(cloud: Arranging, name: str) -> dict[str, str]:
    """A table that AWS Backup backed up as its own role."""
    cloud.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    role = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
    return backed_up(cloud, f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}", role)


def tables(cloud: Arranging, name: str) -> list[str]:
    """Those that are called so, or begin so."""
    return [each for each in cloud.client("dynamodb").list_tables()["TableNames"] if each.startswith(name)]


def an_instance(cloud: Arranging) -> Start:
    """Of what it makes only the restore job tells; its disks are deleted after it."""
    ec2 = cloud.client("ec2")
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, InstanceType="m7g.large")
    point = backed_up(cloud, f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{made['Instances'][0]['InstanceId']}", DRILLER)
    where = {"security_group": isolated(cloud)["security_group"]}
    where["subnet"] = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    return Start(parameters={**point, **where, "role": DRILLER, "within": "1m"})


def a_bucket(cloud: Arranging) -> Start:
    """It can be deleted only once it is empty."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("a", "b"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"1")
    return Start(parameters={**backed_up(cloud, f"arn:aws:s3:::{BUCKET}", DRILLER), "within": "1m"})


def a_volume_that_is_left(cloud: Arranging) -> Start:
    """What the drill of another life had restored: it died before it knew its job."""
    backup = cloud.client("backup")
    volume = cloud.client("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=8)["VolumeId"]
    of = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{volume}"
    point = backed_up(cloud, of, DRILLER)["point"]
    told = {"availabilityZone": f"{REGION}a", "volumeSize": "8"}
    backup.start_restore_job(RecoveryPointArn=point, Metadata=told, IamRoleArn=DRILLER, ResourceType="EBS")
    return Start(parameters={"drilled": of, "kind": "EBS", "made": of, "by": DEAD, "point": point, "role": DRILLER})


def counted(cloud: Arranging) -> Any:
    """How many instances, volumes and buckets there are."""
    ec2 = cloud.client("ec2")
    found = [each for group in ec2.describe_instances()["Reservations"] for each in group["Instances"]]
    running = [each for each in found if each["State"]["Name"] != "terminated"]
    return len(running), len(ec2.describe_volumes()["Volumes"]), len(cloud.client("s3").list_buckets()["Buckets"])


SCENARIOS = {
    each.name: each
    for each in (
        Scenario("drill-recovery-point", an_instance, counted, "succeeded", "an instance, which has no name"),
        Scenario("drill-recovery-point", a_bucket, counted, "succeeded", "a bucket, which is emptied first"),
        Scenario("clear-away-drill", a_volume_that_is_left, counted, "succeeded", "a volume of which its job tells"),
    )
}
