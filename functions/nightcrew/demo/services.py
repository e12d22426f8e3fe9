"""What moto lacks about ECS services, answered as AWS would where nothing goes wrong.

In moto 5.2.5 a task ends after a few looks, a service does not replace one that was stopped, and a minimum of
Application Auto Scaling changes no service. A task that cannot be placed is for a test to script.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.ecs.models import EC2ContainerServiceBackend
from moto.moto_api import state_manager

_TASK = "ecs::task"
_LOOKS = 10**6


@contextmanager
def whole_services() -> Iterator[None]:
    """For as long as the block lasts, tasks run until they are stopped, and services have what they want."""
    looks = state_manager.get_transition(_TASK)
    stop = EC2ContainerServiceBackend.stop_task
    register = ApplicationAutoscalingBackend.register_scalable_target

    def stop_task(self: EC2ContainerServiceBackend, cluster_str: str, task_str: str, reason: str) -> Any:
        stopped = stop(self, cluster_str, task_str, reason)
        if str(stopped.group).startswith("service:"):
            _another(self, cluster_str, stopped)
        return stopped

    def register_scalable_target(self: ApplicationAutoscalingBackend, *given: Any, **named: Any) -> Any:
        target = register(self, *given, **named)
        if target.service_namespace == "ecs":
            _raise_to(self.ecs_backend, target)
        return target

    ours: list[tuple[Any, str, Any, Any]] = [
        (EC2ContainerServiceBackend, "stop_task", stop_task, stop),
        (ApplicationAutoscalingBackend, "register_scalable_target", register_scalable_target, register),
    ]
    for kind, name, method, _ in ours:
        setattr(kind, name, method)
    state_manager.set_transition(_TASK, {"progression": "manual", "times": _LOOKS})
    try:
        yield
    finally:
        state_manager.set_transition(_TASK, looks)
        for kind, name, _, before in ours:
            setattr(kind, name, before)


def _another(backend: EC2ContainerServiceBackend, cluster: str, stopped: Any) -> None:
    """The service starts another task in the place of the stopped one."""
    backend.run_task(
        cluster_str=cluster,
        task_definition_str=stopped.task_definition_arn,
        count=1,
        overrides=None,
        started_by="ecs-svc",
        tags=None,
        launch_type="FARGATE",
        group=stopped.group,
    )


def _raise_to(backend: EC2ContainerServiceBackend, target: Any) -> None:
    """A capacity below the minimum is raised to it (Application Auto Scaling API reference, RegisterScalableTarget)."""
    _, cluster, name = target.resource_id.split("/")
    services, _ = backend.describe_services(cluster, [name])
    if services and services[0].desired_count < target.min_capacity:
        backend.update_service({"cluster": cluster, "service": name, "desired_count": target.min_capacity})
