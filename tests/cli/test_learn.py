"""`nightcrew learn`: what people want the next one to know."""

from pathlib import Path
from typing import Any

import pytest

from nightcrew.admission.policy import Policy
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.reviewing.worded import edited
from nightcrew.clock import SystemClock
from nightcrew.dispatch.break_glass import files
from nightcrew.knowledge.lessons import correct, lessons, versions
from nightcrew.ledger.disk import DiskStore
from nightcrew.ledger.history import items
from nightcrew.ledger.transaction import Piece
from tests.cli.cloud import Demo
from tests.cli.desk import Seen, typed
from tests.cli.glass import ended

BY_HAND = "by hand:restart-ec2-instance"


def learned(*words: str, given: str = "", **more: Any) -> Seen:
    seen = typed("--demo", "learn", *words, given=given, **more)
    assert seen.code == 0, seen.err
    return seen


def test_a_lesson_stands_with_its_run_by_author_and_version(night: dict[str, str], demo: Demo) -> None:
    run = night["succeeded"]
    seen = learned(run, "look at the disk of", "the log host", "--as", "ada", columns=80)
    [lesson] = lessons(demo.store, run=run)
    assert (lesson.words, lesson.version) == ("look at the disk of the log host", 0)
    assert lesson.author == "arn:aws:iam::123456789012:user/ada"
    assert seen.out.splitlines() == [
        f"✓ kept: {lesson.id}",
        f"  about {run}",
        f"  nightcrew --demo learn --correct {lesson.id} …",
    ]
    corrected = learned("--correct", lesson.id, "look at the memory", "--as", "bob", "--json").json
    assert (corrected["version"], corrected["run"], corrected["words"]) == (1, run, "look at the memory")
    shown = typed("--demo", "show", run, columns=80)
    assert shown.widest <= 80
    told = shown.out[shown.out.index("What people learned") :].splitlines()
    assert told[1].startswith("  ")
    assert told[1].endswith(f"· bob · corrected once · {lesson.id}")
    assert told[2].strip() == "look at the memory"
    assert f" · bob · about {run}" in typed("--demo", "recall", "--run", run).out
    [data] = typed("--demo", "show", run, "--json").json["lessons"]
    assert data["author"] == "arn:aws:iam::123456789012:user/bob"
    listed = typed("--demo", "learn", "--list", lesson.id, "--json").json
    assert [(each["version"], each["words"]) for each in listed] == [
        (1, "look at the memory"),
        (0, "look at the disk of the log host"),
    ]


def test_a_lesson_about_a_symptom_is_read_from_stdin(night: dict[str, str]) -> None:
    """And a symptom that no run had is no error, but said: it may be a slip."""
    del night
    seen = learned("--symptom", BY_HAND, "-", given="First this.\n\nThen that.\n")
    assert seen.err == ""
    [lesson] = typed("--demo", "learn", "--list", "--symptom", BY_HAND, "--json").json
    assert (lesson["words"], lesson["symptom"], lesson["run"]) == ("First this.\n\nThen that.", BY_HAND, None)
    slip = learned("--symptom", "AWS/EC2:Statuscheck:high", "look")
    assert slip.err == "note: no run of this ledger had the symptom AWS/EC2:Statuscheck:high\n"


def test_a_list_fits_a_terminal(night: dict[str, str], demo: Demo) -> None:
    learned(night["succeeded"], "a long sentence about many things " * 20)
    learned("--symptom", BY_HAND, "a word\x1b[31m")
    assert {each.author.rpartition("/")[0] for each in lessons(demo.store)} == {"arn:aws:iam::123456789012:user"}
    for columns in (80, 120):
        seen = typed("--demo", "learn", "--list", columns=columns)
        assert seen.widest <= columns
        assert night["succeeded"] in seen.out
        assert BY_HAND in seen.out
        assert "\x1b[31m" not in seen.out
    one = typed("--demo", "learn", "--list", night["refused"])
    assert (one.code, one.out) == (0, "No lessons.\n")


