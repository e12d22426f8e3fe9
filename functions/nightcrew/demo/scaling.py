"""What moto lacks about Auto Scaling groups, answered as AWS would where nothing goes wrong.

moto 5.2.5 knows no instance refresh, lists no scaling activity, and does not register with the target groups what was
launched when a group grew or replaced an instance. A failed launch, and a refresh that takes its time, are for a test
to script: here a refresh is over at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from nightcrew.demo.completing import with_methods

_REFRESHES = "nightcrew_refreshes"
"""Where a group keeps its refreshes, the newest first."""


@contextmanager
def whole_groups() -> Iterator[None]:
    """For as long as the block lasts, moto's groups list a successful launch for each instance, and are refreshed."""
    grow = AutoScalingResponse.update_auto_scaling_group
    replace = AutoScalingResponse.terminate_instance_in_auto_scaling_group

    def update(self: AutoScalingResponse) -> Any:
        answer = grow(self)
        self.autoscaling_backend.update_attached_target_groups(self._get_param("AutoScalingGroupName"))
        return answer

    def terminate(self: AutoScalingResponse) -> Any:
        instance = self._get_param("InstanceId")
        backend = self.autoscaling_backend
        owners = [name for name, group in backend.autoscaling_groups.items() if instance in _ids(group)]
        answer = replace(self)
        for owner in owners:
            backend.update_attached_target_groups(owner)
        return answer

    ours = {
        "describe_instance_refreshes": _refreshes,
        "describe_scaling_activities": _activities,
        "start_instance_refresh": _refresh,
        "terminate_instance_in_auto_scaling_group": terminate,
        "update_auto_scaling_group": update,
    }
    with with_methods(AutoScalingResponse, ours):
        yield


def _ids(group: Any) -> set[str]:
    return {state.instance.id for state in group.instance_states}


def _activities(self: AutoScalingResponse) -> ActionResult:
    name = self._get_param("AutoScalingGroupName")
    groups = self.autoscaling_backend.describe_auto_scaling_groups([name] if name else [])
    listed = [
        {
            "ActivityId": f"launch-of-{state.instance.id}",
            "AutoScalingGroupName": group.name,
            "Description": f"Launching a new EC2 instance: {state.instance.id}",
            "Cause": "the group wanted more than it had",
            "StartTime": state.instance.launch_time,
            "EndTime": state.instance.launch_time,
            "StatusCode": "Successful",
            "Progress": 100,
        }
        for group in groups
        for state in reversed(group.instance_states)
    ]
    return ActionResult({"Activities": listed})


def _refreshes(self: AutoScalingResponse) -> ActionResult:
    (group,) = self.autoscaling_backend.describe_auto_scaling_groups([self._get_param("AutoScalingGroupName")])
    return ActionResult({"InstanceRefreshes": getattr(group, _REFRESHES, [])})


def _refresh(self: AutoScalingResponse) -> ActionResult:
    name = self._get_param("AutoScalingGroupName")
    (group,) = self.autoscaling_backend.describe_auto_scaling_groups([name])
    for state in [each for each in group.instance_states if not each.protected_from_scale_in]:
        self.autoscaling_backend.terminate_instance(state.instance.id, False)
    self.autoscaling_backend.update_attached_target_groups(name)
    earlier = getattr(group, _REFRESHES, [])
    made = {"InstanceRefreshId": f"refresh-{len(earlier) + 1}-of-{name}", "AutoScalingGroupName": name}
    setattr(group, _REFRESHES, [{**made, "Status": "Successful", "PercentageComplete": 100}, *earlier])
    return ActionResult({"InstanceRefreshId": made["InstanceRefreshId"]})
