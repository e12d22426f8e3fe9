"""restore-s3-versions: what it promises at night.

Shapes and errors: S3 API reference, ListObjectVersions, CopyObject and DeleteObject; conditions on what is current:
S3 user guide, "Conditional requests".
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from nightcrew.demo.scripted import Refusal
from tests.house import House
from tests.runbooks.approving import start_decided
from tests.runbooks.buckets import a_bucket, an_hour_passes, deleted, texts, written
from tests.runbooks.databases import not_applicable

NAME = "restore-s3-versions"
COPY, DELETE = "s3:CopyObject", "s3:DeleteObject"
GOOD = {"site/a.css": "good a", "site/b.css": "good b", "site/c.css": "good c", "other": "good"}
AFTER = {**GOOD, "site/new.css": "new"}


def a_bad_night(house: House) -> str:
    """A bucket in which, an hour after all was good, one object was overwritten, one deleted and one added."""
    bucket = a_bucket(house)
    for key, text in GOOD.items():
        written(house, bucket, key, text, ContentType="text/css", Tagging="team=web")
    an_hour_passes(bucket)
    written(house, bucket, "site/a.css", "bad")
    deleted(house, bucket, "site/b.css")
    written(house, bucket, "site/new.css", "new")
    written(house, bucket, "other", "somebody else's")
    return bucket


def half_an_hour_ago(house: House) -> datetime:
    return house.crew.installation.clock.now() - timedelta(minutes=30)


def start(house: House, bucket: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A run on what is under ``site/``, to half an hour ago, to which somebody agrees."""
    given = {"prefix": "site/", "to": half_an_hour_ago(house), **more}
    return start_decided(house, NAME, bucket=bucket, **given)


def left_alone(house: House, why: str, bucket: str, **more: Any) -> None:
    """It ends as not applicable, says why, and sent no change."""
    not_applicable(house, NAME, why, bucket=bucket, **{"prefix": "site/", "to": half_an_hour_ago(house), **more})


def changed(house: House, run: str) -> dict[str, str]:
    """What the run changed, and how."""
    return {fact["changed"]: fact["how"] for fact in house.facts(run) if "changed" in fact}


def tour(house: House) -> None:
    """The run that sends every call that it declares."""
    assert start(house, a_bad_night(house), delete_new=True)[1]["outcome"] == "succeeded"


def test_it_brings_back_what_was_overwritten_and_what_was_deleted(house: House) -> None:
    """As new versions; what was added stays, and what is under no such prefix is not looked at."""
    bucket = a_bad_night(house)
    run, ended = start(house, bucket)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert texts(house, bucket) == {**AFTER, "other": "somebody else's"}
    assert list(changed(house, run)) == ["bring back site/a.css", "bring back site/b.css"]
    assert [fact["proved"] for fact in house.facts(run) if "proved" in fact] == [
        "site/a.css is what it was",
        "site/b.css is what it was",
    ]
    assert "2 objects" in ended["words"]
    assert ended["words"].endswith("; 1 that were not there then stay")


def test_metadata_and_tags_come_along_and_no_version_goes(house: House) -> None:
    bucket, s3 = a_bad_night(house), house.crew.client("s3")
    start(house, bucket)
    assert s3.head_object(Bucket=bucket, Key="site/a.css")["ContentType"] == "text/css"
    assert s3.get_object_tagging(Bucket=bucket, Key="site/b.css")["TagSet"] == [{"Key": "team", "Value": "web"}]
    found = s3.list_object_versions(Bucket=bucket, Prefix="site/")
    assert sorted(each["Key"] for each in found["Versions"]) == [
        *["site/a.css"] * 3,
        *["site/b.css"] * 2,
        "site/c.css",
        "site/new.css",
    ]
    assert [each["Key"] for each in found["DeleteMarkers"]] == ["site/b.css"]


def test_what_was_not_there_is_deleted_only_where_that_is_asked_for(house: House) -> None:
    bucket = a_bad_night(house)
    run, ended = start(house, bucket, delete_new=True)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert texts(house, bucket) == {**GOOD, "other": "somebody else's"}
    assert house.scripted.changes() == [COPY, COPY, DELETE]
    assert "delete site/new.css" in changed(house, run)


