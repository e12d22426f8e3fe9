"""What moto lacks about Auto Scaling groups, answered as AWS would where nothing goes wrong.

moto 5.2.5 knows no instance refresh, lists no scaling activity, and does not register with the target groups what an
UpdateAutoScalingGroup launched. A failed launch is for a test to script.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult


@contextmanager
def whole_groups() -> Iterator[None]:
    """For as long as the block lasts, moto's groups list a successful launch for each instance, and no refresh."""
    ordinary = AutoScalingResponse.update_auto_scaling_group

    def update(self: AutoScalingResponse) -> Any:
        answer = ordinary(self)
        self.autoscaling_backend.update_attached_target_groups(self._get_param("AutoScalingGroupName"))
        return answer

    ours = {
        "describe_instance_refreshes": _no_refreshes,
        "describe_scaling_activities": _activities,
        "update_auto_scaling_group": update,
    }
    kept = {name: vars(AutoScalingResponse).get(name) for name in ours}
    for name, method in ours.items():
        setattr(AutoScalingResponse, name, method)
    try:
        yield
    finally:
        for name, before in kept.items():
            if before is None:
                delattr(AutoScalingResponse, name)
            else:
                setattr(AutoScalingResponse, name, before)


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


def _no_refreshes(self: AutoScalingResponse) -> ActionResult:
    del self
    return ActionResult({"InstanceRefreshes": []})