def test_what_is_wrong_is_named_and_nothing_is_kept(demo: Demo) -> None:
    wrong: list[tuple[list[str], str]] = [
        (["20261121-030000-nosuchxx", "look"], "there is no run 20261121-030000-nosuchxx"),
        (["--correct", "lesson-none", "look"], "there is no lesson lesson-none"),
        (["--list", "20261121-030000-nosuchxx"], "there is no run 20261121-030000-nosuchxx"),
        (["--list", "lesson-none"], "there is no lesson lesson-none"),
        ([], "say which RUN, or which --symptom, it is about"),
        (["look at the disk"], "say which RUN, or which --symptom, it is about"),
        (["--symptom", "a", "--correct", "b", "look"], "cannot be given together"),
        (["--list", "a", "--symptom", "b"], "list the lessons of one RUN"),
        (["--symptom", "a:b:high"], "say the words, or - to read them from stdin"),
        (["--symptom", "a:b:high", " "], "words: ' ' is not allowed"),
        (["--symptom", "a:b:high", "the key is AKIA" + "IOSFODNN7EXAMPLE"], "an AWS access key id (not shown)"),
    ]
    for words, what in wrong:
        seen = typed("--demo", "learn", *words)
        assert (seen.code, seen.out) == (2, ""), words
        assert what in seen.err
        assert "EXAMPLE" not in seen.err
    secret = typed("--demo", "learn", "--symptom", "a:b:high", "-", given="the key is AKIA" + "IOSFODNN7EXAMPLE")
    assert (secret.code, "EXAMPLE" in secret.err) == (2, False)
    assert lessons(demo.store) == ()


def test_words_that_somebody_was_faster_than_are_given_back(night: dict[str, str], demo: Demo) -> None:
    """They were read from elsewhere, and nobody has them else."""
    learned(night["succeeded"], "look at the disk")
    [lesson] = lessons(demo.store, run=night["succeeded"])

    def meanwhile() -> None:
        correct(demo.store, SystemClock(), lesson.id, "look at the memory", author="arn:aws:iam::1:user/bob")

    demo.stall.on("look at the log host", meanwhile)
    seen = typed("--demo", "learn", "--correct", lesson.id, "-", given="look at the log host")
    assert seen.code == 1
    assert "arn:aws:iam::1:user/bob wrote another version" in seen.err
    assert "look at the log host" in seen.err
    assert [each.words for each in versions(demo.store, lesson.id)] == ["look at the disk", "look at the memory"]


def test_in_an_editor_the_question_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\ngrep -q "# What now?" "$1" && sed -i "s/the disk/the memory/" "$1"\n')
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(editor))
    assert edited("What now?", "look at the disk\n# of the log host").strip() == "look at the memory\n# of the log host"


def test_a_lesson_is_no_run(night: dict[str, str], demo: Demo) -> None:
    learned(night["succeeded"], "look")
    [lesson] = lessons(demo.store)
    seen = typed("--demo", "show", lesson.id)
    assert seen.code == 2
    assert "this is a lesson" in seen.err
    assert typed("--demo", "verify", lesson.id).out.startswith("✓ consistent: 1 lesson, ")


def test_a_broken_lesson_does_not_hide_its_run(night: dict[str, str], demo: Demo) -> None:
    learned(night["succeeded"], "look")
    [lesson] = lessons(demo.store)
    [item] = items(demo.store, lesson.id)
    key = {"run": lesson.id, "number": 0}
    demo.store.transact([Piece("ledger", key, gate="somebody", put=item | {"body": "{"})])
    seen = typed("--demo", "show", night["succeeded"])
    assert seen.code == 0
    assert "What people learned" not in seen.out
    assert typed("--demo", "verify", lesson.id).code == 1


def test_what_was_learned_under_break_glass_is_uploaded(
    demo: Demo, glass: Path, auto_policy: Policy, catalog: Catalog, reached: dict[str, Any]
) -> None:
    """With its run, and its correction later; and only once."""
    run = ended(glass, demo, auto_policy, catalog)
    assert typed("learn", run, "look at the disk").code == 0
    assert typed("learn", "--symptom", "break-glass:restart-ec2-instance", "look there").code == 0
    [lesson] = lessons(DiskStore(files(glass)[0]), run=run)
    assert lessons(demo.store) == ()
    assert typed("upload", **reached).code == 0
    assert {each.words for each in lessons(demo.store)} == {"look at the disk", "look there"}
    assert typed("learn", "--correct", lesson.id, "look at the memory").code == 0
    assert len(typed("--demo", "upload", "--json").json) == 3, "another ledger, for all that it knows"
    again = typed("upload", "--json", **reached).json
    assert [(each["run"], each["put"], each["there"]) for each in again] == [(lesson.id, 0, 2)]
    assert [each.words for each in lessons(demo.store, run=run)] == ["look at the memory"]
    assert typed("upload", "--json", **reached).json == []
