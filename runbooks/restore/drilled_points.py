"""What AWS Backup restored in a drill, by its type: looked at, and taken away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls
from nightcrew.aws import backup as probes
from nightcrew.aws.backed_up import MANY, newer, newest
from nightcrew.aws.calls import Carried
from nightcrew.aws.drill_jobs import marks
from nightcrew.aws.drilled_points import (
    CLUSTERS,
    bucket_state,
    disks_state,
    efs_state,
    fsx_kind,
    fsx_state,
    instance_state,
    own_volume_ids,
    refused,
    to_delete,
    versions,
    volume_ids,
    volume_state,
    without_last_backup,
)
from nightcrew.aws.drills import DRILL_TAG, GONE
from nightcrew.aws.placeholder import Planned
from nightcrew.aws.tags import RUN_TAG
from runbooks.restore.drilling import Made, cluster, database, delete, table

backup, ec2, efs, fsx, s3 = calls("backup"), calls("ec2"), calls("efs"), calls("fsx"), calls("s3")

SOON = timedelta(minutes=10)
PAGES = 100
"""Of a thousand recovery points each."""

AT_ONCE = 1000
"""Objects: what DeleteObjects takes, and ListObjectVersions gives, at most."""
MOST = 500
"""Batches of these: a run may have 2,500 operations."""

PERMISSIONS = (
    "dynamodb:DeleteTable",
    "dynamodb:DescribeTable",
    "ec2:CreateTags",
    "ec2:DeleteVolume",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeVolumes",
    "ec2:TerminateInstances",
    "elasticfilesystem:DeleteFileSystem",
    "elasticfilesystem:DescribeFileSystems",
    "elasticfilesystem:TagResource",
    "fsx:DeleteFileSystem",
    "fsx:DescribeFileSystems",
    "fsx:TagResource",
    "rds:DeleteDBCluster",
    "rds:DeleteDBInstance",
    "rds:DescribeDBClusters",
    "rds:DescribeDBInstances",
    "s3:DeleteBucket",
    "s3:DeleteObjectVersion",
    "s3:ListBucketVersions",
)
"""For what stands below."""


def find_point(run: Run, of: str, point: str | None, vault: str | None) -> Mapping[str, Any]:
    """The newest complete recovery point of this resource, or that one: ``{"arn", "vault", "made"}``. Ends the run
    where there is none.
    """
    best: Mapping[str, Any] | None = None
    more: dict[str, str] = {}
    for page in range(1, PAGES + 1):
        look = backup.list_recovery_points_by_resource(ResourceArn=of, MaxResults=MANY, **more)
        title = "find its recovery points" if page == 1 else f"find its recovery points, page {page}"
        seen = run.read(title, look, pick=partial(newest, point, vault))
        best, more = newer(best, seen["found"]), {"NextToken": seen["more"]}
        if not seen["more"]:
            break
    else:
        run.require(f"it has {PAGES * MANY:,} recovery points at most", False)
    run.require("it has such a recovery point, complete, in this account and Region", best)
    return best or {}


@dataclass(frozen=True)
class Drill:
    """A drill of a recovery point: of which type, of what (an ARN), and its run's id."""

    kind: str
    of: str
    by: str


def see_it(run: Run, made: Made) -> None:
    """Wait until it is seen: what is not there yet would be taken for gone."""
    title = f"the drill's {made.word} is seen"
    run.wait_until(title, made.look, _is_there, within=SOON, pick=made.state, missing=GONE)


def _is_there(state: str) -> bool:
    return state != GONE


def made_of_point(drill: Drill, name: str, arn: str, number: str = "") -> tuple[Made, ...]:
    """What a drill had restored, by its name or id, and its ARN where it has no name of the drill's: the last one goes
    last.

    Where several are left, a ``number`` tells them apart in what people read; ids would say nothing to them.

    What has no name is marked with the run's tag before it is deleted: a deployed Nightcrew may delete nothing else.
    """
    kind, by = drill.kind, drill.by
    if kind in CLUSTERS:
        return (cluster(name, by, tagged=False),)
    if kind == "DynamoDB":
        return (table(name, ""),)
    if kind == "EBS":
        return (_volume(drill, name, number),)
    if kind == "EC2":
        return (_instance(drill, name, number), _disks(drill))
    if kind == "EFS":
        return (_efs(drill, name, number),)
    if kind == "FSx":
        return (_fsx(drill, name, arn, number),)
    return (database(name, by, tagged=False),) if kind == "RDS" else (_bucket(name),)