def test_a_second_run_to_the_start_of_the_first_takes_it_back(house: House) -> None:
    """Nothing was removed, so the history tells what to go back to."""
    bucket, hour = a_bad_night(house), timedelta(hours=1)
    before = texts(house, bucket)
    an_hour_passes(bucket)
    start(house, bucket, to=half_an_hour_ago(house) - hour)
    assert texts(house, bucket) != before
    an_hour_passes(bucket)
    began = half_an_hour_ago(house) - hour
    house.crew.installation.clock.sleep(hour.total_seconds())  # it is left in peace for a while
    _, ended = start(house, bucket, to=began, delete_new=True)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert texts(house, bucket) == before


def test_only_what_is_current_as_it_was_seen_is_written_over(house: House) -> None:
    """A writer who comes in between is not overwritten: S3 is told what must be current."""
    bucket = a_bad_night(house)
    seen = house.crew.client("s3").head_object(Bucket=bucket, Key="site/a.css")["ETag"]
    start(house, bucket)
    first, second = [each.parameters for each in house.scripted.sent if each.operation == "CopyObject"]
    assert (first["Key"], first["IfMatch"]) == ("site/a.css", seen)
    assert (second["Key"], second["IfNoneMatch"]) == ("site/b.css", "*")


def test_a_plan_changes_nothing_and_shows_the_way_back(house: House) -> None:
    bucket = a_bad_night(house)
    planned = house.plan(NAME, bucket=bucket, prefix="site/", to=half_an_hour_ago(house), delete_new=True)
    assert (planned.outcome, planned.ends) == ("planned", None)
    assert [line["call"] for line in planned.changes] == [COPY, COPY, DELETE]
    assert [line["undo"]["call"] for line in planned.changes] == [COPY, DELETE, COPY]
    assert {line["unknown"] for line in planned.changes} == {"looked at"}
    assert house.scripted.changes() == []


def test_nobody_agrees_and_nothing_is_changed(house: House) -> None:
    bucket = a_bad_night(house)
    before = texts(house, bucket)
    _, ended = start_decided(house, NAME, approve=False, bucket=bucket, prefix="site/", to=half_an_hour_ago(house))
    assert ended["outcome"] == "declined"
    assert texts(house, bucket) == before


def test_object_lock_stands_in_the_question(house: House) -> None:
    """GetObjectLockConfiguration, S3 API reference: what is written now cannot be deleted for so long."""
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}
    answer = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": rule}}
    house.scripted.answer("s3", "GetObjectLockConfiguration", answer)
    run, _ = start(house, a_bad_night(house))
    (asked,) = [fact for fact in house.facts(run) if "asked" in fact]
    assert asked["asked"].endswith(", each kept by Object Lock (GOVERNANCE 30 days)")


def test_what_is_as_it_was_is_left_alone(house: House) -> None:
    bucket = a_bucket(house)
    written(house, bucket, "site/a.css", "good")
    an_hour_passes(bucket)
    left_alone(house, "something differs", bucket)


def test_a_bucket_without_versions_is_left_alone(house: House) -> None:
    left_alone(house, "its versioning is on", a_bucket(house, versioned=False))


def test_a_bucket_that_does_not_exist_is_not_applicable(house: House) -> None:
    left_alone(house, "look at its versioning", "nobody-made-this")


def test_a_time_to_come_is_left_alone(house: House) -> None:
    later = house.crew.installation.clock.now() + timedelta(hours=1)
    left_alone(house, "the time is past", a_bad_night(house), to=later)


@pytest.mark.parametrize(("most", "why"), [(1, "no more than 1 objects differ"), (401, "no more than 400 objects")])
def test_too_many_are_refused_before_anything_is_changed(house: House, most: int, why: str) -> None:
    left_alone(house, why, a_bad_night(house), most=most)


@pytest.mark.parametrize("edit", [{"Size": 5 * 1024**3 + 1}, {"StorageClass": "GLACIER"}], ids=["large", "asleep"])
def test_what_cannot_be_copied_is_refused_by_name(house: House, edit: dict[str, Any]) -> None:
    def heavy(_: Any, answer: dict[str, Any]) -> None:
        for each in answer["Versions"]:
            each.update(edit)

    house.scripted.after("s3", "ListObjectVersions", heavy)
    left_alone(house, "each can be copied: ['site/a.css', 'site/b.css']", a_bad_night(house))


