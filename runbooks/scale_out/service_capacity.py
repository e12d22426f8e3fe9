"""How many tasks Application Auto Scaling keeps an ECS service at: asked, and set. Shared by the runbooks that add
tasks and that put the old number back.
"""

from nightcrew import calls
from nightcrew.aws.calls import Call

autoscaling = calls("application-autoscaling")

_DIMENSION = "ecs:service:DesiredCount"


def capacity_of(cluster: str, service: str) -> Call:
    """Ask for the scalable target of a service: nothing is listed where nothing scales it."""
    return autoscaling.describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[_named(cluster, service)], ScalableDimension=_DIMENSION
    )


def set_least(cluster: str, service: str, least: int) -> Call:
    """Set the minimum alone: the maximum stays, and a capacity below the minimum is raised to it (Application Auto
    Scaling API reference, RegisterScalableTarget).
    """
    return autoscaling.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=_named(cluster, service),
        ScalableDimension=_DIMENSION,
        MinCapacity=least,
    )


def _named(cluster: str, service: str) -> str:
    return f"service/{cluster}/{service}"
