"""A renamed alarm is the same one; another direction, another metric, another service is not."""

import pytest

from nightcrew.knowledge.recall.likeness import SIMILAR, alike, likeness

RENAMED = [
    ("checkout-5xx-prod-high", "high-5xx-checkout-staging-2"),
    ("checkout-errors-prod", "PROD/checkout: too many 5XX"),
    ("checkout-3-status-check", "status_check checkout 4"),
    ("OrdersQueueBacklog", "orders-queue-alarm"),
    ("orders-db-cpu-high", "high CPU utilization on orders database"),
    ("checkout-p99-latency", "checkout-latency-p95-critical"),
    ("CWAgent:mem_used_percent:high", "System/Linux:MemoryUtilization:high"),
]
NEAR_MISSES = [
    ("AWS/EC2:CPUUtilization:high", "AWS/EC2:CPUUtilization:low"),
    ("AWS/EC2:CPUUtilization:high", "AWS/RDS:CPUUtilization:high"),
    ("AWS/EC2:StatusCheckFailed_Instance:high", "AWS/EC2:StatusCheckFailed_System:high"),
    ("AWS/EC2:StatusCheckFailed_Instance:high", "AWS/EC2:StatusCheckFailed:high"),
    ("checkout-api-5xx", "payments-api-5xx"),
    ("checkout-5xx", "checkout-latency"),
    ("by hand:restart-ec2-instance", "by hand:reboot-ec2-instance"),
    ("orders-queue-too-long", "orders-queue-low"),
    ("aws.rds:RDS DB Instance Event:RDS-EVENT-0007", "aws.rds:RDS DB Instance Event:RDS-EVENT-0088"),
]


@pytest.mark.parametrize(("one", "other"), RENAMED)
def test_an_alarm_under_another_name_is_similar(one: str, other: str) -> None:
    """Other order, environment or number; another word for the same thing."""
    assert SIMILAR <= likeness(one, other) < 1
    assert likeness(other, one) == likeness(one, other)


@pytest.mark.parametrize(("one", "other"), NEAR_MISSES)
def test_a_near_miss_is_not_similar(one: str, other: str) -> None:
    """However many letters they share."""
    assert likeness(one, other) < SIMILAR
    assert likeness(other, one) == likeness(one, other)


def test_every_renamed_one_is_more_alike_than_every_near_miss() -> None:
    assert min(likeness(*pair) for pair in RENAMED) > max(likeness(*pair) for pair in NEAR_MISSES)


@pytest.mark.parametrize("text", ["", "prod", "42", "---", "AWS/EC2::high", "…", "a" * 5000])
def test_any_text_can_be_compared(text: str) -> None:
    """An alarm is called what people call it."""
    assert likeness(text, text) == (1.0 if text else 0.0)
    assert 0 <= likeness(text, "checkout-5xx") < SIMILAR


def test_the_most_alike_come_first_and_what_shares_no_word_does_not_come() -> None:
    found = alike("checkout-5xx", ["orders-latency", "checkout-5xx-prod", "checkout-latency"], 5)
    assert [text for text, _ in found] == ["checkout-5xx-prod", "checkout-latency"]
