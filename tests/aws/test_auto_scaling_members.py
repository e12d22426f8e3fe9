"""The instances of an Auto Scaling group: one of them, the others, and who is new."""

from typing import Any

import pytest

from nightcrew.aws.autoscaling import has_left, hook_seconds, mates_of, newcomers, only_member
from nightcrew.errors import Unknown


def member(state: str = "InService", health: str = "HEALTHY", protected: bool = False) -> dict[str, Any]:
    """A DescribeAutoScalingInstances answer, which writes health in capitals."""
    found = {
        "InstanceId": "i-1",
        "AutoScalingGroupName": "web",
        "LifecycleState": state,
        "HealthStatus": health,
        "ProtectedFromScaleIn": protected,
    }
    return {"AutoScalingInstances": [found]}


def group(*instances: tuple[str, str, str], **weights: str) -> dict[str, Any]:
    """A DescribeAutoScalingGroups answer: ids, lifecycle states, health; and what some weigh."""
    listed = [
        {"InstanceId": name, "LifecycleState": state, "HealthStatus": health}
        | ({"WeightedCapacity": weights[name]} if name in weights else {})
        for name, state, health in instances
    ]
    return {"AutoScalingGroups": [{"AutoScalingGroupName": "web", "Instances": listed}]}


def test_a_member_is_what_its_group_says_of_it() -> None:
    found = only_member(member("Standby", "UNHEALTHY", protected=True))
    assert found == {"group": "web", "state": "Standby", "healthy": False, "protected": True}


def test_an_instance_that_no_group_owns_is_unknown() -> None:
    with pytest.raises(Unknown):
        only_member({"AutoScalingInstances": []})


@pytest.mark.parametrize("state", ["Terminating", "Terminating:Wait", "Terminating:Proceed", "Terminated"])
def test_an_instance_has_left_as_soon_as_it_terminates(state: str) -> None:
    assert has_left(member(state))
    assert not has_left(member("InService"))


def test_an_instance_that_is_listed_no_more_has_left() -> None:
    assert has_left({"AutoScalingInstances": []})


def test_the_others_count_what_serves_in_the_groups_own_units() -> None:
    answer = group(
        ("a", "InService", "Healthy"),
        ("b", "InService", "Healthy"),
        ("c", "Pending", "Healthy"),
        ("d", "InService", "Unhealthy"),
        a="4",
        b="2",
    )
    assert mates_of("a")(answer) == {"ids": ["b", "c", "d"], "serving": 2, "weight": 4}


def test_who_is_new_serves_and_was_not_there() -> None:
    """One that only boots is not counted yet."""
    answer = group(("old", "InService", "Healthy"), ("new", "InService", "Healthy"), ("boots", "Pending", "Healthy"))
    assert newcomers(["old"])(answer) == ["new"]


def test_a_group_that_is_gone_has_nobody() -> None:
    assert newcomers([])({"AutoScalingGroups": []}) == []


def test_hooks_are_added_up_by_what_they_hold() -> None:
    """One heartbeat of each, an hour where none is said."""
    hooks = [
        {"LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "HeartbeatTimeout": 300},
        {"LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"},
        {"LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "HeartbeatTimeout": 60},
    ]
    assert hook_seconds({"LifecycleHooks": hooks}) == {"launching": 3900, "terminating": 60}
