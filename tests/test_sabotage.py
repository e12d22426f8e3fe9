"""The faults of ``make sabotage`` fit the code as it is today, and what tries them tells caught from survived."""

import ast
import json
from functools import cache
from pathlib import Path

import pytest

from tests.sabotage.__main__ import ROOT, main
from tests.sabotage.fault import FAULTS, Fault, Unusable, faults
from tests.sabotage.tree import Tree

PATCHES = sorted(FAULTS.glob("*.patch"))


@cache
def names(file: str) -> set[str]:
    """The tests in a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}


def test_there_are_enough_faults() -> None:
    """Each in a file of its own, under its own name."""
    assert len(PATCHES) >= 20
    assert [fault.name for fault in faults()] == [path.stem for path in PATCHES]


@pytest.mark.parametrize("patch", PATCHES, ids=lambda path: path.stem)
def test_a_fault_applies_to_the_code_of_today_and_names_tests_that_there_are(patch: Path) -> None:
    """It gives code that can be compiled, and breaks nothing but our own."""
    fault = Fault.read(patch)
    for path, text in fault.made_in(ROOT).items():
        assert path.startswith(("functions/", "runbooks/"))
        assert text != (ROOT / path).read_text(encoding="utf-8")
        compile(text, path, "exec")
    assert fault.breaks.endswith(".")
    for test in fault.tests:
        file, _, name = test.partition("::")
        assert name in names(file), f"{file} has no test {name}"


HEAD = "Breaks: The door stays shut.\nCaught-by: tests/test_door.py::test_it_opens\n\n"
DIFF = """\
--- a/functions/door.py
+++ b/functions/door.py
@@ -9,2 +9,2 @@
 def opens():
