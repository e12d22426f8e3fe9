"""Zonal shifts: which zone traffic is kept away from, and by whom.

A zone goes by its id here (``euw1-az1``): its name is another zone in each account. Sources: ARC zonal shift API
reference, GetManagedResource and ListZonalShifts; ARC developer guide, "Zonal shift".
"""

from datetime import timedelta
from typing import Any

from nightcrew.errors import Unknown

LONGEST = timedelta(hours=72)
"""For which a shift can be asked (Elastic Load Balancing user guide, "Start a zonal shift")."""

_GIVES_WAY = "PRACTICE_RUN"
"""A practice ends where somebody starts a shift in earnest."""


def zone_id(answer: Any) -> str:
    """The id of the one zone of a DescribeAvailabilityZones answer."""
    zones = answer["AvailabilityZones"]
    if not zones:
        raise Unknown("there is no such zone")
    return str(zones[0]["ZoneId"])


def shifted(answer: Any) -> dict[str, Any]:
    """From a GetManagedResource answer: ``{"weights": {zone id: 0.0 or 1.0}, "away": [zone ids]}``.

    ``away`` is what shifts and autoshifts keep traffic from now, practice apart: a shift of one's own would take
    precedence over an autoshift, and so bring traffic back to where AWS took it from.
    """
    shifts = [each for each in answer["zonalShifts"] if each.get("shiftType") != _GIVES_WAY]
    applied = [each for each in [*shifts, *answer.get("autoshifts", [])] if each["appliedStatus"] == "APPLIED"]
    return {"weights": answer["appliedWeights"], "away": sorted({str(each["awayFrom"]) for each in applied})}


def shift_of(answer: Any, comment: str) -> dict[str, Any]:
    """Ours among the active shifts of a ListZonalShifts answer, known by its comment: ``{"id"}``, None where it is
    not.
    """
    found = [each for each in answer["items"] if each["comment"] == comment and each["status"] == "ACTIVE"]
    return {"id": str(found[0]["zonalShiftId"]) if found else None}


def minutes(length: timedelta) -> str:
    """A length as StartZonalShift takes it: ``120m``."""
    return f"{int(length.total_seconds()) // 60}m"
