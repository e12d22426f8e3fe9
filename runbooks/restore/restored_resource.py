"""What a restore of AWS Backup made: whether it can be used, and how it is taken away again, by its type.

Of a type that is not here the job's own word must do, and a person deletes what it made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightcrew import Run, calls
from nightcrew.aws.calls import Call
from nightcrew.aws.rds_settings import is_busy
from nightcrew.aws.tags import RUN_TAG, listed

dynamodb, ec2, rds = calls("dynamodb"), calls("ec2"), calls("rds")

GOING = timedelta(minutes=30)

PERMISSIONS = (
    "dynamodb:DeleteTable",
    "dynamodb:DescribeTable",
    "ec2:CreateTags",
    "ec2:DeleteVolume",
    "ec2:DescribeVolumes",
    "rds:DeleteDBInstance",
    "rds:DescribeDBInstances",
)
"""For what stands below."""

KNOWN = ("DynamoDB", "EBS", "RDS")
"""The types of which one can be looked at, and deleted."""


@dataclass(frozen=True)
class Restored:
    """One that a restore made, or will make: the read that shows it, and ``state``, which tells "usable", "busy",
    "gone" or something else from its answer.
    """

    look: Call
    state: Callable[[Any], str]
    delete: Call


def restored(kind: str, name: Any) -> Restored:
    """By its type and name; of a volume the name is its id."""
    if kind == "DynamoDB":
        return Restored(dynamodb.describe_table(TableName=name), _of_table, dynamodb.delete_table(TableName=name))
    if kind == "RDS":
        look = rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": [name]}])
        delete = rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
        return Restored(look, _of_database, delete)
    look = ec2.describe_volumes(Filters=[{"Name": "volume-id", "Values": [name]}])
    return Restored(look, _of_volume, ec2.delete_volume(VolumeId=name))


def delete_restored(run: Run, kind: str, name: str) -> None:
    """Delete it, as soon as AWS would. It is the run's own: its job said that it made it."""
    it = restored(kind, name)
    run.wait_until("the new one can be deleted", it.look, lambda state: state != "busy", within=GOING, pick=it.state)
    if kind == "EBS":
        # The remediator may delete only what a run made, and a volume has no name that could tell.
        mark = ec2.create_tags(Resources=[name], Tags=listed({RUN_TAG: run.id}))
        run.change("mark the new volume as the run's own", mark)
    run.change(
        "delete the new one", it.delete, took_effect=(it.look, lambda answer: it.state(answer) in {"busy", "gone"})
    )


def _of_table(answer: Any) -> str:
    status = str(answer["Table"]["TableStatus"])
    return "usable" if status == "ACTIVE" else "busy" if status.endswith("ING") else status


def _of_database(answer: Any) -> str:
    found = answer["DBInstances"]
    status = str(found[0]["DBInstanceStatus"]) if found else "gone"
    return "usable" if status == "available" else "busy" if is_busy(status) else status


def _of_volume(answer: Any) -> str:
    found = answer["Volumes"]
    state = str(found[0]["State"]) if found else "gone"
    return "usable" if state == "available" else "busy" if state in {"creating", "deleting"} else state
