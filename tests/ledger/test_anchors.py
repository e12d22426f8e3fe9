"""Roots are anchored once, under Object Lock, and what is there is never overwritten."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.errors import BadInput, Conflict, Unreachable
from nightcrew.ledger import anchors, roots
from nightcrew.ledger.anchors import Bucket, Folder
from nightcrew.ledger.audit import audit
from nightcrew.ledger.kept import InTables
from tests.ledger.days import Days

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
DAY = date(2026, 11, 18)
_numbers = itertools.count(1)


@pytest.fixture
def days() -> Days:
    days = Days()
    days.ran("20261118-030000-aaaaaa")
    days.rooted(18)
    return days


@pytest.fixture
def s3(scripted: Scripted) -> Any:
    """A client that follows a script."""
    scripted.reset()
    return scripted("s3", READING)


@pytest.fixture
def name(clients: ClientMaker) -> str:
    """A bucket of this test's own, with Object Lock."""
    name = f"anchors-{next(_numbers)}"
    client = clients("s3", READING)
    where: Any = {"LocationConstraint": client.meta.region_name}
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True, CreateBucketConfiguration=where)
    return name


def test_a_root_is_written_once_and_locked(days: Days, s3: Any, name: str) -> None:
    bucket = Bucket(s3, name, mode="GOVERNANCE", kept=timedelta(days=30))
    assert anchors.keep(days.store, days.clock, bucket) == [DAY]
    there = s3.get_object(Bucket=name, Key="roots/2026/11/18.json")
    assert there["ObjectLockMode"] == "GOVERNANCE"
    assert there["ObjectLockRetainUntilDate"] == days.clock.now() + timedelta(days=30)
    found = json.loads(there["Body"].read())
    assert (found["day"], found["entries"]) == ("2026-11-18", days.chain("roots"))


def test_what_was_anchored_is_not_asked_for_again(days: Days, s3: Any, name: str, scripted: Scripted) -> None:
    bucket = Bucket(s3, name)
    anchors.keep(days.store, days.clock, bucket)
    days.rooted(20)
    scripted.reset()
    assert anchors.keep(days.store, days.clock, bucket) == [date(2026, 11, 19), date(2026, 11, 20)]
    assert scripted.changes() == ["s3:PutObject"] * 2
    assert anchors.keep(days.store, days.clock, bucket) == []


def test_the_same_again_is_fine(days: Days, s3: Any, name: str) -> None:
    """Whoever wrote it died before he could say so."""
    [root] = roots.made_since(days.store, SINCE)
    bucket = Bucket(s3, name)
    assert bucket.write(DAY, [root], days.clock.now())
    assert anchors.keep(days.store, days.clock, bucket) == []
    assert len(s3.list_object_versions(Bucket=name)["Versions"]) == 1


def test_another_root_of_a_day_is_a_conflict_and_the_others_are_anchored(days: Days, s3: Any, name: str) -> None:
    days.rooted(19)
    first, second = roots.made_since(days.store, SINCE)
    bucket = Bucket(s3, name)
    bucket.write(DAY, [second], days.clock.now())
    with pytest.raises(Conflict, match=r"roots/2026/11/18\.json has another root of 2026-11-18"):
        anchors.keep(days.store, days.clock, bucket)
    assert [anchor.items[0]["hash"] for anchor in bucket.since(DAY)] == [second.hash, second.hash]
    assert first.hash != second.hash


def test_whoever_may_not_read_leaves_the_comparison_to_verify(
    days: Days, s3: Any, name: str, scripted: Scripted
) -> None:
    """The day's job may only write."""
    days.rooted(19)
    bucket = Bucket(s3, name)
    bucket.write(DAY, roots.made_since(days.store, SINCE)[1:], days.clock.now())
    scripted.answer("s3", "GetObject", Refusal("AccessDenied", status=403))
    assert anchors.keep(days.store, days.clock, bucket) == [date(2026, 11, 19)]
    found = audit(InTables(days.store, days.clock.now()), SINCE, bucket)
    assert found.verdict == "broken"


def test_the_first_version_counts_and_a_second_is_told(days: Days, s3: Any, name: str) -> None:
    """Object Lock keeps a version, and lets anybody write a newer one."""
    bucket = Bucket(s3, name)
    anchors.keep(days.store, days.clock, bucket)
    s3.put_object(Bucket=name, Key=anchors.key(DAY), Body=b'{"day": "2026-11-18", "entries": []}')
    [anchor] = bucket.since(DAY)
    assert anchor.items == tuple(days.chain("roots"))
    assert anchor.trouble == "was written 2 times; the first is taken"


