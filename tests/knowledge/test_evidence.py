"""Evidence holds what an auditor asks for, can be checked anywhere, and names the line that was touched."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew.errors import BadInput, Unreachable
from nightcrew.knowledge.cells import cell, rows_as_csv
from nightcrew.knowledge.evidence.artifact import not_asked
from nightcrew.knowledge.evidence.evidence import Beside, Made, Period, make
from nightcrew.knowledge.evidence.manifest import Touched, check
from nightcrew.knowledge.evidence.rows import approval_rows, change_rows
from nightcrew.knowledge.lessons import correct, learn
from nightcrew.ledger.audit import audit
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import entries
from nightcrew.ledger.kept import InExport
from nightcrew.ledger.memory import MemoryStore
from tests.ledger.days import RESOURCE, Days

POLICY = "rules: []\n"
VERSION = hashlib.sha256(POLICY.encode()).hexdigest()[:12]
ADA, BOB = "arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:user/bob"
BESIDE = Beside(ADA, POLICY, VERSION, not_asked("this is a test"))
FROM, TO = datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)


def approved(days: Days, run: str) -> str:
    """A run that asked, as the engine writes it."""
    book = Book(days.store, days.clock, run)
    about = {"runbook": "restore-table", "resource": RESOURCE, "symptom": "by hand", "actor": ADA, "policy": VERSION}
    book.write("opening", {**about, "by": "person", "autonomy": ["approve", "rules[0]"], "risk": "data-loss"})
    book.write("wait", {"title": "approve the plan", "approval": "ab" * 32, "facts": [{"policy": VERSION, "held": []}]})
    fact = {"asked": "approve the plan", "decision": "approved", "by": [BOB], "reason": "=go", "hash": "ab" * 32}
    book.write("change", {"title": "restore it", "facts": [{**fact, "at": "2026-11-19T03:05:00.000Z"}]})
    book.write(
        "closing", {**about, "outcome": "succeeded", "started": "2026-11-19T03:00:00.000Z", "words": "back | up"}
    )
    return run


@pytest.fixture
def days() -> Days:
    """Three days: a cure, a refusal, an approved run, a lesson in two versions, and one run that goes on."""
    days = Days()
    days.ran("20261118-030000-aaaaaa")
    days.refused("refused-0123456789")
    days.rooted(18)
    approved(days, "20261119-030000-bbbbbb")
    learn(days.store, days.clock, "lesson-1", "=cmd() look | at the disk", author=ADA, symptom="cpu")
    days.clock.sleep(60)
    correct(days.store, days.clock, "lesson-1", "look at the disk first", author=BOB)
    days.opened("20261119-040000-cccccc")
    days.rooted(19)
    days.rooted(20)
    return days


def written(days: Days, out: Path, since: datetime = FROM, until: datetime = TO, *, beside: Beside = BESIDE) -> Made:
    return make(days.store, out, Period.of(since, until, days.clock.now()), days.clock.now(), beside)


def read(out: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((out / f"{name}.csv").read_text())))


def test_it_holds_the_runs_the_refusals_and_who_approved(days: Days, tmp_path: Path) -> None:
    made = written(days, tmp_path / "e")
    assert made.counts == {"runs": 3, "changes": 3, "refusals": 1, "approvals": 1, "policies": 1, "lessons": 2}
    runs = {row["run"]: row for row in read(tmp_path / "e", "runs")}
    assert list(runs) == ["20261118-030000-aaaaaa", "20261119-030000-bbbbbb", "20261119-040000-cccccc"]
    assert [row["outcome"] for row in runs.values()] == ["cured", "succeeded", "running"]
    assert runs["20261119-030000-bbbbbb"]["approved_by"] == BOB
    assert read(tmp_path / "e", "refusals")[0]["gate"] == "freeze"
    [asked] = read(tmp_path / "e", "approvals")
    assert (asked["decision"], asked["by"], asked["plan"]) == ("approved", BOB, "ab" * 32)
    assert asked["decided"] == "2026-11-19T03:05:00.000Z"


def test_a_run_that_a_gate_refused_is_a_refusal(days: Days, tmp_path: Path) -> None:
    """As the statistics count it: it was opened by a person, and then another run had its resource."""
    book = Book(days.store, days.clock, "20261121-050000-dddddd")
    about = {"runbook": "restart-ec2-instance", "resource": RESOURCE, "symptom": "by hand", "policy": VERSION}
    book.write("opening", {**about, "actor": ADA})
    until = "2026-11-21T06:00:00.000Z"
    book.write("closing", {**about, "outcome": "refused", "gate": "lock", "words": "another has it", "until": until})
    days.clock.sleep(1)
    made = written(days, tmp_path / "e", until=days.clock.now())
    assert (made.counts["runs"], made.counts["refusals"]) == (3, 2)
    row = read(tmp_path / "e", "refusals")[1]
    assert (row["gate"], row["until"], row["actor"], row["words"]) == ("lock", until, ADA, "another has it")
    [policy] = read(tmp_path / "e", "policies")
    assert (policy["runs"], policy["refusals"]) == ("1", "1")


def test_it_names_the_policy_that_decided_and_has_its_text(days: Days, tmp_path: Path) -> None:
    """The version is the beginning of the text's SHA-256, so that an auditor needs nobody's word for it."""
    written(days, tmp_path / "e")
    [policy] = read(tmp_path / "e", "policies")
    assert (policy["policy"], policy["runs"], policy["text"]) == (VERSION, "1", "policy.yaml")
    text = (tmp_path / "e" / "policy.yaml").read_bytes()
    assert hashlib.sha256(text).hexdigest().startswith(VERSION)


def test_every_version_of_a_lesson_is_in_it(days: Days, tmp_path: Path) -> None:
    written(days, tmp_path / "e")
    lessons = read(tmp_path / "e", "lessons")
    assert [(row["version"], row["author"], row["words"]) for row in lessons] == [
        ("0", ADA, "'=cmd() look | at the disk"),
        ("1", BOB, "look at the disk first"),
    ]


def test_json_has_the_same_rows(days: Days, tmp_path: Path) -> None:
    """As they are: nothing is defused where nothing is a spreadsheet."""
    written(days, tmp_path / "e")
    whole = json.loads((tmp_path / "e" / "evidence.json").read_text())
    assert [row["run"] for row in whole["runs"]] == [row["run"] for row in read(tmp_path / "e", "runs")]
    assert whole["approvals"][0]["reason"] == "=go"
    assert whole["lessons"][0]["words"] == "=cmd() look | at the disk"


def test_no_value_becomes_a_formula_a_column_or_a_line(days: Days, tmp_path: Path) -> None:
    written(days, tmp_path / "e")
    assert read(tmp_path / "e", "approvals")[0]["reason"] == "'=go"
    rows = [
        line for line in (tmp_path / "e" / "evidence.md").read_text().splitlines() if "back" in line or "=cmd" in line
    ]
    assert len(rows) == 2
    assert {row.count("|") for row in rows} == {10, 8}


def test_what_is_not_of_the_period_is_not_in_the_tables(days: Days, tmp_path: Path) -> None:
    made = written(days, tmp_path / "e", since=datetime(2026, 11, 19, tzinfo=UTC))
    assert (made.counts["refusals"], made.counts["runs"]) == (0, 2)
    made = written(days, tmp_path / "f", until=datetime(2026, 11, 19, tzinfo=UTC))
    assert (made.counts["refusals"], made.counts["lessons"]) == (1, 0)


@pytest.mark.parametrize(
    ("since", "until"),
    [(FROM, TO), (FROM, datetime(2026, 11, 19, 3, 0, 30, tzinfo=UTC)), (datetime(2026, 11, 18, 3, tzinfo=UTC), TO)],
)
def test_its_entries_can_be_verified_without_a_table(
    days: Days, tmp_path: Path, since: datetime, until: datetime
) -> None:
    """Whatever its period: it holds what its roots name. With a copy of the anchors it is untampered."""
    made = written(days, tmp_path / "e", since, until)
    assert made.found.verdict == "consistent"
    folder = days.anchored(tmp_path / "anchors")
    found = audit(InExport(tmp_path / "e"), datetime.min.replace(tzinfo=UTC), folder)
    assert (found.verdict, found.breaks) == ("untampered", ())


def test_what_was_touched_in_the_ledger_is_said(days: Days, tmp_path: Path) -> None:
    """In its verification, and on its page."""
    days.drop("20261118-030000-aaaaaa", 1)
    made = written(days, tmp_path / "e")
    assert [(each.run, each.number) for each in made.found.breaks] == [("20261118-030000-aaaaaa", 2)]
    assert json.loads((tmp_path / "e" / "verification.json").read_text())["verdict"] == "broken"
    assert "**Broken.**" in (tmp_path / "e" / "evidence.md").read_text()


def test_the_same_ledger_gives_the_same_bytes(days: Days, tmp_path: Path) -> None:
    one, other = written(days, tmp_path / "e"), written(days, tmp_path / "f")
    assert one.hash == other.hash
    for file in (tmp_path / "e").iterdir():
        assert file.read_bytes() == (tmp_path / "f" / file.name).read_bytes()


def test_what_was_not_touched_is_as_it_was(days: Days, tmp_path: Path) -> None:
    written(days, tmp_path / "e")
    assert check(tmp_path / "e") == ([], 12)


def edited(out: Path) -> None:
    file = out / "runs.csv"
    file.write_text(file.read_text().replace("cured", "worse", 1))


def removed(out: Path) -> None:
    lines = (out / "entries.jsonl").read_text().splitlines(keepends=True)
    (out / "entries.jsonl").write_text("".join([*lines[:2], *lines[3:]]))


def added(out: Path) -> None:
    with (out / "refusals.csv").open("a") as file:
        file.write("refused-none\n")


def replaced(out: Path) -> None:
    lines = (out / "evidence.json").read_text().splitlines(keepends=True)
    (out / "evidence.json").write_text("".join([lines[0], "x\n", "y\n", *lines[2:]]))


def ended_otherwise(out: Path) -> None:
    (out / "policy.yaml").write_bytes(b"rules: []")


def another_file(out: Path) -> None:
    (out / "sub").mkdir()
    (out / "sub" / "note.txt").write_text("all well")


def no_file(out: Path) -> None:
    (out / "lessons.csv").unlink()


def a_link(out: Path) -> None:
    (out / "evidence.md").rename(out.parent / "elsewhere.md")
    (out / "evidence.md").symlink_to(out.parent / "elsewhere.md")


@pytest.mark.parametrize(
    ("touch", "found"),
    [
        (edited, Touched("runs.csv", 2, "was edited")),
        (removed, Touched("entries.jsonl", 3, "1 line removed before it")),
        (added, Touched("refusals.csv", 3, "1 line added here")),
        (replaced, Touched("evidence.json", 2, "from here on 2 lines where there were 1")),
        (ended_otherwise, Touched("policy.yaml", None, "was edited: its lines are as they were, its bytes are not")),
        (another_file, Touched("sub/note.txt", None, "was added")),
        (no_file, Touched("lessons.csv", None, "is missing")),
        (a_link, Touched("evidence.md", None, "is a link to somewhere else")),
    ],
)
def test_file_and_line_that_were_touched_are_named(
    days: Days, tmp_path: Path, touch: Callable[[Path], None], found: Touched
) -> None:
    written(days, tmp_path / "e")
    touch(tmp_path / "e")
    assert check(tmp_path / "e")[0] == [found]


def test_a_manifest_that_cannot_be_read_is_named(days: Days, tmp_path: Path) -> None:
    written(days, tmp_path / "e")
    (tmp_path / "e" / "manifest.json").write_text("{")
    [found] = check(tmp_path / "e")[0]
    assert (found.file, found.what[:14]) == ("manifest.json", "cannot be read")
    (tmp_path / "e" / "manifest.json").unlink()
    with pytest.raises(BadInput, match=r"a directory of evidence, with its manifest\.json"):
        check(tmp_path / "e")


def test_sha256sum_says_the_same(days: Days, tmp_path: Path) -> None:
    """An auditor needs nothing of ours."""
    written(days, tmp_path / "e")
    kept = json.loads((tmp_path / "e" / "manifest.json").read_text())["files"]
    for name, each in kept.items():
        assert hashlib.sha256((tmp_path / "e" / name).read_bytes()).hexdigest() == each["sha256"]


def test_an_entry_s_hash_can_be_had_by_hand(days: Days, tmp_path: Path) -> None:
    """As docs/evidence.md tells it."""
    written(days, tmp_path / "e")
    for line in (tmp_path / "e" / "entries.jsonl").read_text().splitlines():
        item = json.loads(line)
        fields: dict[str, Any] = {name: item[name] for name in ("at", "kind", "number", "previous", "run")}
        whole = json.dumps(
            fields | {"body": json.loads(item["body"])}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        assert hashlib.sha256(whole.encode()).hexdigest() == item["hash"]


def test_a_directory_with_something_in_it_is_left_alone(days: Days, tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    written(days, tmp_path / "e")
    before = sorted(file.name for file in (tmp_path / "e").iterdir())
    for out in (tmp_path / "e", tmp_path / "e" / "runs.csv"):
        with pytest.raises(BadInput, match="a directory that is new, or empty"):
            written(days, out)
    assert sorted(file.name for file in (tmp_path / "e").iterdir()) == before


class Lost(MemoryStore):
    """A ledger that cannot be reached any more once it has been asked for some runs."""

    def query(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs.get("index") and kwargs.get("consistent") and not kwargs.get("newest_first"):
            raise Unreachable("the ledger is gone")
        return super().query(*args, **kwargs)


def test_nothing_half_written_is_left(days: Days, tmp_path: Path) -> None:
    """Neither under its name nor beside it."""
    lost = Lost()
    lost.__dict__.update(days.store.__dict__)
    with pytest.raises(Unreachable):
        written(replace(days, store=lost), tmp_path / "e")
    assert list(tmp_path.iterdir()) == []


def test_a_period_is_over_and_has_a_length() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    for since, until in ((now, now), (now, now - timedelta(days=1)), (now, now + timedelta(days=1))):
        with pytest.raises(BadInput, match="--until"):
            Period.of(since, until, now)


def test_a_long_table_is_cut_on_the_page_alone(days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightcrew.knowledge.evidence.page.MOST_ROWS", 1)
    written(days, tmp_path / "e")
    assert "And 2 more in `runs.csv`." in (tmp_path / "e" / "evidence.md").read_text()
    assert len(read(tmp_path / "e", "runs")) == 3


def test_a_question_that_nobody_answered_is_told_as_such() -> None:
    """And one that was declined, or is open still."""
    days = Days()
    book = Book(days.store, days.clock, "20261118-030000-dddddd")
    book.write("opening", {"runbook": "restore-table", "resource": RESOURCE})
    book.write("wait", {"title": "approve the plan", "approval": "aa", "facts": []})
    fact = {"asked": "approve the plan", "decision": "declined", "by": [BOB], "reason": "not now"}
    book.write("wait", {"title": "approve the plan, again 1", "approval": "bb", "facts": [fact]})
    book.write(
        "wait",
        {
            "title": "drop it",
            "approval": "cc",
            "facts": [{"asked": "approve the plan, again 1", "answer": "nobody answered"}],
        },
    )
    rows = approval_rows(entries(days.store, "20261118-030000-dddddd"))
    assert [(row["plan"], row["decision"], row["by"]) for row in rows] == [
        ("aa", "declined", [BOB]),
        ("bb", "nobody answered", []),
        ("cc", "open", []),
    ]


def test_a_change_tells_what_became_of_it() -> None:
    """As far as the ledger knows it."""
    days = Days()
    book = Book(days.store, days.clock, "20261118-030000-eeeeee")
    book.write("opening", {"runbook": "restart", "resource": RESOURCE})
    for title in ("one", "two", "three", "four"):
        before: list[dict[str, Any]] = [{"changed": "one", "how": "once", "request": "r-1"}] if title == "two" else []
        before += [{"changed": "two", "error": {"code": "Throttling"}}] if title == "three" else []
        before += [{"changed": "three", "how": "repeated"}] if title == "four" else []
        what = {"title": title, "call": "ec2:StopInstances", "parameters": {"b": 1}, "facts": before}
        book.write("change", what | ({"undoing": True} if title == "four" else {}))
    rows = change_rows(entries(days.store, "20261118-030000-eeeeee"))
    assert [row["result"] for row in rows] == ["made", "failed: Throttling", "made, repeated", "not known"]
    assert [row["undoing"] for row in rows] == [False, False, False, True]
    assert (rows[0]["request"], rows[0]["entry"], rows[0]["parameters"]) == ("r-1", 1, '{"b":1}')


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r\n=1", "\uff1d1", "\u202e=1"])
def test_a_cell_never_begins_like_a_formula(value: str) -> None:
    """Whatever stands before the sign; and it stays one line."""
    assert cell(value) == "'" + value.strip("\t\r\n\u202e ")


def test_a_cell_says_what_it_is_for() -> None:
    """Texts, numbers, lists, times, nothing; a line's end within a value is a blank."""
    values = ["a\nb", 3, -0.5, True, None, [BOB, ADA], FROM]
    assert [cell(each) for each in values] == [
        "a b",
        "3",
        "-0.5",
        "yes",
        "",
        f"{BOB}, {ADA}",
        "2026-11-18T00:00:00.000Z",
    ]
    assert rows_as_csv(("a", "b"), [{"a": 'say "x", then', "b": None}]) == 'a,b\n"say ""x"", then",\n'
