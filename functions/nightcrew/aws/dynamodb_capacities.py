"""How the capacities of a table and its indexes scale by themselves, set again on another table.

Scalable targets outlive their table (developer guide, "Managing throughput capacity automatically": they are not
deleted with it), so each is undone; its policies and schedules go with it (API reference, DeregisterScalableTarget).
"""

from typing import Any

from nightcrew.aws.application_autoscaling import scalable_targets, scaling_policies_of, scheduled_actions_of
from nightcrew.aws.calls import calls
from nightcrew.aws.dynamodb_settings import Settings
from nightcrew.aws.setting import Seen, Setting

_scaling = calls("application-autoscaling")


def capacities(settings: Settings, target: str) -> list[Setting]:
    """The targets, then their policies and schedules. A policy with a metric of its own, and a schedule that does not
    repeat, are left for a person (``left_behind``): one would watch the old table, the other may lie in the past.
    """
    if not settings.scales:
        return []
    old = f"table/{settings.table['name']}"

    def new(resource: str) -> str:
        return f"table/{target}{resource[len(old) :]}"

    targets = [_target(each, new(each["resource"])) for each in settings.targets]
    policies = [_policy(each, new(each["resource"])) for each in settings.scaling if each["tracking"]]
    schedules = [_schedule(each, new(each["resource"])) for each in settings.schedules if each["repeats"]]
    return [*targets, *policies, *schedules]


def _target(target: dict[str, Any], resource: str) -> Setting:
    dimension = target["dimension"]
    words, which = _words(resource, dimension), _dimension(resource, dimension)
    read = _scaling.describe_scalable_targets(ServiceNamespace="dynamodb", ResourceIds=[resource])
    wanted = (dimension, target["min"], target["max"])

    def registered(answer: Any) -> bool:
        return wanted in [(each["dimension"], each["min"], each["max"]) for each in scalable_targets(answer)]

    def gone(answer: Any) -> bool:
        return dimension not in [each["dimension"] for each in scalable_targets(answer)]

    change = _scaling.register_scalable_target(
        MinCapacity=target["min"],
        MaxCapacity=target["max"],
        **({"SuspendedState": target["suspended"]} if target["suspended"] else {}),
        **which,
    )
    back = _scaling.deregister_scalable_target(**which)
    undo = Setting(
        f"let {words} scale no more", back, took_effect=gone, proof=Seen(f"{words} scales no more", read, gone)
    )
    return Setting(f"let {words} scale", change, proof=Seen(f"{words} scales", read, registered), undo=undo)


def _policy(policy: dict[str, Any], resource: str) -> Setting:
    name = policy["name"].replace(policy["resource"], resource)
    words = _words(resource, policy["dimension"])
    change = _scaling.put_scaling_policy(
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=policy["tracking"],
        **_dimension(resource, policy["dimension"]),
    )
    wanted = {**policy, "name": name, "resource": resource}
    seen_in = scaling_policies_of(resource)
    read = _scaling.describe_scaling_policies(ServiceNamespace="dynamodb", ResourceId=resource)
    proof = Seen(f"{words} scales by {name}", read, lambda answer: wanted in seen_in(answer))
    return Setting(f"scale {words} by {name}", change, proof=proof)


def _schedule(schedule: dict[str, Any], resource: str) -> Setting:
    name = schedule["name"]
    words = _words(resource, schedule["dimension"])
    change = _scaling.put_scheduled_action(
        ScheduledActionName=name,
        Schedule=schedule["schedule"],
        ScalableTargetAction=schedule["action"],
        **({"Timezone": schedule["zone"]} if schedule["zone"] else {}),
        **_dimension(resource, schedule["dimension"]),
    )
    wanted = {**schedule, "resource": resource}
    seen_in = scheduled_actions_of(resource)
    read = _scaling.describe_scheduled_actions(ServiceNamespace="dynamodb", ResourceId=resource)
    proof = Seen(f"{words} scales on schedule {name}", read, lambda answer: wanted in seen_in(answer))
    return Setting(f"scale {words} on schedule {name}", change, proof=proof)


def _dimension(resource: str, dimension: str) -> dict[str, str]:
    return {"ServiceNamespace": "dynamodb", "ResourceId": resource, "ScalableDimension": dimension}


def _words(resource: str, dimension: str) -> str:
    """``table/orders/index/by-day``, ``dynamodb:index:ReadCapacityUnits`` → ``the read capacity of by-day``."""
    side = "read" if "Read" in dimension else "write"
    return f"the {side} capacity of {resource.rsplit('/', 1)[-1]}"
