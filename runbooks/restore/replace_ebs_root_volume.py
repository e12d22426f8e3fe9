"""Replace the root volume of an EC2 instance by one from a snapshot, and keep the old volume."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import ebs as probes
from nightcrew.aws.calls import Call
from nightcrew.aws.ebs import SnapshotId
from nightcrew.aws.ec2 import InstanceId, checks_pass, only_instance, statuses
from nightcrew.aws.tags import RUN_TAG, tags_with_run
from runbooks.restore.back_up_ebs_volumes import back_up_ebs_volumes

ec2 = calls("ec2")


@runbook(
    family="restore",
    risk="disruptive",
    by_hand=timedelta(minutes=40),
    deadline=timedelta(hours=5),
    parts=[back_up_ebs_volumes],
    permissions=[
        "ec2:CreateReplaceRootVolumeTask",
        "ec2:CreateTags",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstances",
        "ec2:DescribeReplaceRootVolumeTasks",
        "ec2:DescribeSnapshots",
        "ec2:DescribeVolumes",
    ],
)
def replace_ebs_root_volume(
    run: Run,
    instance_id: InstanceId,
    snapshot: SnapshotId,
    keep: timedelta = timedelta(days=7),
    back_up: bool = False,
    within: timedelta = timedelta(minutes=30),
) -> str:
    """Gives the instance a root volume made of `snapshot`, which must be one of its root volume. It reboots once, and
    is away for some minutes; its addresses, its role, its data volumes and its instance-store disks stay.

    What was written to the root since the snapshot is on the old volume only. That one is kept, detached, with its
    tags; it costs, and nobody deletes it but a person, after `keep`. The new one gets the same tags, since backup plans
    and policies choose volumes by them. It is read from the snapshot as it is used, so the first hours are slower.

    The data volumes stay attached, and what runs from the older root may write to them in its own way. With `back_up`
    all volumes are backed up before (back-up-ebs-volumes), unless that was done in the last hour: the snapshots stay
    even if the replacement fails, and without them nothing is replaced.

    Proved is that the root is another volume than before and that both status checks pass. Whether the application
    serves is the alarm's to say, or a person's.

    If the task fails, AWS leaves the original attached. If the run fails or is cancelled after it, the old volume is
    put back, by another reboot. An instance that AWS left without any root needs a person: it must be stopped, and the
    old volume attached by hand. Instances of an Auto Scaling group are left alone: the group would replace it
    meanwhile, and that is the better remedy.
    """
    state = ec2.describe_instances(InstanceIds=[instance_id])
    tasks = ec2.describe_replace_root_volume_tasks(Filters=[{"Name": "instance-id", "Values": [instance_id]}])

    instance = run.read("find the instance", state, pick=only_instance)
    run.require("it is running", instance["state"] == "running")
    run.require("its root disk is EBS", instance["root"] == "ebs")
    run.require("no Auto Scaling group owns it", instance["group"] is None)
    root = run.read("find its root volume", state, pick=probes.root_of)
    run.require("it has a root volume", root)
    volume = ec2.describe_volumes(VolumeIds=[root])
    old = run.read("look at its root volume", volume, pick=probes.only_volume)
    found = run.read("find the snapshot", ec2.describe_snapshots(SnapshotIds=[snapshot]), pick=probes.only_snapshot)
    run.require("the snapshot is completed, and not archived", probes.is_usable(found))
    run.require("it is of this root volume, or the one that this was made of", _is_of(found, old))
    busy = run.read("look for replacements", tasks, pick=probes.root_task_is_under_way)
    run.require("none is under way", not busy)
    if back_up:
        run.runbook(back_up_ebs_volumes, instance_id=instance_id)

    def put_the_old_root_back() -> None:
        ended = run.wait_until("the task has ended", tasks, _is_over, within=within, pick=_mine(run.id))
        run.require(f"it has a root volume: {root} must be attached by hand", ended["state"] != "failed-detached")
        if ended["succeeded"]:
            run.wait_until("the old volume is free", volume, _is_free, within=within)
            again = _replace(instance_id, {RUN_TAG: run.id, probes.UNDO_TAG: "yes"}, VolumeId=root)
            run.change("replace it by the old one", again, took_effect=(tasks, _begun(run.id, undo=True)), pick=_state)
            run.wait_until("it is the root again", state, lambda seen: seen == root, within=within, pick=probes.root_of)

    run.change(
        "replace the root volume",
        _replace(instance_id, {RUN_TAG: run.id}, SnapshotId=snapshot),
        undo=put_the_old_root_back,
        took_effect=(tasks, _begun(run.id)),
        pick=_state,
    )
    ended = run.wait_until("the task has ended", tasks, _is_over, within=within, pick=_mine(run.id))
    run.require("it has succeeded", ended["succeeded"])
    new = run.wait_until(
        "the root is another volume", state, lambda seen: seen and seen != root, within=within, pick=probes.root_of
    )
    run.change("tag the new volume like the old one", _tag(new, tags_with_run(old["tags"], run.id)))
    run.prove(
        "both status checks pass",
        ec2.describe_instance_status(InstanceIds=[instance_id]),
        checks_pass,
        within=within,
        pick=statuses,
    )
    return (
        f"{instance_id} has {new} as its root, from {snapshot} of {found['at']}; the old one is {root}, and costs: "
        f"delete it after {run.now + keep:%Y-%m-%d}, if nobody misses it"
    )


def _replace(instance: str, tags: dict[str, str], **by: str) -> Call:
    """The task is tagged, so that a lost reply can be looked for; the old volume is kept."""
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    return ec2.create_replace_root_volume_task(
        InstanceId=instance,
        DeleteReplacedRootVolume=False,
        TagSpecifications=[{"ResourceType": "replace-root-volume-task", "Tags": listed}],
        **by,
    )


def _tag(volume: Any, tags: dict[str, str]) -> Call:
    return ec2.create_tags(Resources=[volume], Tags=[{"Key": key, "Value": tags[key]} for key in sorted(tags)])


def _is_of(snapshot: dict[str, Any], volume: dict[str, Any]) -> bool:
    return bool(snapshot["of"] == volume["id"] or snapshot["id"] == volume["snapshot"])


def _is_free(answer: Any) -> bool:
    return bool(probes.only_volume(answer)["state"] == "available")


def _mine(run: str) -> Callable[[Any], dict[str, Any]]:
    def task(answer: Any) -> dict[str, Any]:
        state = probes.root_task_of(run, answer)
        return {"state": state, "succeeded": state == "succeeded"}

    return task


def _is_over(task: dict[str, Any]) -> bool:
    return probes.has_ended(task["state"])


def _begun(run: str, *, undo: bool = False) -> Callable[[Any], bool]:
    return lambda answer: probes.root_task_of(run, answer, undo=undo) is not None


def _state(answer: Any) -> str:
    return str(answer["ReplaceRootVolumeTask"]["TaskState"])
