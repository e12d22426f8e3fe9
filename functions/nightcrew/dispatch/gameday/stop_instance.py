"""The fault ``stop-instance``: an instance stops, as it would if its host failed. Taken back by starting it."""

from collections.abc import Callable, Mapping
from typing import Any

from nightcrew.aws.calls import calls
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.aws.ec2 import GROUP_TAG, can_be_moved, is_stopping, only_instance
from nightcrew.aws.limit import TAG, VALUE
from nightcrew.aws.pages import read
from nightcrew.aws.tags import tags_of
from nightcrew.errors import Refused, Unreachable

ALLOWED = ("nightcrew:gameday", "allowed")
PERMISSIONS = ("ec2:DescribeInstances", "ec2:StopInstances", "ec2:StartInstances")

_LOOKS, _BETWEEN = 60, 5.0
"""How long a stopping instance is waited for: five minutes."""

_SHOWS = 6
"""Looks, before it is believed that an instance which runs as it did before was not stopped: what EC2 tells may be
older than what it did (EC2 API reference, "Eventual consistency").
"""

_ec2 = calls("ec2")


def before(cloud: Cloud, target: str) -> dict[str, Any]:
    """What it is like; raises Refused where it may not be stopped on purpose."""
    answer = read(cloud, _ec2.describe_instances(InstanceIds=[target]))
    instance, tags = only_instance(answer), _tags(answer)
    for key, value in ((TAG, VALUE), ALLOWED):
        if tags.get(key) != value:
            raise Refused("fault", f"{target} has no tag {key}={value}: nobody said that it may be stopped on purpose")
    if instance["state"] != "running":
        raise Refused("fault", f"{target} is {instance['state']}: there is nothing to stop")
    if not can_be_moved(instance) or GROUP_TAG in tags:
        raise Refused(
            "fault", f"{target} would not come back as it was: spot, instance store, or of an Auto Scaling group"
        )
    return {"state": "running", "launched": instance["launched"]}


def put(cloud: Cloud, target: str, token: str) -> dict[str, Any]:
    """Stop it."""
    del token
    cloud.change(_ec2.stop_instances(InstanceIds=[target]))
    return {}


def take_back(cloud: Cloud, target: str, kept: Mapping[str, Any], token: str, pause: Callable[[float], None]) -> str:
    """Start it, unless somebody did: the runbook, as it should. Raises Unreachable where it does not stop in time."""
    del token
    call = _ec2.describe_instances(InstanceIds=[target])
    for look in range(_LOOKS):
        try:
            answer = read(cloud, call)
        except CallFailed as failed:
            if failed.kind != "missing":
                raise
            return f"{target} is gone"
        found = only_instance(answer)
        if not is_stopping(answer):
            if found["state"] == "running" and found["launched"] == kept.get("launched") and look < _SHOWS:
                pause(_BETWEEN)
                continue
            return f"{target} is {found['state']}: nothing is left to take back"
        if found["state"] == "stopped":
            cloud.change(_ec2.start_instances(InstanceIds=[target]))
            return f"{target} was started again"
        pause(_BETWEEN)
    raise Unreachable(f"{target} is still stopping: it can be started when it has stopped")


def _tags(answer: Mapping[str, Any]) -> dict[str, str]:
    return tags_of(answer["Reservations"][0]["Instances"][0].get("Tags"))
