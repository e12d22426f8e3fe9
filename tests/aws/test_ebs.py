"""EBS volumes: what their answers say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.aws import ebs as probes
from nightcrew.errors import Unknown


def volume(**more: Any) -> dict[str, Any]:
    """A DescribeVolumes answer with one volume."""
    found = {"VolumeId": "vol-1", "State": "in-use", "AvailabilityZone": "eu-west-1a", "Size": 8, "VolumeType": "gp3"}
    return {"Volumes": [{**found, **more}]}


def task(state: str, run: str, **tags: str) -> dict[str, Any]:
    """A task that replaces a root volume."""
    listed = [{"Key": key, "Value": value} for key, value in {"nightcrew:run": run, **tags}.items()]
    return {"ReplaceRootVolumeTaskId": "replacevol-1", "TaskState": state, "Tags": listed}


@pytest.mark.parametrize(("probe", "member"), [(probes.only_volume, "Volumes"), (probes.only_snapshot, "Snapshots")])
def test_nothing_is_unknown(probe: Any, member: str) -> None:
    with pytest.raises(Unknown):
        probe({member: []})


def test_the_root_is_the_volume_at_the_root_device() -> None:
    """Whatever else is attached."""
    disks = [
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeId": "vol-data"}},
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-root"}},
    ]
    instance = {"RootDeviceName": "/dev/xvda", "BlockDeviceMappings": disks}
    assert probes.root_of({"Reservations": [{"Instances": [instance]}]}) == "vol-root"
    bare = {**instance, "BlockDeviceMappings": disks[:1]}
    assert probes.root_of({"Reservations": [{"Instances": [bare]}]}) is None


def test_a_volume_that_was_detached_is_nowhere() -> None:
    at = {"InstanceId": "i-1", "Device": "/dev/sdf", "State": "attached", "DeleteOnTermination": True}
    assert probes.only_volume(volume(Attachments=[at]))["at"] == {
        "instance": "i-1",
        "device": "/dev/sdf",
        "state": "attached",
        "goes": True,
    }
    assert probes.only_volume(volume(Attachments=[{**at, "State": "detached"}]))["at"] is None


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("gp3", {"VolumeType": "gp3", "Iops": 4000, "Throughput": 250}),
        ("io2", {"VolumeType": "io2", "Iops": 4000}),
        ("gp2", {"VolumeType": "gp2"}),
    ],
)
def test_speed_is_named_only_where_aws_takes_it(kind: str, told: dict[str, Any]) -> None:
    assert probes.performance(probes.only_volume(volume(VolumeType=kind, Iops=4000, Throughput=250))) == told


def test_a_task_is_found_by_the_run_that_began_it_and_its_undo_apart() -> None:
    answer = {
        "ReplaceRootVolumeTasks": [
            task("failed", "run-0"),
            task("succeeded", "run-1"),
            task("pending", "run-1", **{"nightcrew:undo": "yes"}),
        ]
    }
    assert probes.root_task_of("run-1", answer) == "succeeded"
    assert probes.root_task_of("run-1", answer, undo=True) == "pending"
    assert probes.root_task_of("run-2", answer) is None
    assert probes.root_task_is_under_way(answer)


@pytest.mark.parametrize(("state", "over"), [("failing", False), ("failed-detached", True), (None, False)])
def test_a_task_that_is_failing_has_not_ended(state: str | None, over: bool) -> None:
    assert probes.has_ended(state) is over


def snapshots(*found: tuple[str, str, str, str]) -> dict[str, Any]:
    """A DescribeSnapshots answer: of each its id, its volume, its state and when it was begun."""
    names = ("SnapshotId", "VolumeId", "State", "StartTime")
    return {"Snapshots": [dict(zip(names, each, strict=True)) for each in found]}


SINCE = datetime(2026, 11, 21, 2, tzinfo=UTC)
OLD, NEW, LATER = (f"2026-11-21T{time}.000Z" for time in ("01:00:00", "03:00:00", "03:00:30"))


def test_the_newest_snapshots_of_all_volumes_are_a_set() -> None:
    """Of one moment: begun within a minute."""
    answer = snapshots(
        ("snap-0", "vol-1", "completed", OLD),
        ("snap-1", "vol-1", "completed", NEW),
        ("snap-2", "vol-2", "completed", LATER),
        ("snap-3", "vol-2", "pending", "2026-11-21T04:00:00.000Z"),
    )
    assert probes.newest_set(["vol-1", "vol-2"], SINCE, answer) == {"ids": ["snap-1", "snap-2"], "at": NEW}


@pytest.mark.parametrize(
    "second",
    [
        ("snap-2", "vol-2", "completed", OLD),
        ("snap-2", "vol-2", "pending", NEW),
        ("snap-2", "vol-2", "completed", "2026-11-21T03:05:00.000Z"),
        ("snap-2", "vol-3", "completed", NEW),
    ],
    ids=["too old", "not whole", "of another moment", "of another volume"],
)
def test_a_part_of_a_set_is_none(second: tuple[str, str, str, str]) -> None:
    answer = snapshots(("snap-1", "vol-1", "completed", NEW), second)
    assert probes.newest_set(["vol-1", "vol-2"], SINCE, answer) is None


@pytest.mark.parametrize(
    ("state", "whole", "sound"), [("completed", True, True), ("pending", False, True), ("error", False, False)]
)
def test_snapshots_are_whole_together_or_not_at_all(state: str, whole: bool, sound: bool) -> None:
    seen = probes.snapshot_set(snapshots(("snap-1", "vol-1", "completed", NEW), ("snap-2", "vol-2", state, NEW)))
    assert (seen["whole"], seen["sound"]) == (whole, sound)


def test_no_snapshots_are_no_set() -> None:
    assert probes.snapshot_set(snapshots())["whole"] is False


def test_the_volumes_of_an_instance_are_those_of_ebs() -> None:
    """Instance stores are no volumes; so are virtual devices."""
    disks = [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeId": "vol-2"}}, {"DeviceName": "/dev/sda1"}]
    disks.append({"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-1"}})
    answer = {"Reservations": [{"Instances": [{"BlockDeviceMappings": disks}]}]}
    assert probes.volumes_of(answer) == ["vol-1", "vol-2"]


def modified(state: str, at: str, size: int = 10) -> dict[str, Any]:
    """A modification of a volume."""
    return {"ModificationState": state, "StartTime": at, "TargetSize": size}


def test_the_last_modification_is_the_newest() -> None:
    answer = {"VolumesModifications": [modified("completed", OLD, 9), modified("optimizing", NEW)]}
    assert probes.last_modification(answer) == {"state": "optimizing", "at": NEW, "size": 10}
    assert probes.last_modification({"VolumesModifications": []}) is None


@pytest.mark.parametrize(
    ("last", "can"),
    [
        (None, True),
        ({"state": "completed", "at": "2026-11-20T20:00:00.000Z"}, True),
        ({"state": "completed", "at": "2026-11-20T20:00:01.000Z"}, False),
        ({"state": "optimizing", "at": "2026-11-19T20:00:00.000Z"}, False),
    ],
    ids=["never", "six hours ago", "less", "still under way"],
)
def test_a_volume_can_be_modified_six_hours_after_the_last_time(last: dict[str, Any] | None, can: bool) -> None:
    assert probes.can_be_modified(last, SINCE) is can


@pytest.mark.parametrize(
    ("said", "volume"),
    [
        ("it is on vol0abc1234def567890", "vol-0abc1234def567890"),
        ("it is on vol1234abcd\n", "vol-1234abcd"),
        ("it is on ", None),
        ("it is on vol0abc", None),
    ],
)
def test_a_volume_is_known_by_its_serial_number(said: str, volume: str | None) -> None:
    assert probes.volume_in(said) == volume
    assert volume is None or probes.serial_of(volume) in said