def test_what_was_written_and_deleted_in_one_second_is_refused_by_name(house: House) -> None:
    """The listing has them apart, and does not tell which came first."""
    bucket = a_bucket(house)
    written(house, bucket, "site/a.css", "good")
    deleted(house, bucket, "site/a.css")
    an_hour_passes(bucket)
    written(house, bucket, "site/a.css", "bad")
    house.scripted.after("s3", "ListObjectVersions", _of_one_second)
    left_alone(house, "it is clear what each was: ['site/a.css']", bucket)


def _of_one_second(_: Any, answer: dict[str, Any]) -> None:
    for each in [*answer["Versions"][1:], *answer["DeleteMarkers"]]:
        each["LastModified"] = answer["Versions"][1]["LastModified"]


def test_more_versions_than_it_looks_at_are_refused(house: House) -> None:
    """There is always a next page."""
    more = {"IsTruncated": True, "NextKeyMarker": "site/a", "NextVersionIdMarker": "1", "Versions": []}
    house.scripted.script("s3", "ListObjectVersions", lambda _: more)
    left_alone(house, "no more than 6000 versions", a_bucket(house))


def test_versions_that_go_on_on_the_next_page_are_one_key(house: House) -> None:
    """What it was is on the second page, behind a newer version."""
    bucket, s3 = a_bad_night(house), house.crew.client("s3")
    page = s3.list_object_versions(Bucket=bucket, Prefix="site/", MaxKeys=1)
    house.scripted.answer("s3", "ListObjectVersions", page)
    run, ended = start(house, bucket)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert list(changed(house, run)) == ["bring back site/a.css", "bring back site/b.css"]
    assert texts(house, bucket) == {**AFTER, "other": "somebody else's"}


def test_a_refused_copy_takes_back_what_was_done(house: House) -> None:
    """Somebody wrote meanwhile: S3 answers with 412, and each object is again what it was when the run began."""
    bucket = a_bad_night(house)
    before = texts(house, bucket)
    house.scripted.answer("s3", "CopyObject", None, Refusal("PreconditionFailed", status=412))
    run, ended = start(house, bucket)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["error"]["code"] == "PreconditionFailed"
    assert house.closing(run)["undone"] == ["bring back site/a.css"]
    assert texts(house, bucket) == before


def test_what_was_deleted_is_deleted_again_by_the_undo(house: House) -> None:
    bucket = a_bad_night(house)
    before = texts(house, bucket)
    house.scripted.answer("s3", "DeleteObject", Refusal("AccessDenied", status=403))
    run, ended = start(house, bucket, delete_new=True)
    assert ended["outcome"] == "failed"
    assert house.closing(run)["undone"] == ["bring back site/b.css", "bring back site/a.css"]
    assert texts(house, bucket) == before


def test_another_version_on_top_is_no_proof(house: House) -> None:
    """Somebody wrote after the copy: the run ends as ineffective, and a person looks."""
    bucket = a_bad_night(house)

    def written_over(asked: Any, answer: dict[str, Any]) -> None:
        if house.scripted.changes() and asked["Prefix"] == "site/b.css":
            answer["Versions"][0]["VersionId"] = "somebody-elses"

    house.scripted.after("s3", "ListObjectVersions", written_over)
    run, ended = start(house, bucket)
    assert (ended["outcome"], "site/b.css is what it was" in ended["words"]) == ("ineffective", True)
    assert len(house.closing(run)["not_undone"]) == 2


@pytest.mark.parametrize(("operation", "times"), [("CopyObject", 2), ("DeleteObject", 1)])
def test_a_lost_reply_is_looked_at_and_not_repeated(house: House, operation: str, times: int) -> None:
    """A repeat would be one version more; and S3 would refuse it, since something else is current now."""
    bucket = a_bad_night(house)
    house.scripted.lose_reply("s3", operation, times)
    run, ended = start(house, bucket, delete_new=True)
    assert ended["outcome"] == "succeeded", ended["words"]
    assert house.scripted.changes() == [COPY, COPY, DELETE]
    assert list(changed(house, run).values()).count("looked: it had taken effect") == times
