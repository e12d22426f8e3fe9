"""Snapshots of database instances: which is the newest, and what became of one.

Statuses: RDS API reference, DBSnapshot, and RDS user guide, "Viewing DB snapshot status".
"""

from datetime import datetime
from typing import Any

from nightcrew.clock import moment
from nightcrew.errors import Unknown


def newest(since: datetime, answer: Any) -> dict[str, Any]:
    """The newest whole snapshot since then, on a page of DescribeDBSnapshots: ``{"newest": {"name", "at", "kind"} or
    None, "more"}``.

    ``kind`` is "manual" or "automated"; ``more`` is the marker of the next page, or None.
    """
    whole = [
        {
            "name": str(each["DBSnapshotIdentifier"]),
            "at": str(each["SnapshotCreateTime"]),
            "kind": each.get("SnapshotType"),
        }
        for each in answer["DBSnapshots"]
        if each.get("Status") == "available"
        and each.get("SnapshotCreateTime")
        and moment(str(each["SnapshotCreateTime"])) >= since
    ]
    return {"newest": max(whole, key=lambda each: str(each["at"]), default=None), "more": answer.get("Marker")}


def only_snapshot(answer: Any) -> dict[str, Any]:
    """The one snapshot of a DescribeDBSnapshots answer: ``{"name", "status", "at", "percent", "whole", "sound"}``.

    A ``whole`` one can be restored; one that is not ``sound`` never can. Raises Unknown.
    """
    if not answer["DBSnapshots"]:
        raise Unknown("there is no such snapshot")
    found = answer["DBSnapshots"][0]
    return {
        "name": found["DBSnapshotIdentifier"],
        "status": found["Status"],
        "at": found.get("SnapshotCreateTime"),
        "percent": found.get("PercentProgress"),
        "whole": found["Status"] == "available",
        "sound": found["Status"] not in {"failed", "incompatible-restore"},
    }
