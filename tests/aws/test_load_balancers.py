"""Load balancers: what is read from their answers."""

from typing import Any

import pytest

from nightcrew.authoring.form import Form
from nightcrew.aws.load_balancers import LoadBalancer, only_balancer, target_groups, targets
from nightcrew.errors import Unknown


def answer(*states: tuple[str, str, str | None]) -> dict[str, Any]:
    """A DescribeTargetHealth answer: (id, state, zone) each."""
    return {
        "TargetHealthDescriptions": [
            {
                "Target": {"Id": name, "Port": 80, **({"AvailabilityZone": zone} if zone else {})},
                "TargetHealth": {"State": state},
            }
            for name, state, zone in states
        ]
    }


def test_targets_are_the_healthy_the_ill_and_their_zones() -> None:
    """What leaves, and what nobody asks, takes no part."""
    seen = targets(
        answer(
            ("10.0.0.1", "healthy", "eu-west-1a"),
            ("10.0.1.1", "unhealthy", "eu-west-1b"),
            ("10.0.1.2", "draining", "eu-west-1b"),
            ("10.0.1.3", "unused", "eu-west-1b"),
        )
    )
    assert seen == {
        "healthy": ["10.0.0.1"],
        "ill": ["10.0.1.1"],
        "zones": {"10.0.0.1": "eu-west-1a", "10.0.1.1": "eu-west-1b"},
    }


def test_a_target_with_two_ports_is_healthy_by_one_of_them() -> None:
    assert targets(answer(("i-1", "unhealthy", None), ("i-1", "healthy", None))) == {
        "healthy": ["i-1"],
        "ill": [],
        "zones": {},
    }


def test_a_balancer_that_is_not_there_is_unknown() -> None:
    with pytest.raises(Unknown, match="load balancer"):
        only_balancer({"LoadBalancers": []})


def test_what_a_target_groups_targets_are() -> None:
    """Instances, where the answer does not say."""
    listed = [{"TargetGroupArn": "arn:b", "TargetType": "ip"}, {"TargetGroupArn": "arn:a"}]
    assert target_groups({"TargetGroups": listed}) == {"arn:a": "instance", "arn:b": "ip"}


def test_its_name_is_the_end_of_its_arn_as_cloudwatch_has_it() -> None:
    def runs(run: object, balancer: LoadBalancer) -> None:
        """Takes one."""

    marker = Form(runs).resources["balancer"]
    assert marker.arn("app/web/50dc6c495c0c9188", account="123456789012", region="eu-west-1") == (
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188"
    )
    assert marker.lookup is not None
    assert marker.lookup.read({"TagDescriptions": [{"Tags": [{"Key": "team", "Value": "shop"}]}]}).tags == {
        "team": "shop"
    }
    assert marker.lookup.read({"TagDescriptions": []}).tags == {}
