"""`nightcrew verify`: a ledger that was touched is found out."""

import gzip
import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nightcrew.aws.cloud import READING, ClientMaker
from nightcrew.cli.asked import Asked
from nightcrew.cli.output import Output
from nightcrew.cli.reviewing import anchored
from nightcrew.clock import StoppedClock, SystemClock
from nightcrew.demo.embedded import Crew
from nightcrew.ledger import anchors, roots
from nightcrew.ledger.history import items
from nightcrew.ledger.kept import text_of
from nightcrew.ledger.roots import last_due
from nightcrew.ledger.store import Tables
from nightcrew.ledger.values import wire_item
from tests.cli.cloud import Demo
from tests.cli.desk import typed
from tests.cli.night import ADA, GONE, NAME
from tests.ledger.days import Days


@pytest.fixture
def touched(demo: Demo, night: dict[str, str]) -> str:
    """A run of which somebody edited an entry: it names another instance than was stopped."""
    run, key = night["succeeded"], {"run": {"S": night["succeeded"]}, "number": {"N": "1"}}
    item = demo.client("dynamodb").get_item(TableName=Tables().ledger, Key=key)["Item"]
    body = json.loads(item["body"]["S"])
    body["parameters"]["InstanceIds"] = [GONE]
    item["body"] = {"S": json.dumps(body, sort_keys=True, separators=(",", ":"))}
    demo.client("dynamodb").put_item(TableName=Tables().ledger, Item=item)
    return run


def test_verify_says_that_a_ledger_is_consistent(night: dict[str, str]) -> None:
    """One run, or all that ran lately."""
    one = typed("--demo", "verify", night["succeeded"])
    assert (one.code, one.out) == (0, "✓ consistent: 1 run, 6 entries\n")
    all_ = typed("--demo", "verify", "--json")
    assert all_.code == 0
    assert all_.json == {
        "verdict": "consistent",
        "runs": 3,
        "lessons": 0,
        "entries": 9,
        "open": 0,
        "break_glass": 0,
        "roots": 0,
        "last_root": None,
        "anchors": None,
        "last_anchor": None,
        "not_anchored": None,
        "late": [],
        "consistent": True,
        "broken": [],
    }


def test_verify_names_run_and_entry_that_were_touched(touched: str) -> None:
    """And exits with 1; `show` says so, too."""
    result = typed("--demo", "verify")
    assert result.code == 1
    assert f"✗ {touched}, entry 1: was edited: its content does not give its hash" in result.out
    assert result.out.splitlines()[-1] == "3 runs and refusals, 9 entries: 1 break in 1 run"
    told = typed("--demo", "verify", touched, "--json")
    assert told.code == 1
    assert [(each["run"], each["number"]) for each in told.json["broken"]] == [(touched, 1)]
    shown = typed("--demo", "show", touched)
    assert shown.code == 1
    assert "the ledger is broken" in shown.out


def test_verify_counts_what_still_runs(demo: Demo, team: Crew) -> None:
    """An open chain is no broken one."""
    team.dispatcher.person(NAME, {"instance_id": demo.instance()}, **ADA)
    result = typed("--demo", "verify")
    assert (result.code, result.out) == (0, "✓ consistent: 1 run, 1 entry, still open\n")


def test_verify_of_a_run_that_there_is_not_is_wrong_usage(demo: Demo) -> None:
    del demo
    assert typed("--demo", "verify", "20261121-030004-k3f9qa2m").code == 2


