"""Who the caller is, and whether this machine's clock is right."""

from datetime import UTC, datetime, timedelta

import pytest

from nightcrew.cli.account import Who
from nightcrew.cli.caller import Caller, ahead

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ADA = Who("123456789012", "eu-west-1", "arn:aws:iam::123456789012:user/ada")


def replied(**headers: str) -> dict[str, object]:
    return {"ResponseMetadata": {"HTTPHeaders": headers}}


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Sat, 21 Nov 2026 03:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 02:59:00 GMT", 60),
        ("Sat, 21 Nov 2026 03:02:00 GMT", -120),
    ],
)
def test_the_clock_is_compared_with_the_services(date: str, seconds: int) -> None:
    """By the Date header of its reply; which case it has is no matter."""
    assert ahead(replied(date=date), NOW) == timedelta(seconds=seconds)
    assert ahead(replied(Date=date), NOW) == timedelta(seconds=seconds)


def test_a_reply_without_a_date_tells_nothing() -> None:
    assert ahead({}, NOW) is None
    assert ahead(replied(date="soon"), NOW) is None


@pytest.mark.parametrize(("seconds", "off"), [(0, 0), (30, 0), (-30, 0), (31, 31), (-45, -45), (None, 0)])
def test_more_than_half_a_minute_is_too_much(seconds: int | None, off: int) -> None:
    length = None if seconds is None else timedelta(seconds=seconds)
    assert Caller(ADA, verified=True, ahead=length).clock_off == off
