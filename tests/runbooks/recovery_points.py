"""Recovery points of AWS Backup, and how the tests of restore-recovery-point start a run and look at the end."""

import itertools
from typing import Any

from nightcrew.demo.embedded import ACCOUNT, REGION
from tests.house import House

NAME = "restore-recovery-point"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
A_WHILE = 8
"""Looks: for longer than a minute."""

_numbers = itertools.count(1)


def a_vault(house: House) -> str:
    """A vault of a test's own."""
    name = f"safe-{next(_numbers)}"
    house.crew.client("backup").create_backup_vault(BackupVaultName=name)
    return name


def backed_up(house: House, resource: str) -> dict[str, str]:
    """A recovery point of this resource: the runbook's two parameters."""
    vault = a_vault(house)
    made = house.crew.client("backup").start_backup_job(BackupVaultName=vault, ResourceArn=resource, IamRoleArn=ROLE)
    return {"point": made["RecoveryPointArn"], "vault": vault}


def a_database(house: House) -> str:
    """Its name."""
    name = f"kept-{next(_numbers)}"
    house.crew.client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.m6g.large",
        AllocatedStorage=20,
        MasterUsername="shop",
        MasterUserPassword="not-a-secret",
    )
    return name


def of_a_database(house: House) -> tuple[str, dict[str, str]]:
    """A database, and a recovery point of it."""
    name = a_database(house)
    return name, backed_up(house, f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}")


def of_a_table(house: House) -> tuple[str, dict[str, str]]:
    """A table, and a recovery point of it."""
    name = f"Kept-{next(_numbers)}"
    house.crew.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name, backed_up(house, f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")


def of_a_volume(house: House) -> tuple[str, dict[str, str]]:
    """A volume, and a recovery point of it."""
    name = house.crew.client("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=8)["VolumeId"]
    return name, backed_up(house, f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{name}")


DRILLER = f"arn:aws:iam::{ACCOUNT}:role/nightcrew-restore-drills"


def of_an_instance(house: House, **more: Any) -> tuple[str, dict[str, str]]:
    """An instance in the default VPC, and a recovery point of it."""
    ec2 = house.crew.client("ec2")
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, InstanceType="m7g.large", **more)
    name = made["Instances"][0]["InstanceId"]
    return name, backed_up(house, f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{name}")


def of_an_efs(house: House) -> tuple[str, dict[str, str]]:
    """A file system of EFS, and a recovery point of it."""
    name = house.crew.client("efs").create_file_system(CreationToken=f"kept-{next(_numbers)}")["FileSystemId"]
    return name, backed_up(house, f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{name}")


def of_an_fsx(house: House, kind: str = "WINDOWS", **more: Any) -> tuple[str, dict[str, str]]:
    """A file system of FSx, and a recovery point of it."""
    made = house.crew.client("fsx").create_file_system(
        FileSystemType=kind, StorageCapacity=300, SubnetIds=["subnet-0abc1234"], **more
    )
    name = made["FileSystem"]["FileSystemId"]
    return name, backed_up(house, f"arn:aws:fsx:{REGION}:{ACCOUNT}:file-system/{name}")


def of_a_bucket(house: House, *keys: str) -> tuple[str, dict[str, str]]:
    """A bucket with these objects, and a recovery point of it."""
    name, s3 = f"kept-{next(_numbers)}", house.crew.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in keys:
        s3.put_object(Bucket=name, Key=key, Body=b"1")
    return name, backed_up(house, f"arn:aws:s3:::{name}")


def of_point(house: House, point: dict[str, str]) -> str:
    """The ARN of what was backed up."""
    asked = {"BackupVaultName": point["vault"], "RecoveryPointArn": point["point"]}
    return str(house.crew.client("backup").describe_recovery_point(**asked)["ResourceArn"])


def another_kind(house: House, kind: str, resource: str, **job: Any) -> dict[str, str]:
    """A recovery point of a type that the embedded cloud has not, and how the job about it goes: scripted, in the
    shapes of DescribeRecoveryPoint, GetRecoveryPointRestoreMetadata, StartRestoreJob and DescribeRestoreJob.
    """
    number = f"00000000-0000-0000-0000-{next(_numbers):012d}"
    point = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:{number}"
    described = {"RecoveryPointArn": point, "ResourceArn": resource, "ResourceType": kind, "Status": "COMPLETED"}
    written = {"RestoreMetadata": {"file-system-id": "fs-1", "newFileSystem": "false", "Encrypted": "true"}}
    ended = {"RestoreJobId": number, "Status": "COMPLETED", "PercentDone": "100.00%", **job}
    for operation, answer in (
        ("DescribeRecoveryPoint", described),
        ("GetRecoveryPointRestoreMetadata", written),
        ("StartRestoreJob", {"RestoreJobId": number}),
        ("DescribeRestoreJob", ended),
    ):
        house.scripted.script("backup", operation, lambda _, answer=answer: answer)  # type: ignore[misc]  # its default
    return {"point": point, "vault": "safe"}


def restored(house: House, given: dict[str, str], **more: Any) -> tuple[str, dict[str, Any]]:
    """A run, waited for one minute: its id and how it ended."""
    return house.start(NAME, **{**given, "within": "1m", **more})


def sent(house: House, operation: str) -> list[dict[str, Any]]:
    """The parameters of each request of that operation."""
    return [dict(each.parameters) for each in house.scripted.sent if each.operation == operation]


def point_is(house: House, **members: Any) -> None:
    """Whoever asks about a recovery point sees these members instead."""
    house.scripted.after("backup", "DescribeRecoveryPoint", lambda _, answer: answer.update(members))


def job_looks(house: House, times: int, **members: Any) -> None:
    """Whoever asks about a job sees these members instead, the next times."""
    left = [times]

    def edit(_: Any, answer: dict[str, Any]) -> None:
        if left[0]:
            left[0] -= 1
            answer.update(members)

    house.scripted.after("backup", "DescribeRestoreJob", edit)


def ledger(house: House, run: str) -> str:
    """All that stands in the ledger about a run, as text."""
    return str([entry.body for entry in house.entries(run)])


def undone(house: House, run: str) -> list[str]:
    """What was taken back; nothing may be left over."""
    closing = house.closing(run)
    assert "not_undone" not in closing, closing["not_undone"]
    return list(closing.get("undone", []))
