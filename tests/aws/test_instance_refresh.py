"""Instance refreshes: how far the newest is, and whether it would roll out something new."""

from typing import Any

import pytest

from nightcrew.aws.instance_refresh import is_refreshing, launches_what, newest_refresh, not_refreshed, replaceable


def template(version: str | None, name: str = "lt-0abc") -> dict[str, Any]:
    """A launch template as a group or an instance names it."""
    return {"LaunchTemplateId": name, "LaunchTemplateName": "web", **({"Version": version} if version else {})}


def group(*instances: dict[str, Any], **what: Any) -> dict[str, Any]:
    """A DescribeAutoScalingGroups answer."""
    return {"AutoScalingGroups": [{"AutoScalingGroupName": "web", "Instances": list(instances), **what}]}


def test_the_newest_refresh_is_listed_first() -> None:
    listed = [
        {"InstanceRefreshId": "b", "Status": "InProgress", "PercentageComplete": 40, "StatusReason": "waiting"},
        {"InstanceRefreshId": "a", "Status": "Successful"},
    ]
    found = newest_refresh({"InstanceRefreshes": listed})
    assert found == {"id": "b", "status": "InProgress", "stopping": False, "done": 40, "why": "waiting"}


def test_a_group_that_was_never_refreshed_has_none() -> None:
    found = newest_refresh({"InstanceRefreshes": []})
    assert (found["id"], is_refreshing(found)) == (None, False)


@pytest.mark.parametrize(
    ("status", "under_way", "stopping"),
    [
        ("Pending", True, False),
        ("Baking", True, False),
        ("Cancelling", True, True),
        ("Cancelled", False, True),
        ("Successful", False, False),
        ("Failed", False, False),
        ("RollbackInProgress", True, False),
        ("RollbackSuccessful", False, False),
    ],
)
def test_a_refresh_is_under_way_until_it_ended(status: str, under_way: bool, stopping: bool) -> None:
    found = newest_refresh({"InstanceRefreshes": [{"InstanceRefreshId": "a", "Status": status}]})
    assert (is_refreshing(found), found["stopping"]) == (under_way, stopping)


def test_what_a_group_launches_and_what_runs_are_named_alike() -> None:
    answer = group(
        {"LaunchTemplate": template("3")}, {"LaunchTemplate": template("2")}, LaunchTemplate=template("$Latest")
    )
    assert launches_what(answer) == {
        "launches": ["lt-0abc:$Latest"],
        "runs": ["lt-0abc:2", "lt-0abc:3"],
        "templates": ["lt-0abc"],
    }


def test_a_group_that_names_no_version_means_the_default_one() -> None:
    assert launches_what(group(LaunchTemplate=template(None)))["launches"] == ["lt-0abc:$Default"]


def test_launch_configurations_have_no_versions() -> None:
    answer = group({"LaunchConfigurationName": "old"}, LaunchConfigurationName="new")
    assert launches_what(answer) == {"launches": ["new"], "runs": ["old"], "templates": []}


def test_a_mixed_group_may_launch_several_things() -> None:
    """An override may have a template of its own."""
    mixed = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": template("3"),
            "Overrides": [
                {"InstanceType": "t3.micro"},
                {"InstanceType": "t4g.micro", "LaunchTemplateSpecification": template("1", "lt-0arm")},
            ],
        }
    }
    found = launches_what(group(MixedInstancesPolicy=mixed))
    assert (found["launches"], found["templates"]) == (["lt-0abc:3", "lt-0arm:1"], ["lt-0abc", "lt-0arm"])


def test_an_instance_that_says_nothing_is_not_taken_for_the_same() -> None:
    """Its template was deleted, or it was attached by hand."""
    assert launches_what(group({}, LaunchTemplate=template("3")))["runs"] == ["unknown"]


def test_protected_instances_and_those_on_standby_are_not_replaced() -> None:
    answer = group(
        {"InstanceId": "i-1", "LifecycleState": "InService", "ProtectedFromScaleIn": False},
        {"InstanceId": "i-2", "LifecycleState": "InService", "ProtectedFromScaleIn": True},
        {"InstanceId": "i-3", "LifecycleState": "Standby"},
    )
    assert replaceable(answer) == ["i-1"]
    assert not_refreshed(["i-1", "i-9"])(answer) == ["i-1"]
