"""Target groups: how healthy their targets are."""

from typing import Any

from nightcrew.aws.elbv2 import in_use, target_group_name, target_health


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
