"""What the embedded cloud can back up, and what it restores of that: moto's own resources, each made as moto makes it.

A recovery point of a bucket or a file system is the thing itself: what is restored is as it is now.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.ec2.models import ec2_backends
from moto.efs.models import efs_backends
from moto.fsx.models import FileSystem, fsx_backends
from moto.moto_api._internal import mock_random
from moto.rds.models import rds_backends
from moto.s3.models import s3_backends


@dataclass(frozen=True)
class Where:
    """The account and the Region of the vault."""

    account: str
    region: str

    def number(self) -> str:
        """A new id."""
        return str(mock_random.uuid4())

    def point(self) -> str:
        """The ARN of a recovery point of AWS Backup's own."""
        return f"arn:aws:backup:{self.region}:{self.account}:recovery-point:{self.number()}"


@dataclass(frozen=True)
class Kind:
    """A type of resource: its service and the beginning of its name in an ARN; how it is backed up, which gives the ARN
    of the recovery point and its metadata; and how it is restored, told with metadata, which gives the new one's ARN.
    """

    name: str
    resource: str
    back_up: Callable[[Where, str], tuple[str, dict[str, str]]]
    restore: Callable[[Where, str, str, Mapping[str, str]], str]


def kind_of(resource: str) -> Kind | None:
    """By the ARN of what is backed up; None for what cannot be."""
    _, _, service, _, _, path = resource.split(":", 5)
    return next((kind for kind in KINDS.values() if f"{service}:{path}".startswith(kind.resource)), None)


def _database(where: Where, name: str) -> tuple[str, dict[str, str]]:
    rds = rds_backends[where.account][where.region]
    # moto restores none of the type "awsbackup".
    made, old = rds.create_db_snapshot(name, f"awsbackup:job-{where.number()}"), rds.databases[name]
    told = {"DBInstanceIdentifier": name, "DBInstanceClass": old.db_instance_class, "Engine": old.engine}
    return made.db_snapshot_arn, told


def _restore_database(where: Where, point: str, of: str, told: Mapping[str, str]) -> str:
    del of
    given = {"db_instance_identifier": told["DBInstanceIdentifier"], "db_instance_class": told["DBInstanceClass"]}
    rds = rds_backends[where.account][where.region]
    return str(rds.restore_db_instance_from_db_snapshot(point.split(":snapshot:")[1], given).db_instance_arn)


def _table(where: Where, name: str) -> tuple[str, dict[str, str]]:
    made = dynamodb_backends[where.account][where.region].create_backup(name, f"awsbackup-{where.number()}")
    return made.arn, {"encryptionType": "Default"}


def _restore_table(where: Where, point: str, of: str, told: Mapping[str, str]) -> str:
    del of
    dynamodb = dynamodb_backends[where.account][where.region]
    return str(dynamodb.restore_table_from_backup(told["targetTableName"], point).table_arn)


def _volume(where: Where, name: str) -> tuple[str, dict[str, str]]:
    ec2 = ec2_backends[where.account][where.region]
    volume, made = ec2.get_volume(name), ec2.create_snapshot(name, "backup")
    told = {"availabilityZone": volume.zone.name, "volumeSize": str(volume.size)}
    return f"arn:aws:ec2:{where.region}::snapshot/{made.id}", told


def _restore_volume(where: Where, point: str, of: str, told: Mapping[str, str]) -> str:
    del of
    made = ec2_backends[where.account][where.region].create_volume(
        size=int(told["volumeSize"]), zone_name=told["availabilityZone"], snapshot_id=point.rsplit("/", maxsplit=1)[-1]
    )
    return f"arn:aws:ec2:{where.region}:{where.account}:volume/{made.id}"


def _instance(where: Where, name: str) -> tuple[str, dict[str, str]]:
    ec2 = ec2_backends[where.account][where.region]
    old = ec2.get_instance(name)
    image = ec2.create_image(name, f"awsbackup-{where.number()}", "backup", [])
    told = {
        "InstanceType": old.instance_type,
        "SubnetId": str(old.subnet_id),
        "IamInstanceProfileName": "UseBackedUpValue",
    }
    return f"arn:aws:ec2:{where.region}::image/{image.id}", told


def _restore_instance(where: Where, point: str, of: str, told: Mapping[str, str]) -> str:
    del of
    made = ec2_backends[where.account][where.region].run_instances(
        point.rsplit("/", maxsplit=1)[-1],
        1,
        None,
        [],
        instance_type=told["InstanceType"],
        subnet_id=told["SubnetId"],
        security_group_ids=json.loads(told["SecurityGroupIds"]),
        disable_api_termination=told["DisableApiTermination"] == "true",
        is_instance_type_default=False,
        nics={},
        tags={},
    )
    return f"arn:aws:ec2:{where.region}:{where.account}:instance/{made.instances[0].id}"


def _efs(where: Where, name: str) -> tuple[str, dict[str, str]]:
    return where.point(), {"file-system-id": name, "newFileSystem": "false", "Encrypted": "true"}


def _restore_efs(where: Where, point: str, of: str, told: Mapping[str, str]) -> str:
    del point, of
    made = efs_backends[where.account][where.region].create_file_system(
        told["CreationToken"], "generalPurpose", True, "", "bursting", 0, "", False, []
    )
    return f"arn:aws:elasticfilesystem:{where.region}:{where.account}:file-system/{made.file_system_id}"


class _Available(FileSystem):
    """moto's file systems of FSx have no state."""

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "Lifecycle": "AVAILABLE"}


def _fsx(where: Where, name: str) -> tuple[str, dict[str, str]]:
    return where.point(), {"FileSystemId": name}


def _restore_fsx(where: Where, point: str, of: str, told: Mapping[str, str]) -> str:
    del point
    fsx = fsx_backends[where.account][where.region]
    old = fsx.file_systems[of.rsplit("/", maxsplit=1)[-1]]
    made = _Available(
        where.account,
        where.region,
        old.file_system_type,
        old.storage_capacity,
        old.storage_type,
        *(json.loads(told["SubnetIds"]), json.loads(told["SecurityGroupIds"])),
        *(None, None),
        *(old.windows_configuration, old.lustre_configuration, old.ontap_configuration, old.open_zfs_configuration),
        fsx,
    )
    fsx.file_systems[made.file_system_id] = made
    return str(made.resource_arn)


def _bucket(where: Where, name: str) -> tuple[str, dict[str, str]]:
    return where.point(), {"DestinationBucketName": name}


def _restore_bucket(where: Where, point: str, of: str, told: Mapping[str, str]) -> str:
    del point
    s3, name = s3_backends[where.account]["aws"], told["DestinationBucketName"]
    s3.create_bucket(name, where.region)
    for key in s3.get_bucket(of.rsplit(":", maxsplit=1)[-1]).keys.values():
        s3.copy_object(key, name, key.name)
    return f"arn:aws:s3:::{name}"


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("RDS", "rds:db:", _database, _restore_database),
        Kind("DynamoDB", "dynamodb:table/", _table, _restore_table),
        Kind("EBS", "ec2:volume/", _volume, _restore_volume),
        Kind("EC2", "ec2:instance/", _instance, _restore_instance),
        Kind("EFS", "elasticfilesystem:file-system/", _efs, _restore_efs),
        Kind("FSx", "fsx:file-system/", _fsx, _restore_fsx),
        Kind("S3", "s3:", _bucket, _restore_bucket),
    )
}
