"""Versioned buckets in the embedded cloud, for the tests of the runbooks about them."""

import itertools
from datetime import timedelta
from typing import Any

from moto.s3.models import s3_backends

from nightcrew.demo.embedded import ACCOUNT
from tests.house import House

_numbers = itertools.count(1)


def a_bucket(house: House, *, versioned: bool = True) -> str:
    """An empty bucket of a test's own."""
    name, s3 = f"shop-assets-{next(_numbers)}", house.crew.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def written(house: House, bucket: str, key: str, text: str, **more: Any) -> str:
    """Somebody writes an object; its version."""
    return str(house.crew.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode(), **more)["VersionId"])


def deleted(house: House, bucket: str, *keys: str) -> None:
    """Somebody deletes these objects, as people do: delete markers come on top."""
    for key in keys:
        house.crew.client("s3").delete_object(Bucket=bucket, Key=key)


def an_hour_passes(bucket: str) -> None:
    """Everything that is there was written an hour earlier: moto tells the machine's own time."""
    for _, versions in s3_backends[ACCOUNT]["aws"].buckets[bucket].keys.lists():
        for each in versions:
            each.last_modified -= timedelta(hours=1)


def texts(house: House, bucket: str) -> dict[str, str]:
    """What the bucket holds: each key with its current text."""
    s3 = house.crew.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys}
