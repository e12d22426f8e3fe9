"""scale-out-auto-scaling-group: which groups it leaves as they are."""

from typing import Any

import pytest

from tests.house import House
from tests.runbooks.groups import a_group, a_target_group, described

NAME = "scale-out-auto-scaling-group"


def not_applicable(house: House, group: str, why: str, **given: Any) -> None:
    """It ends so, says why, and sent no change."""
    _, ended = house.start(NAME, group=group, **given)
    assert ended["outcome"] == "not_applicable"
    assert why in ended["words"]
    assert house.scripted.changes() == []


def test_a_group_that_does_not_exist_is_not_applicable(house: House) -> None:
    not_applicable(house, "nobody-made-this", "there is no such Auto Scaling group")


def test_a_group_at_its_maximum_is_left_alone_and_told_so(house: House) -> None:
    """Whoever reads it knows which of the two bounds to think about."""
    not_applicable(house, a_group(house, largest=2), "MaxSize (2)")


def test_a_group_at_the_cap_is_left_alone_and_told_so(house: House) -> None:
    not_applicable(house, a_group(house), "at_most (2)", at_most=2)


def test_a_percentage_that_adds_nothing_is_not_applicable(house: House) -> None:
    not_applicable(house, a_group(house), "percent is above 0", percent=-50)


def test_a_group_that_launches_already_is_left_alone(house: House) -> None:
    """Its own scaling policy was quicker: what that launched would come on top."""
    group = a_group(house)
    house.scripted.script(
        "autoscaling", "DescribeAutoScalingGroups", lambda _: described(house, group, DesiredCapacity=3)
    )
    not_applicable(house, group, "nothing is on its way already")


def test_a_group_with_an_unhealthy_instance_is_left_to_replace_it(house: House) -> None:
    group = a_group(house)
    instances = described(house, group)["AutoScalingGroups"][0]["Instances"]
    house.crew.client("autoscaling").set_instance_health(
        InstanceId=instances[0]["InstanceId"], HealthStatus="Unhealthy"
    )
    not_applicable(house, group, "nothing is on its way already")


def test_a_group_that_is_being_deleted_is_left_alone(house: House) -> None:
    group = a_group(house)
    house.scripted.script(
        "autoscaling", "DescribeAutoScalingGroups", lambda _: described(house, group, Status="Delete in progress")
    )
    not_applicable(house, group, "not being deleted")


def test_a_group_that_may_not_launch_is_left_alone(house: House) -> None:
    """Somebody suspended the process: a larger number would stay a number."""
    group = a_group(house)
    house.crew.client("autoscaling").suspend_processes(AutoScalingGroupName=group, ScalingProcesses=["Launch"])
    not_applicable(house, group, "Launch is not suspended")


def test_a_group_whose_instances_would_not_join_the_load_balancer_is_left_alone(house: House) -> None:
    group = a_group(house, targets=a_target_group(house))
    house.crew.client("autoscaling").suspend_processes(
        AutoScalingGroupName=group, ScalingProcesses=["AddToLoadBalancer"]
    )
    not_applicable(house, group, "AddToLoadBalancer is not suspended")


def test_a_suspended_load_balancer_process_does_not_matter_without_target_groups(house: House) -> None:
    group = a_group(house)
    house.crew.client("autoscaling").suspend_processes(
        AutoScalingGroupName=group, ScalingProcesses=["AddToLoadBalancer"]
    )
    assert house.start(NAME, group=group)[1]["outcome"] == "succeeded"


@pytest.mark.parametrize("status", ["Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"])
def test_a_group_that_is_being_refreshed_is_left_alone(house: House, status: str) -> None:
    """Two hands on one group: its size is what a refresh counts by."""
    refreshes = {"InstanceRefreshes": [{"InstanceRefreshId": "08b91cf7-8fa6-48af-b6a6-d227f40f1b9b", "Status": status}]}
    house.scripted.script("autoscaling", "DescribeInstanceRefreshes", lambda _: refreshes)
    not_applicable(house, a_group(house), "no instance refresh is under way")


def test_a_refresh_that_is_over_does_not_matter(house: House) -> None:
    refreshes = {"InstanceRefreshes": [{"Status": "RollbackSuccessful"}, {"Status": "Failed"}]}
    house.scripted.script("autoscaling", "DescribeInstanceRefreshes", lambda _: refreshes)
    assert house.start(NAME, group=a_group(house))[1]["outcome"] == "succeeded"
