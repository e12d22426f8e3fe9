"""What is read from answers about snapshots of database instances. Shapes: RDS API reference, DBSnapshot."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.aws.rds_snapshots import newest, only_snapshot
from nightcrew.errors import Unknown

SINCE = datetime(2026, 11, 21, 2, tzinfo=UTC)


def snapshot(name: str, at: str | None, status: str = "available") -> dict[str, Any]:
    time = {"SnapshotCreateTime": at} if at else {}
    return {"DBSnapshotIdentifier": name, "Status": status, "SnapshotType": "manual", **time}


def test_the_newest_whole_one_of_a_page_is_found() -> None:
    """One that is still being made has no time, or is not whole."""
    page = [
        snapshot("old", "2026-11-20T03:00:00.000Z"),
        snapshot("newest", "2026-11-21T03:00:00.000Z"),
        snapshot("new", "2026-11-21T02:30:00.000Z"),
        snapshot("on-its-way", None, "creating"),
        snapshot("begun", "2026-11-21T04:00:00.000Z", "creating"),
    ]
    found = newest(SINCE, {"DBSnapshots": page, "Marker": "more"})
    assert found == {"newest": {"name": "newest", "at": "2026-11-21T03:00:00.000Z", "kind": "manual"}, "more": "more"}


def test_a_page_without_recent_ones_has_none() -> None:
    page = [snapshot("old", "2026-11-20T03:00:00.000Z")]
    assert newest(SINCE, {"DBSnapshots": page}) == {"newest": None, "more": None}


@pytest.mark.parametrize(
    ("status", "whole", "sound"),
    [("available", True, True), ("creating", False, True), ("failed", False, False)],
)
def test_whether_one_is_whole_and_whether_it_can_become_so(status: str, whole: bool, sound: bool) -> None:
    seen = only_snapshot({"DBSnapshots": [snapshot("one", None, status)]})
    assert (seen["whole"], seen["sound"]) == (whole, sound)


def test_none_is_unknown() -> None:
    with pytest.raises(Unknown):
        only_snapshot({"DBSnapshots": []})
