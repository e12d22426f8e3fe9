"""Zonal shifts: what ARC's answers say."""

from datetime import timedelta
from typing import Any

import pytest

from nightcrew.aws.zonal_shift import minutes, shift_of, shifted, zone_id
from nightcrew.errors import Unknown


def managed(*shifts: dict[str, str], auto: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:
    """A GetManagedResource answer."""
    return {"appliedWeights": {"euw1-az1": 1.0}, "zonalShifts": list(shifts), "autoshifts": list(auto)}


APPLIED = {"appliedStatus": "APPLIED", "awayFrom": "euw1-az1"}


def test_what_is_shifted_is_what_is_applied_ours_or_awss() -> None:
    assert shifted(managed(APPLIED))["away"] == ["euw1-az1"]
    assert shifted(managed(auto=(APPLIED,)))["away"] == ["euw1-az1"]
    assert shifted(managed({**APPLIED, "appliedStatus": "NOT_APPLIED"}))["away"] == []


def test_practice_gives_way() -> None:
    """It ends where a shift begins in earnest."""
    assert shifted(managed({**APPLIED, "shiftType": "PRACTICE_RUN"}))["away"] == []


def test_our_shift_is_known_by_its_comment_while_it_is_active() -> None:
    other = {"zonalShiftId": "1", "comment": "by hand", "status": "ACTIVE"}
    ours = {"zonalShiftId": "2", "comment": "nightcrew:run x", "status": "ACTIVE"}
    assert shift_of({"items": [other, ours]}, "nightcrew:run x") == {"id": "2"}
    assert shift_of({"items": [other, {**ours, "status": "CANCELED"}]}, "nightcrew:run x") == {"id": None}


def test_a_zone_has_an_id() -> None:
    assert zone_id({"AvailabilityZones": [{"ZoneName": "eu-west-1a", "ZoneId": "euw1-az1"}]}) == "euw1-az1"
    with pytest.raises(Unknown):
        zone_id({"AvailabilityZones": []})


@pytest.mark.parametrize(("length", "text"), [(timedelta(hours=2), "120m"), (timedelta(seconds=90), "1m")])
def test_a_length_is_in_whole_minutes(length: timedelta, text: str) -> None:
    assert minutes(length) == text
