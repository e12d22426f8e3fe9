"""Take snapshots of all volumes of an EC2 instance at one moment, unless there are recent ones; prove them whole."""

from datetime import timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import ebs as probes
from nightcrew.aws.ec2 import InstanceId, only_instance
from nightcrew.aws.tags import RUN_TAG, listed

ec2 = calls("ec2")

SOON = timedelta(minutes=1)


@runbook(
    family="restore",
    risk="low",
    by_hand=timedelta(minutes=15),
    deadline=timedelta(hours=3),
    permissions=[
        "ec2:CreateSnapshots",
        "ec2:DeleteSnapshot",
        "ec2:DescribeInstances",
        "ec2:DescribeSnapshots",
    ],
)
def back_up_ebs_volumes(
    run: Run,
    instance_id: InstanceId,
    recent: timedelta = timedelta(hours=1),
    within: timedelta = timedelta(hours=2),
) -> str:
    """Takes a snapshot of each EBS volume of the instance, all at one moment, by itself or as a part of a change that
    one may want to go back behind.

    If each volume has one that is not older than `recent`, and they were begun within a minute, it proves that these
    are whole, says which they are, and takes none; `recent=0s` takes them in any case. The new ones have the tag
    `nightcrew:run` with the run's id. restore-ebs-volume and replace-ebs-root-volume restore them.

    The instance goes on as it is. Together the snapshots are what a power cut would leave: what is only in its memory
    is not in them, so stop it before, or have the application write, where that matters. Instance-store disks are never
    in a snapshot. What is written meanwhile may be slower; the first snapshot of a large volume takes hours, later ones
    hold only what has changed.

    Whole ones stay, whatever happens afterwards: a change that went wrong is when somebody wants them. They cost, and
    nobody deletes them but a person. Those of a set that is not whole, because one failed or was not ready `within` the
    time given, are deleted: a part of them is no backup.
    """
    state = ec2.describe_instances(InstanceIds=[instance_id])
    made = ec2.describe_snapshots(Filters=[{"Name": f"tag:{RUN_TAG}", "Values": [run.id]}], OwnerIds=["self"])

    instance = run.read("find the instance", state, pick=only_instance)
    run.require("it is not on its way out", instance["state"] not in {"shutting-down", "terminated"})
    volumes = run.read("find its volumes", state, pick=probes.volumes_of)
    run.require("it has EBS volumes", volumes)
    last = run.read(
        "look for recent snapshots of them",
        ec2.describe_snapshots(Filters=[{"Name": "volume-id", "Values": volumes}], OwnerIds=["self"]),
        pick=partial(probes.newest_set, volumes, run.now - recent),
    )
    if last is not None:
        whole = ec2.describe_snapshots(SnapshotIds=last["ids"])
        run.prove("its recent snapshots are whole", whole, _are_whole, within=SOON, pick=probes.snapshot_set)
        return f"{instance_id} has {', '.join(last['ids'])} of {last['at']}, and needs no others"

    def delete_them_unless_they_are_whole() -> None:
        seen = run.read("look how far they are", made, pick=probes.snapshot_set)
        for snapshot in [] if seen["whole"] else sorted(seen["states"]):
            there = ec2.describe_snapshots(Filters=[{"Name": "snapshot-id", "Values": [snapshot]}])
            delete = ec2.delete_snapshot(SnapshotId=snapshot)
            run.change(f"delete {snapshot}", delete, took_effect=(there, lambda answer: not answer["Snapshots"]))

    run.change(
        "take snapshots of all its volumes",
        ec2.create_snapshots(
            InstanceSpecification={"InstanceId": instance_id},
            Description=f"nightcrew {run.id}",
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": listed({RUN_TAG: run.id})}],
        ),
        undo=delete_them_unless_they_are_whole,
        took_effect=(made, lambda answer: bool(answer["Snapshots"])),
        pick=lambda answer: sorted(each["SnapshotId"] for each in answer["Snapshots"]),
    )
    seen = run.wait_until("they are whole, or one has failed", made, _is_over, within=within, pick=probes.snapshot_set)
    run.require("none has failed", seen["sound"])
    run.prove(
        "each of its volumes has a whole one",
        made,
        lambda found: found["whole"] and len(found["states"]) == len(volumes),
        within=SOON,
        pick=probes.snapshot_set,
    )
    return f"{instance_id} has a snapshot of each volume, tagged with this run; they cost: delete them in time"


def _are_whole(seen: dict[str, Any]) -> bool:
    return bool(seen["whole"])


def _is_over(seen: dict[str, Any]) -> bool:
    return bool(seen["whole"] or not seen["sound"])
