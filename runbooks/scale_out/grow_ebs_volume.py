"""Grow an EBS volume of an EC2 instance that runs full, and the file system on it. Neither can be made smaller."""

from datetime import timedelta
from typing import Any

from nightcrew import Alarm, Run, calls, runbook
from nightcrew.aws import ebs as probes
from nightcrew.aws.ebs import VolumeId
from nightcrew.aws.ec2 import InstanceId, only_instance
from runbooks.restore.back_up_ebs_volumes import back_up_ebs_volumes
from runbooks.scale_out.file_systems import FileSystem, ask_for_its_volume, grow_it, require_an_agent

ec2 = calls("ec2")

SOON = timedelta(minutes=2)


@runbook(
    family="scale-out",
    risk="costly",
    by_hand=timedelta(minutes=25),
    deadline=timedelta(hours=5),
    parts=[back_up_ebs_volumes],
    triggers=[
        Alarm(
            "CWAgent",
            "disk_used_percent",
            direction="high",
            instance_id="InstanceId",
            path="path",
            device="device",
            kind="fstype",
        ),
        Alarm("CWAgent", "disk_used_percent", direction="high", instance_id="InstanceId", path="path", kind="fstype"),
    ],
    permissions=[
        "ec2:DescribeInstances",
        "ec2:DescribeVolumes",
        "ec2:DescribeVolumesModifications",
        "ec2:ModifyVolume",
        "ssm:DescribeInstanceInformation",
        "ssm:ListCommandInvocations",
        "ssm:SendCommand",
    ],
)
def grow_ebs_volume(
    run: Run,
    instance_id: InstanceId,
    path: str = "/",
    volume: VolumeId | None = None,
    device: str = "",
    kind: str = "",
    percent: int = 20,
    at_most: int = 1000,
    grow_file_system: bool = True,
    back_up: bool = False,
    within: timedelta = timedelta(minutes=30),
) -> str:
    """Adds `percent` to the volume on which the file system at `path` is, never above `at_most` GiB, then grows the
    partition and the file system. All stays in use, slower while AWS optimizes the volume, which may take a day.

    Neither can be made smaller again, and it costs from now on: so a person agrees first, whatever the policy says. AWS
    takes the next change of the volume six hours later at the earliest: take enough. What fills it goes on filling it.

    If the instance has several volumes and `volume` does not say which, the machine is asked which one it is, by a
    command that changes nothing; a plan cannot look further than that. Say `volume` of a machine that is not a Nitro
    one. Commands go through Systems Manager, whose agent must answer; with `grow_file_system=false` only the volume is
    grown, and what is on it is for a person to grow. With `back_up` all its volumes are backed up before
    (back-up-ebs-volumes), unless that was done in the last hour; the snapshots stay.

    Left alone are volumes that several instances share, that were changed in the last six hours or are being changed,
    and file systems other than ext and xfs. Those on LVM, on RAID or encrypted by the machine itself are told apart
    only on the machine: their volume is grown, and the run fails there. Boot disks with an MBR end at 2 TiB.

    Proved are the volume's size and, by the machine's own words, that the file system fills it. The deployed role needs
    the tag `nightcrew: managed` on the volume too. `device` and `kind` are what the alarm says of the file system.
    """
    files = FileSystem(instance_id, path, device, kind)
    run.require("path is an absolute path, and device a device's name", files.is_well_named)
    run.require("it is a file system of the kind ext or xfs", files.can_be_grown)
    state = ec2.describe_instances(InstanceIds=[instance_id])
    instance = run.read("find the instance", state, pick=only_instance)
    run.require("it is running", instance["state"] == "running")
    volumes = run.read("find its volumes", state, pick=probes.volumes_of)
    run.require("it has EBS volumes, and volume is one of them", volumes if volume is None else volume in volumes)
    alone = len(volumes) == 1 and instance["ephemeral"] == 0
    if grow_file_system or not (volume or alone):
        require_an_agent(run, instance_id)
    grown = volume or (volumes[0] if alone else ask_for_its_volume(run, files))
    there = ec2.describe_volumes(VolumeIds=[grown])
    changes = ec2.describe_volumes_modifications(Filters=[{"Name": "volume-id", "Values": [grown]}])

    before = run.read("look at the volume", there, pick=probes.only_volume)
    run.require(f"{instance_id} has it", before["at"] and before["at"]["instance"] == instance_id)
    run.require("no other instance may have it too", not before["shared"])
    last = run.read("look for changes of it", changes, pick=probes.last_modification)
    run.require("it was not changed in the last six hours", probes.can_be_modified(last, run.now))
    size = before["size"]
    wanted = min(size + -(-size * percent // 100), at_most)
    run.require(f"{percent} % more than {size} GiB fit under at_most, {at_most} GiB", wanted > size)
    if back_up:
        run.runbook(back_up_ebs_volumes, instance_id=instance_id)

    def aims(answer: Any) -> bool:
        seen = probes.last_modification(answer)
        return seen is not None and seen["size"] == wanted

    run.change(
        f"grow {grown} from {size} to {wanted} GiB{', and then its file system' if grow_file_system else ''}",
        ec2.modify_volume(VolumeId=grown, Size=wanted),
        irreversible=True,
        took_effect=(changes, aims),
        pick=lambda answer: answer["VolumeModification"]["ModificationState"],
    )
    run.wait_until(
        "its new size can be used",
        changes,
        lambda seen: seen and seen["state"] in {"optimizing", "completed"},
        within=within,
        pick=probes.last_modification,
    )
    run.prove(f"it has {wanted} GiB", there, lambda seen: seen["size"] >= wanted, within=SOON, pick=probes.only_volume)
    words = f"{grown} of {instance_id} went from {size} to {wanted} GiB, and stays there"
    if not grow_file_system:
        return f"{words}; the file system is still to be grown"
    said = grow_it(run, files, grown)
    return f"{words}; {path}: {said}"