def test_an_anchor_under_a_delete_marker_is_still_there(days: Days, s3: Any, name: str) -> None:
    bucket = Bucket(s3, name)
    anchors.keep(days.store, days.clock, bucket)
    s3.delete_object(Bucket=name, Key=anchors.key(DAY))
    [anchor] = bucket.since(DAY)
    assert (anchor.items, anchor.trouble) == (tuple(days.chain("roots")), "")


def test_an_anchor_tells_whether_it_is_locked(days: Days, s3: Any, name: str) -> None:
    anchors.keep(days.store, days.clock, Bucket(s3, name))
    s3.put_object(Bucket=name, Key=anchors.key(DAY + timedelta(days=1)), Body=b"{}")
    locked = [anchor.locked for anchor in Bucket(s3, name).since(DAY)]
    assert locked == [days.clock.now() + timedelta(days=365), anchors.UNLOCKED]


def test_a_prefix_and_a_first_day_narrow_what_is_read(days: Days, s3: Any, name: str) -> None:
    days.rooted(20)
    bucket = Bucket(s3, name, "nightcrew/prod")
    anchors.keep(days.store, days.clock, bucket)
    s3.put_object(Bucket=name, Key="nightcrew/prod/roots/readme.txt", Body=b"")
    assert [anchor.day for anchor in bucket.since(date(2026, 11, 19))] == [date(2026, 11, 19), date(2026, 11, 20)]
    assert list(Bucket(s3, name).since(DAY)) == []


@pytest.mark.parametrize(
    "use",
    [lambda bucket, days: list(bucket.since(DAY)), lambda bucket, days: anchors.keep(days.store, days.clock, bucket)],
    ids=["read", "write"],
)
def test_a_bucket_that_is_not_there_is_out_of_reach(days: Days, s3: Any, use: Callable[[Bucket, Days], Any]) -> None:
    with pytest.raises(Unreachable, match=r"the anchors in s3://nobodys-anchors cannot be used: .*NoSuchBucket"):
        use(Bucket(s3, "nobodys-anchors"), days)


def test_a_bucket_without_object_lock_is_told(days: Days, s3: Any, scripted: Scripted, name: str) -> None:
    """S3 API reference, PutObject: such a bucket takes no object that is to be locked."""
    scripted.answer("s3", "PutObject", Refusal("InvalidRequest", "Bucket is missing Object Lock Configuration"))
    with pytest.raises(Unreachable, match="Bucket is missing Object Lock Configuration"):
        anchors.keep(days.store, days.clock, Bucket(s3, name))
    assert anchors.keep(days.store, days.clock, Bucket(s3, name)) == [DAY]


def test_a_mode_is_one_of_two(s3: Any) -> None:
    with pytest.raises(BadInput, match="Object Lock knows GOVERNANCE and COMPLIANCE"):
        Bucket(s3, "x", mode="NONE")


def test_a_day_that_is_half_done_waits(days: Days, s3: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "MOST", 1)
    for run in ("20261119-030000-bbbbbb", "20261119-030000-cccccc"):
        days.on(19).ran(run)
    days.rooted(19)
    days.drop("roots", 2)
    bucket = Bucket(s3, name)
    assert anchors.keep(days.store, days.clock, bucket) == [DAY]
    days.rooted(19)
    assert anchors.keep(days.store, days.clock, bucket) == [date(2026, 11, 19)]
    assert [len(anchor.items) for anchor in bucket.since(DAY)] == [1, 2]


def test_a_copy_on_disk_is_read_like_the_bucket(days: Days, s3: Any, name: str, tmp_path: Path) -> None:
    """And a directory where there is none is wrong."""
    bucket = Bucket(s3, name)
    anchors.keep(days.store, days.clock, bucket)
    for where in (days.anchored(tmp_path), Folder(tmp_path / "roots")):
        assert [anchor.items for anchor in where.since(DAY)] == [anchor.items for anchor in bucket.since(DAY)]
        assert list(where.since(date(2026, 11, 19))) == []
    with pytest.raises(BadInput, match="--anchors"):
        Folder(tmp_path / "nowhere")


def test_a_copy_that_cannot_be_read_is_told_and_hides_no_other(days: Days, tmp_path: Path) -> None:
    where = days.anchored(tmp_path)
    (tmp_path / "roots" / "2026" / "11" / "20.json").mkdir()
    assert [(anchor.day, anchor.trouble) for anchor in where.since(DAY)] == [
        (DAY, ""),
        (date(2026, 11, 20), "cannot be read (Is a directory)"),
    ]
