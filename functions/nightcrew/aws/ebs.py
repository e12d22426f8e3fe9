"""EBS volumes and snapshots: how they are named, what is attached where, and what their answers say.

States: EC2 API reference, Volume, VolumeAttachment, Snapshot, ReplaceRootVolumeTask.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls
from nightcrew.aws.tags import RUN_TAG, tags_of
from nightcrew.clock import moment, stamp
from nightcrew.errors import Unknown

_ec2 = calls("ec2")

UNDO_TAG = "nightcrew:undo"
"""On the task that takes a replacement back."""

COPIED = "vol-ffffffff"
"""The volume that AWS names for a snapshot that is a copy (EC2 API reference, CopySnapshot: an arbitrary id)."""

ONE_MOMENT = timedelta(minutes=1)
BETWEEN = timedelta(hours=6)

_ENDED = {"succeeded", "failed", "failed-detached"}


def root_of(answer: Any) -> str | None:
    """The volume that is the root of the one instance of a DescribeInstances answer; None where none is attached."""
    instances = [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]
    if not instances:
        raise Unknown("there is no such instance")
    found = instances[0]
    disks = {each["DeviceName"]: each.get("Ebs", {}) for each in found.get("BlockDeviceMappings") or []}
    volume = disks.get(found.get("RootDeviceName"), {}).get("VolumeId")
    return str(volume) if volume else None


def only_volume(answer: Any) -> dict[str, Any]:
    """The one volume of a DescribeVolumes answer.

    ``{"id", "state", "zone", "size", "type", "iops", "throughput", "key", "shared", "snapshot", "tags", "at"}``: ``at``
    is ``{"instance", "device", "state", "goes"}`` of its attachment, or None; ``goes`` is whether it is deleted with
    the instance; ``shared`` whether several instances may attach it. Raises Unknown where there is none.
    """
    if not answer["Volumes"]:
        raise Unknown("there is no such volume")
    found = answer["Volumes"][0]
    attached = [each for each in found.get("Attachments") or [] if each.get("State") != "detached"]
    at = attached[0] if attached else None
    return {
        "id": found["VolumeId"],
        "state": found["State"],
        "zone": found["AvailabilityZone"],
        "size": found["Size"],
        "type": found.get("VolumeType"),
        "iops": found.get("Iops"),
        "throughput": found.get("Throughput"),
        "key": found.get("KmsKeyId"),
        "shared": bool(found.get("MultiAttachEnabled")),
        "snapshot": found.get("SnapshotId"),
        "tags": tags_of(found.get("Tags")),
        "at": at
        and {
            "instance": at.get("InstanceId"),
            "device": at.get("Device"),
            "state": at.get("State"),
            "goes": bool(at.get("DeleteOnTermination")),
        },
    }


def only_snapshot(answer: Any) -> dict[str, Any]:
    """The one snapshot of a DescribeSnapshots answer: ``{"id", "of", "state", "size", "tier", "at"}``.

    ``of`` is the volume of which it was made; an archived one must be brought back first. Raises Unknown.
    """
    if not answer["Snapshots"]:
        raise Unknown("there is no such snapshot")
    found = answer["Snapshots"][0]
    return {
        "id": found["SnapshotId"],
        "of": found.get("VolumeId"),
        "state": found["State"],
        "size": found.get("VolumeSize"),
        "tier": found.get("StorageTier", "standard"),
        "at": found.get("StartTime"),
    }


def volumes_of(answer: Any) -> list[str]:
    """The EBS volumes of the one instance of a DescribeInstances answer, sorted. Raises Unknown."""
    instances = [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]
    if not instances:
        raise Unknown("there is no such instance")
    disks = [each.get("Ebs", {}).get("VolumeId") for each in instances[0].get("BlockDeviceMappings") or []]
    return sorted(str(volume) for volume in disks if volume)


def newest_set(volumes: Collection[str], since: datetime, answer: Any) -> dict[str, Any] | None:
    """The newest whole snapshots of all these volumes, of a DescribeSnapshots answer: ``{"ids", "at"}``.

    None unless each volume has one since then, and all were begun within a minute: those of CreateSnapshots are of one
    moment, others tell of several.
    """
    newest: dict[str, tuple[datetime, str]] = {}
    for each in answer["Snapshots"]:
        if each["State"] == "completed" and each.get("StorageTier", "standard") == "standard":
            one = (moment(str(each["StartTime"])), str(each["SnapshotId"]))
            newest[each["VolumeId"]] = max(newest.get(each["VolumeId"], one), one)
    found = sorted(newest[volume] for volume in volumes if volume in newest)
    if len(found) < len(volumes) or not found or found[0][0] < since or found[-1][0] - found[0][0] > ONE_MOMENT:
        return None
    return {"ids": sorted(snapshot for _, snapshot in found), "at": stamp(found[0][0])}


def snapshot_set(answer: Any) -> dict[str, Any]:
    """The snapshots of a DescribeSnapshots answer together: ``{"states": {id: state}, "whole", "sound"}``.

    States are pending, completed and error; ``whole`` is when all are completed, ``sound`` while none is in error.
    """
    states = {str(each["SnapshotId"]): str(each["State"]) for each in answer["Snapshots"]}
    return {
        "states": states,
        "whole": bool(states) and set(states.values()) == {"completed"},
        "sound": "error" not in states.values(),
    }


def is_usable(snapshot: dict[str, Any]) -> bool:
    """Whether a volume can be made of it, from what ``only_snapshot`` found."""
    return bool(snapshot["state"] == "completed" and snapshot["tier"] == "standard")


def last_modification(answer: Any) -> dict[str, Any] | None:
    """The last one of a DescribeVolumesModifications answer: ``{"state", "at", "size"}``, the size that it aims at.

    States are modifying, optimizing (the new size can be used), completed and failed. None where there was none.
    """
    found = max(answer["VolumesModifications"], key=lambda each: moment(str(each["StartTime"])), default=None)
    if found is None:
        return None
    return {
        "state": str(found["ModificationState"]),
        "at": str(found["StartTime"]),
        "size": found.get("TargetSize"),
    }


def can_be_modified(last: dict[str, Any] | None, now: datetime) -> bool:
    """Whether AWS takes a change: none is under way, and the last is six hours old (API reference, ModifyVolume)."""
    return last is None or (last["state"] in {"completed", "failed"} and moment(last["at"]) <= now - BETWEEN)


def serial_of(volume: str) -> str:
    """What a Nitro machine calls it: ``vol0abc`` for ``vol-0abc`` (EBS user guide, "Map volumes to NVMe devices")."""
    return volume.replace("-", "")


def volume_in(said: str) -> str | None:
    """The volume whose serial number stands in what a machine printed."""
    found = re.search(r"\bvol((?:[0-9a-f]{17}|[0-9a-f]{8}))\b", said)
    return f"vol-{found[1]}" if found else None


def performance(volume: dict[str, Any]) -> dict[str, Any]:
    """The parameters of CreateVolume that give another volume the type and speed of this one.

    Only gp3, io1 and io2 take IOPS, and only gp3 takes a throughput (EC2 API reference, CreateVolume).
    """
    said = {"VolumeType": volume["type"]} if volume["type"] else {}
    if volume["type"] in {"gp3", "io1", "io2"} and volume["iops"]:
        said["Iops"] = volume["iops"]
    if volume["type"] == "gp3" and volume["throughput"]:
        said["Throughput"] = volume["throughput"]
    return said


def root_tasks(answer: Any) -> list[dict[str, Any]]:
    """Of a DescribeReplaceRootVolumeTasks answer: ``[{"id", "state", "run", "undo"}]``; ``run`` is whose it is."""
    return [
        {
            "id": each["ReplaceRootVolumeTaskId"],
            "state": each["TaskState"],
            "run": tags_of(each.get("Tags")).get(RUN_TAG),
            "undo": UNDO_TAG in tags_of(each.get("Tags")),
        }
        for each in answer["ReplaceRootVolumeTasks"]
    ]


def root_task_of(run: str, answer: Any, *, undo: bool = False) -> str | None:
    """The state of the run's own task, or of the one that takes it back; None where there is none."""
    found = [each["state"] for each in root_tasks(answer) if each["run"] == run and each["undo"] == undo]
    return str(found[0]) if found else None


