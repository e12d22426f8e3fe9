"""What moto lacks about root volumes: replacing one, answered as AWS would where nothing goes wrong.

moto 5.2.5 has neither CreateReplaceRootVolumeTask nor DescribeReplaceRootVolumeTasks. A task that fails, or takes its
time, is for a test to script (EC2 API reference, ReplaceRootVolumeTask).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses.general import General

from nightcrew.demo.completing import with_methods

_TASKS = "nightcrew_root_volume_tasks"
"""Where a cloud keeps its tasks, by client token."""


@contextmanager
def whole_root_volumes() -> Iterator[None]:
    """For as long as the block lasts, a root volume can be replaced from a snapshot or by another volume."""
    names = {"create_replace_root_volume_task": _replace, "describe_replace_root_volume_tasks": _tasks}
    with with_methods(General, names):
        yield


def _kept(backend: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = backend.__dict__.setdefault(_TASKS, {})
    return kept


def _replace(self: General) -> ActionResult:
    backend, token = self.ec2_backend, self._get_param("ClientToken")
    tasks = _kept(backend)
    if token not in tasks:
        instance = backend.get_instance(self._get_param("InstanceId"))
        snapshot, volume = self._get_param("SnapshotId"), self._get_param("VolumeId")
        device = instance.root_device_name or "/dev/sda1"
        old = backend.get_volume(instance.block_device_mapping[device].volume_id)
        if not volume:
            volume = backend.create_volume(size=old.size, zone_name=old.zone.name, snapshot_id=snapshot).id
        backend.detach_volume(old.id, instance.id, device)
        backend.attach_volume(volume, instance.id, device)
        tags = self._parse_tag_specification().get("replace-root-volume-task", {})
        tasks[token] = {
            "ReplaceRootVolumeTaskId": f"replacevol-{len(tasks) + 1:017x}",
            "InstanceId": instance.id,
            "TaskState": "succeeded",
            "SnapshotId": snapshot,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
    return ActionResult({"ReplaceRootVolumeTask": {**tasks[token], "TaskState": "pending"}})


def _tasks(self: General) -> ActionResult:
    wanted = [value for each in self._get_param("Filters", []) for value in each.get("Values", each.get("Value", []))]
    found = [each for each in _kept(self.ec2_backend).values() if each["InstanceId"] in wanted]
    return ActionResult({"ReplaceRootVolumeTasks": found})
