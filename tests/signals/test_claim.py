"""The claim: what makes two signals the same decision, and what makes them two."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.errors import BadEvent
from nightcrew.signals import signal_from

Read = Callable[[str], Any]


def changed(event: Any, path: str, value: Any) -> Any:
    *way, last = path.split(".")
    place = event
    for key in way:
        place = place[key]
    place[last] = value
    return event


def test_a_redelivered_event_has_the_same_claim_and_another_id(event: Read) -> None:
    first, again = signal_from(event("ec2-status-check")), signal_from(event("ec2-status-check-duplicate"))
    assert first.event != again.event
    assert first.claim == again.claim


def test_the_time_of_sending_is_no_part_of_it(event: Read) -> None:
    late = changed(event("ec2-status-check"), "time", "2026-11-21T03:07:00Z")
    assert signal_from(late).claim == signal_from(event("ec2-status-check")).claim


def test_the_same_moment_in_another_offset_is_the_same_claim(event: Read) -> None:
    other = changed(event("ec2-status-check"), "detail.state.timestamp", "2026-11-21T04:00:04.120+01:00")
    assert signal_from(other).claim == signal_from(event("ec2-status-check")).claim


def test_the_alarms_next_change_of_state_is_another_claim(event: Read) -> None:
    assert signal_from(event("ec2-status-check-ok")).claim != signal_from(event("ec2-status-check")).claim


def test_a_change_one_millisecond_later_is_another_claim(event: Read) -> None:
    later = changed(event("ec2-status-check"), "detail.state.timestamp", "2026-11-21T03:00:04.121+0000")
    assert signal_from(later).claim != signal_from(event("ec2-status-check")).claim


def test_each_contributor_has_a_claim_of_its_own(event: Read) -> None:
    one = signal_from(event("contributor"))
    other = signal_from(changed(event("contributor"), "detail.alarmContributor.id", "0000000000000001"))
    level = signal_from(event("contributor-alarm-level"))
    assert len({one.claim, other.claim, level.claim}) == 3


def test_the_same_alarm_name_in_another_account_or_region_is_another_claim(event: Read) -> None:
    claims = {signal_from(event("ec2-status-check")).claim}
    for account, region in (("111122223333", "eu-west-1"), ("123456789012", "us-east-1")):
        other = event("ec2-status-check") | {"account": account, "region": region}
        other["resources"] = [f"arn:aws:cloudwatch:{region}:{account}:alarm:checkout-web-1-instance-check"]
        claims.add(signal_from(other).claim)
    assert len(claims) == 3


@pytest.mark.parametrize("separator", ["\t", "\n", "\x00"])
def test_no_name_can_look_like_a_contributor_since_no_name_has_the_separator(event: Read, separator: str) -> None:
    arn = event("contributor")["resources"][0]
    with pytest.raises(BadEvent, match=r"resources\[0\]"):
        signal_from(changed(event("contributor-alarm-level"), "resources", [f"{arn}{separator}6d442278dba546f6"]))
    with pytest.raises(BadEvent, match=r"alarmContributor\.id"):
        signal_from(changed(event("contributor"), "detail.alarmContributor.id", f"6d44{separator}2278"))