def root_task_is_under_way(answer: Any) -> bool:
    """Whether a root volume is being replaced already."""
    return any(not has_ended(each["state"]) for each in root_tasks(answer))


def has_ended(state: str | None) -> bool:
    """Whether a task is over: succeeded, failed (the original is still attached) or failed-detached (nothing is)."""
    return state in _ENDED


def _surroundings(answer: Any) -> Surroundings:
    volumes = answer["Volumes"]
    if not volumes:
        return Surroundings()
    owners = sorted({str(each["InstanceId"]) for each in volumes[0].get("Attachments") or [] if "InstanceId" in each})
    return Surroundings(tuple(f"ec2:instance/{each}" for each in owners), tags_of(volumes[0].get("Tags")))


VolumeId = Annotated[
    str,
    ResourceName(
        "ec2",
        "volume/{}",
        pattern=r"vol-(?:[0-9a-f]{8}|[0-9a-f]{17})",
        example="vol-0abc1234def567890",
        lookup=Lookup("ec2:DescribeVolumes", lambda name: _ec2.describe_volumes(VolumeIds=[name]), _surroundings),
    ),
]
"""The id of an EBS volume. A run on it holds the instance to which it is attached, too."""

SnapshotId = Annotated[
    str,
    ResourceName(
        "ec2",
        "snapshot/{}",
        pattern=r"snap-(?:[0-9a-f]{8}|[0-9a-f]{17})",
        example="snap-0abc1234def567890",
    ),
]
"""The id of an EBS snapshot."""
