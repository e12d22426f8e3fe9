"""Put a volume made of a snapshot in the place of a data volume of a stopped EC2 instance, and keep the old one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import ebs as probes
from nightcrew.aws.calls import Call
from nightcrew.aws.ebs import SnapshotId, VolumeId
from nightcrew.aws.ec2 import only_instance
from nightcrew.aws.tags import RUN_TAG, tags_with_run

ec2 = calls("ec2")


@runbook(
    family="restore",
    risk="disruptive",
    by_hand=timedelta(minutes=40),
    deadline=timedelta(hours=4),
    permissions=[
        "ec2:AttachVolume",
        "ec2:CreateVolume",
        "ec2:DeleteVolume",
        "ec2:DescribeInstances",
        "ec2:DescribeSnapshots",
        "ec2:DescribeVolumes",
        "ec2:DetachVolume",
    ],
)
def restore_ebs_volume(
    run: Run,
    volume: VolumeId,
    snapshot: SnapshotId,
    keep: timedelta = timedelta(days=7),
    within: timedelta = timedelta(minutes=30),
) -> str:
    """Makes a volume of `snapshot`, one of `volume` or a copy of one, and attaches it at the same device.

    The instance must be stopped: nobody can see from outside whether a file system is mounted, and one that is pulled
    out loses data. Stop it before, start it afterwards; this runbook does neither. The new volume is made in the same
    zone, with the type, the IOPS, the throughput, the key and the tags of the old one, and at least its size.

    What was written since the snapshot is on the old volume only. That one is kept, detached; it costs, and nobody
    deletes it but a person, after `keep`. The new one is read from the snapshot as it is used: the first hours are
    slower. It is not deleted with the instance, even if the old one was to be; the end says so.

    Proved is that the new volume is attached at the device. Whether it can be mounted shows when the instance starts.

    If a step is refused or takes longer than `within`, the old volume is attached again and the new one deleted. Root
    volumes are for replace-ebs-root-volume; volumes that several instances share are left alone.
    """
    there = ec2.describe_volumes(VolumeIds=[volume])
    ours = ec2.describe_volumes(Filters=[{"Name": f"tag:{RUN_TAG}", "Values": [run.id]}])

    old = run.read("find the volume", there, pick=probes.only_volume)
    run.require("one instance has it, and no more can", old["at"] and not old["shared"])
    run.require("it is attached: neither on its way in nor out", old["at"]["state"] == "attached")
    instance, device = old["at"]["instance"], old["at"]["device"]
    state = ec2.describe_instances(InstanceIds=[instance])
    owner = run.read("look at its instance", state, pick=only_instance)
    run.require("its instance is stopped: stop it first", owner["state"] == "stopped")
    run.require("no Auto Scaling group owns it", owner["group"] is None)
    root = run.read("find its root volume", state, pick=probes.root_of)
    run.require("it is a data volume, not the root", root != volume)
    found = run.read("find the snapshot", ec2.describe_snapshots(SnapshotIds=[snapshot]), pick=probes.only_snapshot)
    run.require("the snapshot is completed, and not archived", probes.is_usable(found))
    run.require("it is of this volume, or a copy", found["of"] in {volume, probes.COPIED})
    run.require("its tags leave room for one more", RUN_TAG in tags_with_run(old["tags"], run.id))

    def delete_the_new_volume() -> None:
        free = run.wait_until("the new volume is free", ours, _is_available, within=within, pick=probes.only_volume)
        delete = ec2.delete_volume(VolumeId=free["id"])
        run.change("delete the new volume", delete, took_effect=(ours, lambda answer: not answer["Volumes"]))

    run.change(
        "make a volume of the snapshot",
        _make(old, found, tags_with_run(old["tags"], run.id)),
        undo=delete_the_new_volume,
        took_effect=(ours, lambda answer: bool(answer["Volumes"])),
        pick=lambda answer: answer["VolumeId"],
    )
    new = run.wait_until("it is available", ours, _is_available, within=within, pick=probes.only_volume)["id"]

    def attach_the_old_one_again() -> None:
        run.wait_until("the old volume is free", there, _is_available, within=within, pick=probes.only_volume)
        attach = ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device=device)
        run.change("attach the old volume again", attach, took_effect=(there, _is_with(instance)))
        attached = _is_attached(instance, device)
        run.wait_until("it is attached again", there, attached, within=within, pick=probes.only_volume)

    def detach_the_new_one() -> None:
        away = ec2.detach_volume(VolumeId=new, InstanceId=instance, Device=device)
        run.change("detach the new volume", away, took_effect=(ours, _is_leaving))

    run.change(
        f"detach the old volume from {device}",
        ec2.detach_volume(VolumeId=volume, InstanceId=instance, Device=device),
        undo=attach_the_old_one_again,
        took_effect=(there, _is_leaving),
        pick=_attachment,
    )
    run.wait_until("it is detached", there, _is_available, within=within, pick=probes.only_volume)
    run.change(
        f"attach the new volume at {device}",
        ec2.attach_volume(VolumeId=new, InstanceId=instance, Device=device),
        undo=detach_the_new_one,
        took_effect=(ours, _is_with(instance)),
        pick=_attachment,
    )
    run.prove(
        f"the instance has the new volume at {device}",
        ours,
        _is_attached(instance, device),
        within=within,
        pick=probes.only_volume,
    )
    goes = "; unlike the old one it is not deleted with the instance" if old["at"]["goes"] else ""
    return (
        f"{instance} has {new} at {device}, from {snapshot} of {found['at']}{goes}: start it; the old one is {volume}, "
        f"and costs: delete it after {run.now + keep:%Y-%m-%d}, if nobody misses it"
    )


def _make(old: dict[str, Any], snapshot: dict[str, Any], tags: dict[str, str]) -> Call:
    listed = [{"Key": key, "Value": tags[key]} for key in sorted(tags)]
    return ec2.create_volume(
        SnapshotId=snapshot["id"],
        AvailabilityZone=old["zone"],
        Size=max(old["size"], snapshot["size"] or 0),
        **probes.performance(old),
        **({"Encrypted": True, "KmsKeyId": old["key"]} if old["key"] else {}),
        TagSpecifications=[{"ResourceType": "volume", "Tags": listed}],
    )


def _is_available(seen: dict[str, Any]) -> bool:
    return bool(seen["state"] == "available")


def _is_leaving(answer: Any) -> bool:
    at = probes.only_volume(answer)["at"]
    return at is None or at["state"] in {"detaching", "detached"}


def _is_with(instance: str) -> Callable[[Any], bool]:
    def with_it(answer: Any) -> bool:
        at = probes.only_volume(answer)["at"]
        return at is not None and at["instance"] == instance and at["state"] in {"attaching", "attached"}

    return with_it


def _is_attached(instance: str, device: str) -> Callable[[dict[str, Any]], bool]:
    def attached(seen: dict[str, Any]) -> bool:
        at = seen["at"] or {}
        return [at.get(key) for key in ("instance", "device", "state")] == [instance, device, "attached"]

    return attached


def _attachment(answer: Any) -> str:
    return str(answer["State"])
