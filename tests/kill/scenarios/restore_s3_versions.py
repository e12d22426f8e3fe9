"""A bucket whose objects were overwritten, deleted and added, brought back by hand; Bob agrees."""

from typing import Any

from tests.kill.night import BOB
from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.stories import approved_by

BUCKET, CLOCK = "shop-assets", "shop-clock"
WHERE = {"LocationConstraint": "eu-west-1"}


def arrange(cloud: Arranging) -> Start:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=CLOCK, CreateBucketConfiguration=WHERE)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=WHERE)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for key in ("site/a.css", "site/b.css"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"good")
    was = _now(cloud)
    while _now(cloud) <= was:  # times have whole seconds
        pass
    s3.put_object(Bucket=BUCKET, Key="site/a.css", Body=b"bad")
    s3.delete_object(Bucket=BUCKET, Key="site/b.css")
    s3.put_object(Bucket=BUCKET, Key="site/new.css", Body=b"new")
    return Start(parameters={"bucket": BUCKET, "prefix": "site/", "to": was.isoformat(), "delete_new": True})


def _now(cloud: Arranging) -> Any:
    """The time by which the cloud stamps what is written."""
    cloud.client("s3").put_object(Bucket=CLOCK, Key="tick", Body=b"")
    return cloud.client("s3").head_object(Bucket=CLOCK, Key="tick")["LastModified"]


def afterwards(cloud: Arranging) -> Any:
    s3 = cloud.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    return {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode() for key in keys}


SCENARIO = Scenario("restore-s3-versions", arrange, afterwards, "succeeded", story=approved_by(BOB))