-    return True
+    return False
"""
DOOR = "def opens():\n    return True\n\n\ndef colour():\n    return 'red'\n"


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    """A small tree with a door, a test of it, and faults beside it."""
    for folder in ("functions", "tests", "faults"):
        (tmp_path / folder).mkdir()
    (tmp_path / "functions" / "door.py").write_text(
        "def opens():\n    return True\n\n\ndef colour():\n    return 'red'\n"
    )
    (tmp_path / "tests" / "test_door.py").write_text(
        "import door\n\n\ndef test_it_opens():\n    assert door.opens()\n\n\ndef test_it_has_a_colour():\n"
        "    assert door.colour()\n"
    )
    (tmp_path / "faults" / "shut.patch").write_text(HEAD + DIFF)
    return tmp_path


def fault(yard: Path, text: str) -> Fault:
    """This one, read."""
    file = yard / "faults" / "other.patch"
    file.write_text(text)
    return Fault.read(file)


def test_lines_that_moved_are_found(yard: Path) -> None:
    """The patch says line 9; it is line 3 by now."""
    door = yard / "functions" / "door.py"
    door.write_text(f'"""A door."""\n\n{door.read_text()}')
    (text,) = Fault.read(yard / "faults" / "shut.patch").made_in(yard).values()
    assert text.startswith('"""A door."""\n\ndef opens():\n    return False\n')


def test_a_diff_as_git_writes_it_is_taken(yard: Path) -> None:
    """Over two files, with what git says beside it."""
    (yard / "functions" / "wall.py").write_text("HIGH = 2\n")
    wall = "diff --git a/functions/wall.py b/functions/wall.py\nindex 12..34 100644\n--- a/functions/wall.py\n"
    wall += "+++ b/functions/wall.py\n@@ -1 +1 @@ class Wall:\n-HIGH = 2\n+HIGH = 1\n"
    door = f"diff --git a/functions/door.py b/functions/door.py\nindex 1..2\n{DIFF}"
    made = fault(yard, HEAD + door + wall).made_in(yard)
    assert made["functions/wall.py"] == "HIGH = 1\n"
    assert "return False" in made["functions/door.py"]


def test_lines_that_changed_are_an_error_that_says_so(yard: Path) -> None:
    (yard / "functions" / "door.py").write_text("def opens():\n    return 1\n")
    with pytest.raises(Unusable, match=r"shut: it no longer applies to functions/door\.py: these lines are not there"):
        Fault.read(yard / "faults" / "shut.patch").made_in(yard)
    (yard / "functions" / "door.py").unlink()
    with pytest.raises(Unusable, match=r"there is no functions/door\.py"):
        Fault.read(yard / "faults" / "shut.patch").made_in(yard)


def test_lines_that_stand_twice_are_an_error_that_says_so(yard: Path) -> None:
    door = yard / "functions" / "door.py"
    door.write_text(door.read_text() * 2)
    with pytest.raises(Unusable, match="fit in 2 places"):
        Fault.read(yard / "faults" / "shut.patch").made_in(yard)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (DIFF, "one Breaks: line"),
        ("Breaks: The door.\n\n" + DIFF, "at least one Caught-by: line"),
        ("Breaks: It.\n" + HEAD + DIFF, "one Breaks: line"),
        ("Author: ada\n" + HEAD + DIFF, "one Breaks: line"),
        (HEAD, "no diff"),
        (HEAD + DIFF.replace("False", "True"), "no diff that changes anything"),
        (HEAD + DIFF.replace(" def opens():\n", "").replace("-    return True\n", ""), "only adds lines"),
    ],
)
def test_a_file_that_is_no_fault_is_refused_by_its_name(yard: Path, text: str, words: str) -> None:
    with pytest.raises(Unusable, match=rf"other\.patch: .*{words}"):
        fault(yard, text)


def test_a_copy_leaves_out_what_git_ignores_and_is_whole_again_after_a_fault(yard: Path, tmp_path: Path) -> None:
    (yard / ".gitignore").write_text("# made\n.venv*/\n*.pyc\n")
    (yard / ".venv-sam").mkdir()
    (yard / "functions" / "door.pyc").write_text("")
    tree = Tree(yard, tmp_path / "copy")
    assert sorted(each.name for each in tree.path.rglob("*")) == sorted(
        [".gitignore", "faults", "shut.patch", "functions", "door.py", "tests", "test_door.py"]
    )
    door = tree.path / "functions" / "door.py"
    before = (door.read_text(), door.stat().st_mtime_ns)
    with tree.broken({"functions/door.py": "broken"}):
        assert door.read_text() == "broken"
    assert (door.read_text(), door.stat().st_mtime_ns) == before


def test_a_fault_that_nobody_notices_survives(yard: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And only that one: the report has both, and the tree is as it was."""
    green = HEAD.replace("door stays shut", "door is blue").replace("it_opens", "it_has_a_colour")
    fault(yard, green + DIFF.replace("opens():", "colour():").replace("True", "'red'").replace("False", "'blue'"))
    assert main(["--jobs", "1"], yard, yard / "faults") == 1
    other, shut = json.loads((yard / ".reports" / "sabotage.json").read_text())
    assert (shut["fault"], shut["result"], shut["caught_by"]) == (
        "shut",
        "caught",
        ["tests/test_door.py::test_it_opens"],
    )
    assert (other["fault"], other["result"], other["caught_by"]) == ("other", "survived", [])
    assert "No test notices: other" in capsys.readouterr().out
    assert "return True" in (yard / "functions" / "door.py").read_text()


def test_tests_that_are_red_anyway_prove_nothing(yard: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They would call every fault caught."""
    (yard / "tests" / "test_door.py").write_text("def test_it_opens():\n    assert False\n")
    assert main(["--jobs", "1"], yard, yard / "faults") == 2
    assert "without any fault these must be green" in capsys.readouterr().err


def test_what_would_be_broken_can_be_listed(yard: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"], yard, yard / "faults") == 0
    assert capsys.readouterr().out == "shut: The door stays shut.\n"
    assert main(["--only", "open"], yard, yard / "faults") == 2
    assert "there is no fault open" in capsys.readouterr().err
