"""What the embedded cloud answers about Auto Scaling groups where moto alone would not."""

from moto.autoscaling.responses import AutoScalingResponse

from nightcrew.demo.scaling import whole_groups
from tests.house import House
from tests.runbooks.groups import a_group, a_target_group


def test_each_launch_is_listed_as_it_succeeded_newest_first(house: House) -> None:
    """As AWS lists them: an id that stays, so that what is newer can be told."""
    client, group = house.crew.client("autoscaling"), a_group(house, desired=1)
    (first,) = client.describe_scaling_activities(AutoScalingGroupName=group)["Activities"]
    client.update_auto_scaling_group(AutoScalingGroupName=group, DesiredCapacity=2)
    newest, oldest = client.describe_scaling_activities(AutoScalingGroupName=group)["Activities"]
    assert (oldest["ActivityId"], newest["StatusCode"]) == (first["ActivityId"], "Successful")
    assert newest["Description"].startswith("Launching a new EC2 instance: i-")


def test_what_an_update_launches_joins_the_target_groups(house: House) -> None:
    client, targets = house.crew.client("autoscaling"), a_target_group(house)
    group = a_group(house, targets=targets)
    client.update_auto_scaling_group(AutoScalingGroupName=group, DesiredCapacity=3)
    health = house.crew.client("elbv2").describe_target_health(TargetGroupArn=targets)["TargetHealthDescriptions"]
    assert [each["TargetHealth"]["State"] for each in health] == ["healthy"] * 3


def test_no_instance_refresh_is_under_way(house: House) -> None:
    client = house.crew.client("autoscaling")
    assert client.describe_instance_refreshes(AutoScalingGroupName=a_group(house))["InstanceRefreshes"] == []


def test_afterwards_moto_is_as_it_was() -> None:
    before = dict(vars(AutoScalingResponse))
    with whole_groups():
        assert dict(vars(AutoScalingResponse)) != before
    assert dict(vars(AutoScalingResponse)) == before
