"""What S3's listings say of a time. Shapes: S3 API reference, ListObjectVersions."""

from datetime import UTC, datetime
from typing import Any

import pytest

from nightcrew.aws import s3 as probes

TO = datetime(2026, 11, 21, 2, tzinfo=UTC)
OLD, OLDER, NEW, NEWER = (f"2026-11-21T{time}.000Z" for time in ("01:30:00", "01:00:00", "03:00:00", "04:00:00"))


def version(identity: str, at: str, *, key: str = "a", latest: bool = False, **more: Any) -> dict[str, Any]:
    return {
        "Key": key,
        "VersionId": identity,
        "LastModified": at,
        "IsLatest": latest,
        "Size": 4,
        "ETag": f'"{identity}"',
        **more,
    }


def marker(identity: str, at: str, *, key: str = "a", latest: bool = False) -> dict[str, Any]:
    return {"Key": key, "VersionId": identity, "LastModified": at, "IsLatest": latest}


def compared(*versions: dict[str, Any], markers: tuple[dict[str, Any], ...] = ()) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = probes.compare(
        TO, None, {"Versions": list(versions), "DeleteMarkers": list(markers)}
    )["found"]
    return found


def test_what_was_overwritten_is_changed() -> None:
    """The newest version that is not after the time is what it was."""
    found = compared(
        version("v3", NEW, latest=True), version("v2", OLD, StorageClass="GLACIER_IR"), version("v1", OLDER)
    )
    assert found == [
        {"key": "a", "kind": "changed", "now": "v3", "etag": '"v3"', "was": "v2", "size": 4, "class": "GLACIER_IR"}
    ]


def test_what_was_deleted_is_deleted() -> None:
    """However often, and whatever was written in between."""
    (found,) = compared(
        version("v2", NEW), version("v1", OLD), markers=(marker("m2", NEWER, latest=True), marker("m1", NEW))
    )
    assert (found["kind"], found["now"], found["was"]) == ("deleted", "m2", "v1")
    assert "etag" not in found


@pytest.mark.parametrize("before", [(), (marker("m1", OLD),)], ids=["never there", "deleted then"])
def test_what_was_not_there_is_new(before: tuple[dict[str, Any], ...]) -> None:
    (found,) = compared(version("v2", NEW, latest=True), version("v1", NEW), markers=before)
    assert (found["kind"], found["now"]) == ("new", "v2")


def test_what_is_as_it_was_does_not_differ() -> None:
    same = version("v1", OLD, latest=True)
    gone = version("v1", OLDER, key="b")
    assert compared(same, gone, markers=(marker("m1", OLD, key="b", latest=True),)) == []


def test_written_and_deleted_in_one_second_is_unclear() -> None:
    """Versions and delete markers come in two lists."""
    (found,) = compared(version("v2", NEW, latest=True), version("v1", OLD), markers=(marker("m1", OLD),))
    assert found["kind"] == "unclear"


def test_what_is_current_came_last_in_its_second() -> None:
    assert compared(version("v1", OLD), markers=(marker("m1", OLD, latest=True),)) == []


def test_a_key_goes_on_on_the_next_page() -> None:
    """And the page after that is asked for by both markers."""
    first = {
        "Versions": [version("v2", NEW, latest=True)],
        "IsTruncated": True,
        "NextKeyMarker": "a",
        "NextVersionIdMarker": "v2",
    }
    page = probes.compare(TO, None, first)
    assert (page["found"], page["more"]) == ([], {"KeyMarker": "a", "VersionIdMarker": "v2"})
    second = {"Versions": [version("v1", OLD), version("w1", OLD, key="b", latest=True)]}
    rest = probes.compare(TO, page["kept"], second)
    assert [each["was"] for each in rest["found"]] == ["v1"]
    assert rest["more"] is None


def test_what_is_current_is_that_of_the_very_key() -> None:
    """Other keys begin with it."""
    answer = {"Versions": [version("v1", OLD, latest=True), version("w1", OLD, key="ab", latest=True)]}
    assert probes.latest_of("a", answer) == {"id": "v1", "size": 4}
    assert probes.latest_of("a", {"DeleteMarkers": [marker("m1", OLD, latest=True)]}) == {"id": "m1", "size": None}
    assert probes.latest_of("b", answer) == {"id": None, "size": None}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}, "GOVERNANCE 30 days"),
        ({"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 1}}, "COMPLIANCE 1 years"),
        (None, ""),
    ],
)
def test_for_how_long_object_lock_keeps(rule: Any, words: str) -> None:
    configuration = {"ObjectLockEnabled": "Enabled", **({"Rule": rule} if rule else {})}
    assert probes.retention({"ObjectLockConfiguration": configuration}) == words


@pytest.mark.parametrize(
    ("answer", "on"), [({"Status": "Enabled"}, True), ({"Status": "Suspended"}, False), ({}, False)]
)
def test_suspended_is_not_on(answer: dict[str, str], on: bool) -> None:
    assert probes.is_versioned(answer) is on