@pytest.fixture
def rooted(demo: Demo, night: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The night's day has its root, and that is anchored in a directory."""
    del night
    monkeypatch.setattr(roots, "FIRST", timedelta(days=7))  # a query for each week of a year takes moto long
    later = StoppedClock((SystemClock().now() + timedelta(days=2)).replace(hour=12))  # whatever time it is now
    made = roots.keep(demo.store, later, last_due(later.now()))
    for root in made:
        day = date.fromisoformat(root.body["day"])
        file = tmp_path / "anchors" / anchors.key(day)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(anchors.content(day, [root]))
    return tmp_path / "anchors"


def test_verify_says_what_an_anchor_makes_untampered(rooted: Path, night: dict[str, str]) -> None:
    """All that ended is named by its day's root; without the anchors, it is consistent."""
    here = typed("--demo", "verify")
    assert (here.code, here.out) == (0, "✓ consistent: 3 runs and refusals, 9 entries, 1 daily root\n")
    there = typed("--demo", "verify", "--anchors", str(rooted))
    assert (there.code, there.out) == (0, "✓ untampered: 3 runs and refusals, 9 entries, 1 daily root, 1 anchor\n")
    one = typed("--demo", "verify", night["succeeded"], "--anchors", str(rooted), "--json").json
    assert (one["verdict"], one["runs"], one["not_anchored"]) == ("untampered", 1, [])


def test_verify_says_what_is_not_anchored_yet(rooted: Path, demo: Demo, team: Crew, night: dict[str, str]) -> None:
    """What is open, or ended after the last root."""
    del night
    run = str(team.dispatcher.person(NAME, {"instance_id": demo.instance()}, **ADA).run)
    told = typed("--demo", "verify", "--anchors", str(rooted))
    assert told.out.splitlines()[1] == f"  not anchored yet, so only consistent: {run}"
    alone = typed("--demo", "verify", run, "--anchors", str(rooted))
    assert alone.out.splitlines()[0].startswith("✓ consistent: 1 run, 1 entry, still open")


def test_verify_names_a_run_that_was_removed(rooted: Path, demo: Demo, night: dict[str, str]) -> None:
    """By the root; by that run's own id, too, though nothing is left of it."""
    del rooted
    run = night["succeeded"]
    for number in range(6):
        key = {"run": {"S": run}, "number": {"N": str(number)}}
        demo.client("dynamodb").delete_item(TableName=Tables().ledger, Key=key)
    for words in (("verify",), ("verify", run)):
        told = typed("--demo", *words)
        assert told.code == 1
        assert f"✗ {run}, entry 5: the whole run was removed: the root of" in told.out


def test_verify_of_an_export_asks_nobody(demo: Demo, night: dict[str, str], tmp_path: Path) -> None:
    """Neither a stack nor AWS; a form that there is not, and an anchor in S3, are wrong usage."""
    file = tmp_path / "entries.jsonl"
    stored = [item for run in ("succeeded", "refused") for item in items(demo.store, night[run])]
    file.write_text("".join(f"{text_of(item)}\n" for item in stored))
    told = typed("verify", "--export", str(file))
    assert (told.code, told.out) == (0, "✓ consistent: 2 runs and refusals, 7 entries\n")
    file.write_text("".join(f"{text_of(item)}\n" for item in stored[1:]))
    assert typed("verify", "--export", str(file)).code == 1
    empty = tmp_path / "empty"
    empty.mkdir()
    wrong = typed("verify", "--export", str(empty))
    assert (wrong.code, "a DynamoDB export" in wrong.err) == (2, True)
    assert typed("verify", "--export", str(file), "--anchors", "s3://bucket").code == 2


def test_verify_reads_what_dynamodb_exports(demo: Demo, night: dict[str, str], tmp_path: Path) -> None:
    """In any order, packed, in several files."""
    (tmp_path / "data").mkdir()
    stored = [wire_item(item) for item in reversed(items(demo.store, night["succeeded"]))]
    for number, part in enumerate((stored[:3], stored[3:])):
        with gzip.open(tmp_path / "data" / f"{number}.json.gz", "wt") as file:
            file.writelines(f"{json.dumps({'Item': item})}\n" for item in part)
    assert typed("verify", "--export", str(tmp_path)).out == "✓ consistent: 1 run, 6 entries\n"


def test_verify_says_where_roots_and_anchors_end(rooted: Path, demo: Demo, night: dict[str, str]) -> None:
    """Where the day's job did not come, or somebody removed the last ones."""
    del night
    later = StoppedClock(SystemClock().now() + timedelta(days=4))
    roots.keep(demo.store, later, last_due(later.now()))
    told = typed("--demo", "verify", "--anchors", str(rooted))
    day = SystemClock().now().date() + timedelta(days=1)
    assert f"  the last anchor is of {day}: later roots are not anchored" in told.out.splitlines()
    for number in range(3):
        key = {"run": {"S": "roots"}, "number": {"N": str(number)}}
        demo.client("dynamodb").delete_item(TableName=Tables().ledger, Key=key)
    roots.keep(
        demo.store,
        StoppedClock(SystemClock().now() - timedelta(days=3)),
        last_due(SystemClock().now()) - timedelta(days=3),
    )
    told = typed("--demo", "verify")
    assert "the day's job did not run since, or roots were removed" in told.out


def test_a_stack_tells_where_its_roots_are_anchored() -> None:
    """Beside what was found, for who did not ask; a demo has no such place."""
    said = StringIO()
    asked = Asked(output=Output(stdout=said))
    anchored.hint(asked, SimpleNamespace(outputs={"Anchors": "s3://nightcrew-anchors"}))
    anchored.hint(asked, SimpleNamespace())
    assert said.getvalue().splitlines()[1:] == ["  --anchors s3://nightcrew-anchors"]


def test_verify_against_a_bucket_tells_what_is_not_locked(
    rooted: Path, clients: ClientMaker, night: dict[str, str]
) -> None:
    """It reads the same as a copy; what somebody wrote there without a lock is told."""
    del night
    s3 = clients("s3", READING)
    where: Any = {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(Bucket="cli-anchors", CreateBucketConfiguration=where)
    for file in rooted.rglob("*.json"):
        s3.put_object(Bucket="cli-anchors", Key=file.relative_to(rooted).as_posix(), Body=file.read_bytes())
    told = typed("--demo", "verify", "--anchors", "s3://cli-anchors")
    assert told.out.splitlines() == [
        "✓ untampered: 3 runs and refusals, 9 entries, 1 daily root, 1 anchor",
        "  1 anchor not under Object Lock, as far as s3:GetObjectRetention tells",
    ]


def test_verify_tells_what_came_after_its_day_s_root(rooted: Path, demo: Demo, night: dict[str, str]) -> None:
    """It is no break: who looks knows whether it was uploaded."""
    del night, rooted
    Days(demo.store, StoppedClock(SystemClock().now() + timedelta(days=1))).ran("20261122-030000-zzzzzz")
    told = typed("--demo", "verify", "20261122-030000-zzzzzz")
    assert told.code == 0
    assert (
        "  came after the root of its day (uploaded after break-glass, or added by somebody): 20261122-030000-zzzzzz"
        in (told.out.splitlines())
    )
