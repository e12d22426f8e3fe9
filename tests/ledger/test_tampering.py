"""What somebody can do who may write to the ledger's table, and who sees it: the table below is the whole list.

The chain sees what was done to a run's entries. The daily root, in the same table, sees a run that is gone, cut off or
written anew. Who writes the roots anew, too, is seen by their anchor alone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nightcrew.ledger import roots
from nightcrew.ledger.audit import Audit, audit
from nightcrew.ledger.canonical import canonical
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.kept import InExport, InTables, text_of
from nightcrew.ledger.transaction import Piece
from tests.ledger.days import Days

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
RUN = "20261118-030000-aaaaaa"
"""Ended on the 18th, of which there is a root, as of the 19th and the 20th."""
OPEN = "20261119-030000-bbbbbb"
"""Is open since the 19th."""
TODAY = "20261121-030000-cccccc"
"""Ended on the 21st, which has no root yet."""


@pytest.fixture
def days(tmp_path: Path) -> Days:
    """Three days with their roots, anchored in a directory, and a fourth that is not over."""
    days = Days()
    days.ran(RUN, changes=2)
    days.refused("refused-0123456789")
    days.rooted(18)
    days.opened(OPEN, changes=2)
    days.wrote("lesson-dddddd", "look at the disk")
    days.rooted(19)
    days.rooted(20)
    days.anchored(tmp_path)
    days.ran(TODAY)
    return days


def looked_at(days: Days, *, anchors: Path | None = None) -> Audit:
    """The whole of it."""
    return audit(InTables(days.store, days.clock.now()), SINCE, days.anchored_in(anchors) if anchors else None)


def edit(days: Days) -> None:
    item = days.chain(RUN)[1]
    days.put(item | {"body": canonical({"title": "nothing"})})


def edit_and_hash(days: Days) -> None:
    item = days.chain(RUN)[1]
    days.put(Entry.from_item(item | {"body": canonical({"title": "nothing"})}).to_item())


def dress_up(days: Days) -> None:
    days.put(days.chain(RUN)[3] | {"outcome": "succeeded"})


def remove(days: Days) -> None:
    days.drop(RUN, 1)


def remove_the_opening(days: Days) -> None:
    days.drop(RUN, 0)


def reorder(days: Days) -> None:
    first, second = days.chain(RUN)[1:3]
    days.put(first | {"number": 2})
    days.put(second | {"number": 1})


def add_after_the_end(days: Days) -> None:
    end = Entry.from_item(days.chain(RUN)[3])
    days.put(Entry(RUN, 4, "change", end.at, {"title": "and more"}, end.hash).to_item())


def add_a_version(days: Days) -> None:
    """A lesson has no end: a version that is added looks like any other."""
    first = Entry.from_item(days.chain("lesson-dddddd")[0])
    days.put(
        Entry("lesson-dddddd", 1, "lesson", first.at, {"words": "look away", "symptom": "cpu"}, first.hash).to_item()
    )


def add_a_run(days: Days) -> None:
    """Into a day that has its root."""
    Days(days.store).ran("20261118-040000-zzzzzz")


def truncate(days: Days) -> None:
    days.drop(RUN, 3)


def truncate_what_is_open(days: Days) -> None:
    days.drop(OPEN, 2)


def drop(days: Days) -> None:
    days.drop(RUN)


def drop_a_refusal(days: Days) -> None:
    days.drop("refused-0123456789")


def drop_a_lesson(days: Days) -> None:
    days.drop("lesson-dddddd")


def rewrite(days: Days) -> None:
    """The whole chain, with hashes that follow from each other."""
    bodies = [(item["kind"], json.loads(item["body"])) for item in days.chain(RUN)]
    bodies[1] = ("change", {"title": "nothing"})
    days.forge(RUN, bodies)


def drop_a_root(days: Days) -> None:
    days.drop("roots", 1)


def drop_the_last_root(days: Days) -> None:
    days.drop("roots", 2)


def edit_a_root(days: Days) -> None:
    item = days.chain("roots")[0]
    body = json.loads(item["body"])
    days.put(item | {"body": canonical(body | {"endings": body["endings"][1:]})})


def without(days: Days, run: str) -> None:
    """All roots anew, as if there had never been this run: the whole chain of them follows."""
    bodies: list[tuple[str, dict[str, Any]]] = []
    for root in roots.made_since(days.store, SINCE):
        kept = {
            name: [line for line in value if not line.startswith(run)] if name in roots.LISTS else value
            for name, value in root.body.items()
        }
        bodies.append(("root", kept))
    days.forge("roots", bodies)


def drop_and_rewrite_the_roots(days: Days) -> None:
    days.drop(RUN)
    without(days, RUN)


def rewrite_with_the_roots(days: Days) -> None:
    old = days.chain(RUN)[3]["hash"]
    rewrite(days)
    new = days.chain(RUN)[3]["hash"]
    texts = [canonical(dict(root.body)).replace(old, new) for root in roots.made_since(days.store, SINCE)]
    days.forge("roots", [("root", json.loads(text)) for text in texts])


def drop_all_roots(days: Days) -> None:
    days.drop("roots")


def drop_what_has_no_root_yet(days: Days) -> None:
    days.drop(TODAY)


def truncate_what_has_no_root_yet(days: Days) -> None:
    days.drop(TODAY, 2)


@dataclass(frozen=True)
class Case:
    """What is done, where it is named (run, entry, words), and what it takes: the chain, the roots, or an anchor."""

    done: Callable[[Days], None]
    takes: str
    run: str = ""
    entry: int = -1
    words: str = ""


CASES = [
    Case(edit, "chain", RUN, 1, "was edited: its content does not give its hash"),
    Case(edit_and_hash, "chain", RUN, 2, "does not follow from entry 1"),
    Case(dress_up, "chain", RUN, 3, "its attribute 'outcome' says 'succeeded', the entry itself 'cured'"),
    Case(remove, "chain", RUN, 2, "entry 1 was removed before it"),
    Case(remove_the_opening, "chain", RUN, 1, "entry 0 was removed before it"),
    Case(reorder, "chain", RUN, 1, "does not follow from entry 0"),
    Case(add_after_the_end, "chain", RUN, 4, "was added after the closing, which ends a run"),
    Case(truncate, "root", RUN, 3, "was removed: the root of 2026-11-18 names it"),
    Case(truncate_what_is_open, "root", OPEN, 2, "was removed: the root of 2026-11-19 names it"),
    Case(drop, "root", RUN, 3, "the whole run was removed: the root of 2026-11-18 names its entry 3"),
    Case(drop_a_refusal, "root", "refused-0123456789", 0, "the whole run was removed: the root of 2026-11-18"),
    Case(drop_a_lesson, "root", "lesson-dddddd", 0, "the whole run was removed: the root of 2026-11-19"),
    Case(rewrite, "root", RUN, 3, "was written anew: the root of 2026-11-18 names another hash"),
    Case(drop_a_root, "root", "roots", 2, "entry 1 was removed before it"),
    Case(edit_a_root, "root", "roots", 0, "was edited: its content does not give its hash"),
    Case(drop_the_last_root, "anchor", "roots", 2, "was removed: the anchor of 2026-11-20 has it"),
    Case(drop_all_roots, "anchor", "roots", 0, "was removed: the anchor of 2026-11-18 has it"),
    Case(drop_and_rewrite_the_roots, "anchor", RUN, 3, "the whole run was removed: the anchored root of 2026-11-18"),
    Case(rewrite_with_the_roots, "anchor", RUN, 3, "was written anew: the anchored root of 2026-11-18 names another"),
    Case(add_a_version, "nobody"),
    Case(add_a_run, "nobody"),
    Case(drop_what_has_no_root_yet, "nobody"),
    Case(truncate_what_has_no_root_yet, "nobody"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.done.__name__)
def test_who_sees_what(days: Days, tmp_path: Path, case: Case) -> None:
    """Without the anchors, and with them."""
    case.done(days)
    here, there = looked_at(days), looked_at(days, anchors=tmp_path)
    assert (here.verdict == "broken") == (case.takes in ("chain", "root"))
    assert (there.verdict == "broken") == (case.takes != "nobody")
    told = [(each.run, each.number, each.what) for each in there.breaks]
    words = case.words if case.takes != "root" else case.words.replace("the root of", "the anchored root of")
    assert case.takes == "nobody" or any(each[:2] == (case.run, case.entry) and words in each[2] for each in told)


def test_what_the_chain_says_is_said_of_the_run_alone(days: Days) -> None:
    """Without any root."""
    for case in (each for each in CASES if each.takes in ("chain", "root")):
        days = Days()
        days.ran(RUN, changes=2)
        if case.run != RUN:
            continue
        case.done(days)
        assert (looked_at(days).verdict == "broken") == (case.takes == "chain"), case.done.__name__


def test_nothing_is_found_where_nothing_was_done(days: Days, tmp_path: Path) -> None:
    """Without an anchor that is consistent, with one untampered; what is open, or of today, is not anchored yet."""
    here, there = looked_at(days), looked_at(days, anchors=tmp_path)
    assert (here.verdict, here.anchored) == ("consistent", ())
    assert (there.verdict, there.breaks) == ("untampered", ())
    assert set(there.anchored) == {RUN, "refused-0123456789", "lesson-dddddd"}
    assert set(there.not_anchored) == {OPEN, TODAY}


def test_whatever_is_touched_of_what_is_anchored_is_seen(days: Days, tmp_path: Path) -> None:
    """An entry of each kind, and each of its attributes: taken out, or edited."""
    anchored = days.anchored_in(tmp_path)
    overlooked = []
    for run, number in ((RUN, 0), (RUN, 3), (OPEN, 2), ("lesson-dddddd", 0), ("roots", 2)):
        item, key = days.chain(run)[number], {"run": run, "number": number}
        for name in ("", *(item.keys() - key)):
            days.store.transact([Piece("ledger", key, gate="forger", delete=True)])
            if name:
                days.put(item | {name: f"{item[name]}0"})
            if audit(InTables(days.store, days.clock.now()), SINCE, anchored, run).verdict != "broken":
                overlooked.append((run, number, name))
            days.put(item)
    assert overlooked == []


def test_what_is_not_anchored_yet_is_only_consistent(days: Days, tmp_path: Path) -> None:
    """However many anchors there are."""
    found = audit(InTables(days.store, days.clock.now()), SINCE, days.anchored_in(tmp_path), TODAY)
    assert (found.verdict, found.not_anchored) == ("consistent", (TODAY,))


def test_a_run_that_was_added_to_a_rooted_day_is_told_as_late(days: Days, tmp_path: Path) -> None:
    """So is one that break-glass brought in later: who looks knows which it is. Before the next root, and after it."""
    add_a_run(days)
    late = [each.run for each in looked_at(days, anchors=tmp_path).looked if each.late]
    assert late == ["20261118-040000-zzzzzz"]
    days.rooted(21)
    late = [each.run for each in looked_at(days).looked if each.late]
    assert late == ["20261118-040000-zzzzzz"]


def test_an_anchor_that_was_touched_is_named(days: Days, tmp_path: Path) -> None:
    """One that lacks a run, one that cannot be read, and one of another day."""
    file = tmp_path / "roots" / "2026" / "11" / "18.json"
    whole = file.read_text()
    for text, words in (
        (whole.replace(RUN, RUN[::-1]), "was edited: its content does not give its hash"),
        (whole[:-10], "cannot be read (JSONDecodeError)"),
        (whole.replace('"day": "2026-11-18"', '"day": "2026-11-17"'), "is of another day, 2026-11-17"),
    ):
        file.write_text(text)
        found = looked_at(days, anchors=tmp_path)
        assert any("18.json" in each.what and words in each.what for each in found.breaks)


def test_an_export_is_looked_at_without_a_table(days: Days, tmp_path: Path) -> None:
    """Lines of entries; one that was taken out, and one that is no entry, are named."""
    runs = (RUN, OPEN, TODAY, "refused-0123456789", "lesson-dddddd", "roots")
    lines = [text_of(item) for run in runs for item in days.chain(run)]
    file = tmp_path / "all.jsonl"
    file.write_text("\n".join(lines) + "\n")
    anchored = days.anchored_in(tmp_path)
    assert audit(InExport(file), SINCE, anchored).verdict == "untampered"
    file.write_text("\n".join([*lines[:1], *lines[2:], "{"]) + "\n")
    found = [(each.run, each.number) for each in audit(InExport(file), SINCE, anchored).breaks]
    assert found == [(f"{file.name}, line {len(lines)}", -1), (RUN, 2)]


def test_an_export_is_held_to_the_anchors_of_its_time(days: Days, tmp_path: Path) -> None:
    """Of what was written later it can know nothing."""
    lines = [text_of(item) for run in (RUN, "refused-0123456789", "roots") for item in days.chain(run)[:4]]
    roots_of_the_first_day = [text for text in lines if '"run":"roots"' not in text or '"number":0' in text]
    file = tmp_path / "first.jsonl"
    file.write_text("\n".join(roots_of_the_first_day) + "\n")
    found = audit(InExport(file), SINCE + timedelta(days=1), days.anchored_in(tmp_path))
    assert (found.verdict, found.breaks) == ("untampered", ())


STRANGE: tuple[Any, ...] = (None, 1.5, [1])


def test_an_export_with_strange_values_is_broken_and_read_to_its_end(days: Days, tmp_path: Path) -> None:
    """Whatever somebody wrote into it."""
    file = tmp_path / "all.jsonl"
    lines = [text_of(item) for run in (RUN, "roots") for item in days.chain(run)]
    for line in (lines[3], lines[-1]):
        item = json.loads(line)
        for name, value in ((name, value) for name in item for value in STRANGE if item[name] != value):
            text = text_of(item | {name: value})
            file.write_text("\n".join(text if each == line else each for each in lines))
            assert audit(InExport(file), SINCE).verdict == "broken", text


@pytest.mark.parametrize(
    "line", ["[]", "1", '{"Item": {"run": {"S": 1}}}', '{"Item": {"n": {"N": "x"}}}', '{"run": 1}', "[" * 9999]
)
def test_a_line_that_is_no_entry_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "e.jsonl").write_text(f"{line}\n")
    [found] = InExport(tmp_path / "e.jsonl").unreadable
    assert str(found) == "run e.jsonl, line 1, entry -1: cannot be read as an entry"
