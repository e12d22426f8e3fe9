"""Bring back what the objects under a prefix of an S3 bucket were at a time, as new versions of them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from nightcrew import Run, calls, runbook
from nightcrew.aws import s3 as probes
from nightcrew.aws.calls import Call
from nightcrew.aws.s3 import BucketName

s3 = calls("s3")

PAGE = 60
"""Versions a page: what differs among them fits into a step's memory of 16 KB, for keys of ordinary length."""
PAGES = 100
MOST = 400
"""Each object costs two of an execution's 3,000 operations, its undo a third, and the ledger one entry: 200 objects
were 203 entries, 1,020 write units and less than a minute on moto.
"""
SOON = timedelta(minutes=1)
SHOWN = 80

Difference = dict[str, Any]


@runbook(
    family="restore",
    risk="disruptive",
    by_hand=timedelta(hours=1),
    deadline=timedelta(hours=2),
    permissions=[
        "s3:DeleteObject",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:ListBucketVersions",
        "s3:PutObject",
    ],
)
def restore_s3_versions(
    run: Run, bucket: BucketName, prefix: str, to: datetime, delete_new: bool = False, most: int = 200
) -> str:
    """Compares each key that begins with `prefix` (all keys: give it empty) with what it was at the time `to`, and once
    a person agreed copies the version of that time over what was written or deleted since.

    Nothing is ever removed: a copy is a new version on top, and `delete_new`, which deletes what there was not at that
    time, only adds delete markers. So there are two ways back: if a step fails, each object becomes again what it was
    when the run began; and afterwards, start it again with `to` set to when this run began, and `delete_new`.

    Each object is a change of its own, in the ledger with the version that it was and that it became. More than `most`
    of them (400 at the utmost), or more than 6,000 versions to look at, are refused before anything is changed: take
    a longer prefix, or S3 Batch Operations. Refused by name are objects of more than 5 GB and those in an archive
    (Glacier, Deep Archive).

    Stop whoever writes before approving. An object that changed after the comparison is not written over: S3 refuses
    that, and the run takes back what it has done. Proved is, for each object, that the version which the run made is
    current and as large as the one of that time.

    A copy has the metadata, the tags and the storage class of its version, and the bucket's own encryption: a key of
    KMS must let the deployed role use it. Access lists are not copied. Under Object Lock the copies are kept as long as
    the bucket says. What a lifecycle rule has removed since cannot be told from what never was. The deployed role
    acts on buckets tagged `nightcrew: managed`, once tags are turned on for their access control (PutBucketAbac).
    """
    versioning = s3.get_bucket_versioning(Bucket=bucket)
    run.require("its versioning is on", run.read("look at its versioning", versioning, pick=probes.is_versioned))
    lock = s3.get_object_lock_configuration(Bucket=bucket)
    locked = run.read("look at its Object Lock", lock, pick=probes.retention, missing="")
    run.require("the time is past", to <= run.now)
    run.require(f"no more than {MOST} objects may be changed", most <= MOST)
    found = _differences(run, bucket, prefix, to, most)
    unclear = [each["key"][:SHOWN] for each in found if each["kind"] == "unclear"]
    run.require(f"it is clear what each was: {unclear[:3] or 'all are'}", not unclear)
    todo = [each for each in found if delete_new or each["kind"] != "new"]
    run.require("something differs from what it was", todo)
    run.require(f"no more than {most} objects differ", len(todo) <= most)
    heavy = [key[:SHOWN] for key in probes.too_heavy(todo)]
    run.require(f"each can be copied: {heavy[:3] or 'all can'}", not heavy)

    new = sum(each["kind"] == "new" for each in found)
    kept = f", each kept by Object Lock ({locked})" if locked else ""
    run.approve(f"bring back {len(todo)} objects under {bucket}/{prefix}{kept}")
    made = {each["key"]: _bring_back(run, bucket, each) for each in todo}
    for each in todo:
        key, name = each["key"], each["key"][:SHOWN]
        run.prove(
            f"{name} is what it was",
            _latest(bucket, key),
            _is_brought_back(each, made[key]),
            within=SOON,
            pick=partial(probes.latest_of, key),
        )
    left = "" if delete_new or not new else f"; {new} that were not there then stay"
    return f"{len(todo)} objects under {bucket}/{prefix} are what they were{left}"


def _differences(run: Run, bucket: str, prefix: str, to: datetime, most: int) -> list[Difference]:
    """What differs, page by page; no further than to the first page on which it is too much."""
    found: list[Difference] = []
    page: dict[str, Any] = {"kept": None, "more": {}}
    for number in range(1, PAGES + 1):
        call = s3.list_object_versions(Bucket=bucket, Prefix=prefix, MaxKeys=PAGE, **page["more"])
        pick = partial(probes.compare, to, page["kept"])
        page = run.read(f"compare its versions, page {number}", call, pick=pick)
        found += page["found"]
        if page["more"] is None or sum(each["kind"] != "new" for each in found) > most:
            return found
    run.require(f"there are no more than {PAGE * PAGES} versions under the prefix", False)
    return found


def _bring_back(run: Run, bucket: str, each: Difference) -> Any:
    """Make it what it was; returns the version that this made. Only what is current as it was seen is written over."""
    key, name = each["key"], each["key"][:SHOWN]
    took_effect = (_latest(bucket, key), lambda answer: probes.latest_of(key, answer)["id"] != each["now"])
    if each["kind"] == "new":
        delete = s3.delete_object(Bucket=bucket, Key=key, IfMatch=each["etag"])
        return run.change(
            f"delete {name}",
            delete,
            undo=_put_back_what_was_current(bucket, each),
            took_effect=took_effect,
            pick=_version,
        ).get("id")
    seen = {"IfMatch": each["etag"]} if "etag" in each else {"IfNoneMatch": "*"}
    return run.change(
        f"bring back {name}",
        _copy(bucket, key, each["was"], StorageClass=each["class"], **seen),
        undo=_put_back_what_was_current(bucket, each),
        took_effect=took_effect,
        pick=_version,
    ).get("id")


def _put_back_what_was_current(bucket: str, each: Difference) -> Call:
    """A version, or a delete marker: which comes on top by deleting it once more."""
    if "etag" in each:
        return _copy(bucket, each["key"], each["now"])
    return s3.delete_object(Bucket=bucket, Key=each["key"])


def _is_brought_back(each: Difference, made: str | None) -> Callable[[Any], bool]:
    """Without a reply it is not known which version was made: then it is another one than before, of the right size."""

    def holds(seen: dict[str, Any]) -> bool:
        right = seen["id"] == made if made else seen["id"] != each["now"]
        return bool(right and seen["size"] == each.get("size"))

    return holds


def _copy(bucket: str, key: str, version: str, **more: Any) -> Call:
    """The version on top of its own key; metadata and tags come along by themselves."""
    return s3.copy_object(Bucket=bucket, Key=key, CopySource=f"{bucket}/{key}?versionId={version}", **more)


def _latest(bucket: str, key: str) -> Call:
    """A key is the first of those that begin with it, and its current version the first of its versions."""
    return s3.list_object_versions(Bucket=bucket, Prefix=key, MaxKeys=1)


def _version(answer: Any) -> dict[str, Any]:
    return {"id": answer.get("VersionId")}
