"""What moto lacks about machines, answered as AWS would where nothing goes wrong.

moto 5.2.5 says of each console that it was written just now; AWS writes it when a machine boots. And its Systems
Manager knows neither which machines have an agent nor how a command ended on one. Nothing is ever scheduled for a
machine (here a tag, SCHEDULED, does it); one that is started was launched anew, on other hardware, and that is past.
What does not boot, an agent that is gone and a command that fails are for a test to script.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.ec2.responses.general import General
from moto.ssm.responses import SimpleSystemManagerResponse

SCHEDULED = "nightcrew-demo:scheduled"
"""A tag of an instance: the code of what AWS has scheduled for it, like ``instance-retirement``."""

_MOVED = "nightcrew_moved"

_BOOTED = "nightcrew_booted"
"""Where an instance keeps when it booted last, if that was a reboot."""


@contextmanager
def whole_machines() -> Iterator[None]:
    """For as long as the block lasts, consoles tell of the last boot, and each running machine has its agent."""
    ordinary, started = Instance.reboot, Instance.start

    def reboot(self: Instance) -> None:
        ordinary(self)
        # Answers have whole seconds, and no two boots have the same.
        setattr(self, _BOOTED, _booted(self) + timedelta(seconds=1))

    def start(self: Instance) -> Any:
        before = started(self)
        self.launch_time = max(utcnow(), self.launch_time + timedelta(seconds=1))
        setattr(self, _MOVED, True)
        return before

    ours: list[tuple[Any, str, Any]] = [
        (Instance, "reboot", reboot),
        (Instance, "start", start),
        (Instance, "events", property(_events)),
        (General, "get_console_output", _console),
        (SimpleSystemManagerResponse, "describe_instance_information", _agents),
        (SimpleSystemManagerResponse, "list_command_invocations", _commands),
    ]
    kept = [(kind, name, vars(kind).get(name)) for kind, name, _ in ours]
    for kind, name, method in ours:
        setattr(kind, name, method)
    try:
        yield
    finally:
        for kind, name, before in kept:
            if before is None:
                delattr(kind, name)
            else:
                setattr(kind, name, before)


def _booted(instance: Instance) -> Any:
    return getattr(instance, _BOOTED, instance.launch_time)


def _events(instance: Instance) -> list[dict[str, str]]:
    codes = [str(tag["value"]) for tag in instance.get_tags() if tag["key"] == SCHEDULED]
    told = "[Completed] " if getattr(instance, _MOVED, False) else ""
    return [{"Code": code, "Description": f"{told}The instance is running on degraded hardware"} for code in codes]


def _console(self: General) -> ActionResult:
    instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
    return ActionResult({"InstanceId": instance.id, "Timestamp": _booted(instance), "Output": ""})


def _agents(self: SimpleSystemManagerResponse) -> ActionResult:
    wanted = [value for each in self._get_param("Filters", []) for value in each["Values"]]
    machines = ec2_backends[self.current_account][self.region].all_instances()
    agents = [
        {"InstanceId": each.id, "PingStatus": "Online", "PlatformType": "Linux", "AgentVersion": "3.3.0.0"}
        for each in machines
        if each.state == "running" and each.id in wanted
    ]
    return ActionResult({"InstanceInformationList": agents})


def _commands(self: SimpleSystemManagerResponse) -> ActionResult:
    instance = self._get_param("InstanceId")
    ended = [
        {
            "CommandId": command.command_id,
            "InstanceId": instance,
            "Comment": command.comment,
            "Status": "Success",
            "StatusDetails": "Success",
            "CommandPlugins": [{"Status": "Success", "ResponseCode": 0, "Output": "it was restarted, and is active"}],
        }
        for command in self.ssm_backend.get_commands_by_instance_id(instance)
    ]
    return ActionResult({"CommandInvocations": ended})
