"""S3 buckets and the versions of their objects: what was current at a time, and what is now.

A listing has versions and delete markers, by key, the newest first within a key; times have whole seconds (S3 API
reference, ListObjectVersions). What an upload in parts made counts from when it was begun (user guide, "Uploading").
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any

from nightcrew.aws.arns import Lookup, ResourceName, Surroundings
from nightcrew.aws.calls import calls
from nightcrew.aws.tags import tags_of
from nightcrew.clock import moment

_s3 = calls("s3")

LARGEST = 5 * 1024**3
"""Bytes: what CopyObject copies at most (S3 API reference, CopyObject)."""

_ASLEEP = {"DEEP_ARCHIVE", "GLACIER"}
"""Storage classes whose objects must be restored before they can be read (S3 user guide, "Storage classes")."""

Version = dict[str, Any]
"""``{"key", "id", "at", "latest", "marker", "size", "etag", "class"}``; a delete marker has no size."""


def is_versioned(answer: Any) -> bool:
    """Whether versioning is on, not off nor suspended, of a GetBucketVersioning answer."""
    return bool(answer.get("Status") == "Enabled")


def retention(answer: Any) -> str:
    """For how long Object Lock keeps what is written, of a GetObjectLockConfiguration answer: ``GOVERNANCE 30 days``,
    or nothing.
    """
    found = (answer["ObjectLockConfiguration"].get("Rule") or {}).get("DefaultRetention") or {}
    unit = "Days" if "Days" in found else "Years"
    return f"{found['Mode']} {found[unit]} {unit.lower()}" if found else ""


def compare(to: datetime, kept: Any, answer: Any) -> dict[str, Any]:
    """How the keys on a page of ListObjectVersions differ from what they were at the time ``to``.

    ``{"found", "kept", "more"}``: ``more`` asks for the next page, or is None; ``kept`` is what that needs to know of
    the last key, whose versions may go on there. ``found`` has, for each key that differs, its ``key``, its ``kind``,
    and what is current ``now`` (version ids, and an ETag):

    - "changed", "deleted": the version that it ``was``, its ``size`` and ``class``
    - "new": there was none at that time
    - "unclear": it was written and deleted within one second, and the listing does not tell in which order
    """
    found: list[dict[str, Any]] = []
    here = kept
    for each in _versions(answer):
        if here is None or here["now"]["key"] != each["key"]:
            found += _difference(here)
            here = {"now": each, "was": None, "unclear": False}
        was = here["was"]
        if was is None and moment(each["at"]) <= to:
            here["was"] = each
        elif was is not None and each["at"] == was["at"] and each["marker"] != was["marker"] and not was["latest"]:
            here["unclear"] = True
    if not answer.get("IsTruncated"):
        return {"found": [*found, *_difference(here)], "kept": None, "more": None}
    more = {"KeyMarker": answer["NextKeyMarker"], "VersionIdMarker": answer["NextVersionIdMarker"]}
    return {"found": found, "kept": here, "more": more}


def latest_of(key: str, answer: Any) -> dict[str, Any]:
    """What is current at a key: ``{"id", "size"}``, of a ListObjectVersions answer with that key as its prefix.

    Without a size it is a delete marker; without an id there has never been anything.
    """
    found = next((each for each in _versions(answer) if each["key"] == key and each["latest"]), {"id": None})
    return {"id": found["id"], "size": found.get("size")}


def too_heavy(found: Iterable[dict[str, Any]]) -> list[str]:
    """The keys whose version of that time CopyObject cannot copy: larger than 5 GB, or in an archive."""
    return [each["key"] for each in found if each.get("size", 0) > LARGEST or each.get("class") in _ASLEEP]


def _versions(answer: Any) -> list[Version]:
    """Versions and delete markers together, by key, the newest first."""
    found: list[Version] = [
        {
            "key": str(each["Key"]),
            "id": str(each["VersionId"]),
            "at": str(each["LastModified"]),
            "latest": bool(each["IsLatest"]),
            "marker": marker,
            **({} if marker else {"size": int(each["Size"]), "etag": str(each["ETag"])}),
            **({} if marker else {"class": str(each.get("StorageClass", "STANDARD"))}),
        }
        for marker, member in ((False, "Versions"), (True, "DeleteMarkers"))
        for each in answer.get(member) or []
    ]
    # Each sort keeps the order of what is equal to it: versions of one second stay as they were listed.
    found.sort(key=lambda each: moment(each["at"]), reverse=True)
    found.sort(key=lambda each: not each["latest"])
    return sorted(found, key=lambda each: str(each["key"]))


def _difference(here: Any) -> Iterator[dict[str, Any]]:
    if here is None:
        return
    now, was = here["now"], here["was"]
    told = {"key": now["key"], "now": now["id"], **({} if now["marker"] else {"etag": now["etag"]})}
    if here["unclear"]:
        yield {**told, "kind": "unclear"}
    elif was is None or was["marker"]:
        if not now["marker"]:
            yield {**told, "kind": "new"}
    elif was["id"] != now["id"]:
        kind = "deleted" if now["marker"] else "changed"
        yield {**told, "kind": kind, "was": was["id"], "size": was["size"], "class": was["class"]}


BucketName = Annotated[
    str,
    ResourceName(
        # A bucket's own ARN has neither Region nor account; this one has those of the run, which is where its policy
        # looks. Names are unique everywhere, so that it is still one lock.
        "s3",
        "{}",
        pattern=r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        example="shop-assets",
        lookup=Lookup(
            "s3:GetBucketTagging",
            lambda name: _s3.get_bucket_tagging(Bucket=name),
            lambda answer: Surroundings(tags=tags_of(answer.get("TagSet"))),
        ),
    ),
]
"""The name of a general purpose bucket."""
