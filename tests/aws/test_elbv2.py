"""Target groups: how healthy their targets are."""

from typing import Any

import pytest

from nightcrew.aws.elbv2 import (
    healthy_among,
    in_use,
    is_asked,
    is_healthy,
    is_the_last,
    none_is_unhealthy,
    standing_of,
    target_group_name,
    target_groups_in,
    target_health,
)

ONE, TWO = "i-0abc1234def567890", "i-0abc1234def567891"


def answer(*states: str) -> dict[str, Any]:
    """A DescribeTargetHealth answer."""
    return {
        "TargetHealthDescriptions": [
            {
                "Target": {"Id": f"i-0abc1234def56789{number}", "Port": 80},
                "HealthCheckPort": "80",
                "TargetHealth": {"State": state},
            }
            for number, state in enumerate(states)
        ]
    }


def test_targets_are_counted_by_state() -> None:
    """However many there are, it is one line in the ledger."""
    assert target_health(answer("healthy", "initial", "healthy")) == {"healthy": 2, "initial": 1}
    assert target_health(answer()) == {}


def test_a_group_that_no_load_balancer_asks_is_not_in_use() -> None:
    assert not in_use(target_health(answer("unused", "unused")))
    assert not in_use(target_health(answer()))
    assert in_use(target_health(answer("unused", "unhealthy")))


def test_its_name_stands_in_its_arn() -> None:
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/checkout/73e2d6bc24d8a067"
    assert target_group_name(arn) == "checkout"


def registered(*targets: tuple[str, int, str]) -> dict[str, Any]:
    """A DescribeTargetHealth answer: targets, their ports, their states."""
    return {
        "TargetHealthDescriptions": [
            {"Target": {"Id": target, "Port": port}, "TargetHealth": {"State": state}}
            for target, port, state in targets
        ]
    }


def test_a_target_stands_by_each_of_its_ports_and_beside_others() -> None:
    """Others are counted once, however many ports they have."""
    seen = standing_of(ONE)(
        registered((ONE, 80, "healthy"), (ONE, 81, "initial"), (TWO, 80, "healthy"), (TWO, 81, "healthy"))
    )
    assert seen == {"states": ["healthy", "initial"], "others": 1}
    assert not is_healthy(seen)
    assert is_healthy({"states": ["healthy", "healthy"], "others": 0})


def test_one_that_is_not_registered_is_not_asked_and_not_healthy() -> None:
    seen = standing_of(ONE)(registered((TWO, 80, "healthy")))
    assert (seen["states"], is_asked(seen), is_healthy(seen), is_the_last(seen)) == ([], False, False, False)


@pytest.mark.parametrize("state", ["draining", "unused", "unavailable"])
def test_one_on_its_way_out_is_not_asked(state: str) -> None:
    assert not is_asked(standing_of(ONE)(registered((ONE, 80, state))))


def test_the_last_one_is_healthy_and_alone() -> None:
    """One that is ill already is nothing to lose."""
    assert is_the_last(standing_of(ONE)(registered((ONE, 80, "healthy"), (TWO, 80, "unhealthy"))))
    assert not is_the_last(standing_of(ONE)(registered((ONE, 80, "unhealthy"))))
    assert not is_the_last(standing_of(ONE)(registered((ONE, 80, "healthy"), (TWO, 80, "healthy"))))


def test_the_healthy_ones_among_some_are_told_by_name() -> None:
    answer = registered((ONE, 80, "healthy"), (TWO, 80, "initial"))
    assert healthy_among([ONE, TWO])(answer) == [ONE]


def test_target_groups_of_a_vpc_are_those_of_instances_that_a_load_balancer_uses() -> None:
    used = {"TargetType": "instance", "VpcId": "vpc-1", "LoadBalancerArns": ["arn:of-a-balancer"]}
    listed = [
        {"TargetGroupArn": "b", **used},
        {"TargetGroupArn": "a", **used},
        {"TargetGroupArn": "other-vpc", **used, "VpcId": "vpc-2"},
        {"TargetGroupArn": "addresses", **used, "TargetType": "ip"},
        {"TargetGroupArn": "unused", **used, "LoadBalancerArns": []},
    ]
    page = target_groups_in("vpc-1")
    assert page({"TargetGroups": listed, "NextMarker": "more"}) == {"arns": ["a", "b"], "more": "more"}
    assert page({"TargetGroups": []}) == {"arns": [], "more": None}


def test_none_is_unhealthy_where_some_is_healthy_and_the_rest_is_on_its_way_out() -> None:
    assert none_is_unhealthy({"healthy": 2, "draining": 1})
    assert not none_is_unhealthy({"healthy": 2, "unhealthy": 1})
    assert not none_is_unhealthy({"healthy": 2, "initial": 1})
    assert not none_is_unhealthy({"draining": 1})