def _volume(drill: Drill, name: str, number: str) -> Made:
    def remove(run: Run, made: Made) -> None:
        run.change(
            f"mark the {made.word} as the drill's own",
            ec2.create_tags(Resources=[name], Tags=marks(drill.by, drill.of)),
        )
        delete(ec2.delete_volume(VolumeId=name), run, made)

    look = ec2.describe_volumes(Filters=[{"Name": "volume-id", "Values": [name]}])
    return Made(f"volume{number}", name, look, volume_state, remove)


def _instance(drill: Drill, name: str, number: str) -> Made:
    """Its disks are marked with it: one that is not to be deleted with its instance is left, and found by its tags.
    What somebody attached to it that was there before is not its own.
    """

    def remove(run: Run, made: Made) -> None:
        attached = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [name]}])
        disks = run.read(f"look at the disks of the {made.word}", attached, pick=partial(own_volume_ids, drill.by))
        marked = [name] if isinstance(disks, Planned) else [name, *disks]
        mark = ec2.create_tags(Resources=marked, Tags=marks(drill.by, drill.of))
        run.change(f"mark the {made.word} and its disks as the drill's own", mark)
        delete(ec2.terminate_instances(InstanceIds=[name]), run, made)

    look = ec2.describe_instance_status(InstanceIds=[name], IncludeAllInstances=True)
    return Made(f"instance{number}", name, look, instance_state, remove)


def _disks(drill: Drill) -> Made:
    def remove(run: Run, made: Made) -> None:
        left = run.read("look which disks are left", made.look, pick=volume_ids)
        for number, disk in enumerate([] if isinstance(left, Planned) else left, 1):
            gone = (made.look, partial(_is_not_among, disk))
            run.change(f"delete disk {number} of {len(left)}", ec2.delete_volume(VolumeId=disk), took_effect=gone)

    tags = {RUN_TAG: drill.by, DRILL_TAG: probes.name_of(drill.of)}
    look = ec2.describe_volumes(Filters=[{"Name": f"tag:{tag}", "Values": [tags[tag]]} for tag in tags])
    return Made("instance's disks", drill.by, look, disks_state, remove)


def _is_not_among(disk: str, answer: dict[str, list[dict[str, str]]]) -> bool:
    return disk not in volume_ids(answer)


def _is_empty(answer: dict[str, list[dict[str, str]]]) -> bool:
    return not versions(answer)


def _efs(drill: Drill, name: str, number: str) -> Made:
    def remove(run: Run, made: Made) -> None:
        run.change(
            f"mark the {made.word} as the drill's own",
            efs.tag_resource(ResourceId=name, Tags=marks(drill.by, drill.of)),
        )
        delete(efs.delete_file_system(FileSystemId=name), run, made)

    return Made(
        f"file system{number}",
        name,
        efs.describe_file_systems(FileSystemId=name),
        partial(efs_state, drill.by),
        remove,
    )


def _fsx(drill: Drill, name: str, arn: str, number: str) -> Made:
    def remove(run: Run, made: Made) -> None:
        kind = run.read(f"look of which kind the {made.word} is", made.look, pick=fsx_kind)
        run.change(
            f"mark the {made.word} as the drill's own",
            fsx.tag_resource(ResourceARN=arn, Tags=marks(drill.by, drill.of)),
        )
        delete(fsx.delete_file_system(FileSystemId=name, **without_last_backup(str(kind))), run, made)

    return Made(f"file system{number}", name, fsx.describe_file_systems(FileSystemIds=[name]), fsx_state, remove)


def _bucket(name: str) -> Made:
    """Only an empty one can be deleted. What its objects are called is kept nowhere."""

    def remove(run: Run, made: Made) -> None:
        first = s3.list_object_versions(Bucket=name, MaxKeys=AT_ONCE)
        objects = Carried(first, to_delete, like={"Objects": [{"Key": "key", "VersionId": "id"}], "Quiet": True})
        for batch in range(1, MOST + 1):
            found = run.read(f"count what is in it, {batch}", first, pick=versions)
            if not isinstance(found, Planned) and not found:
                break
            empty = s3.delete_objects(Bucket=name, Delete=objects)
            took_effect = (first, _is_empty)  # to ask for nothing to be deleted is an error
            left = run.change(f"delete what is in it, {batch}", empty, took_effect=took_effect, pick=refused)
            # After a crash it may only have been seen that nothing is left: then there is no number.
            run.require("what is in it could be deleted", not isinstance(left, int) or left < found)
            if isinstance(found, Planned):
                break
        else:
            run.require(f"it holds {MOST * AT_ONCE:,} versions of objects at most: a person must delete {name}", False)
        delete(s3.delete_bucket(Bucket=name), run, made)

    look = s3.list_object_versions(Bucket=name, MaxKeys=1)
    return Made("bucket", name, look, bucket_state, remove)
