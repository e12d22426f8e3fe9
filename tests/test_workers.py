"""How the suite is shared out to processes (workers.py): nothing is left out, nothing is lost."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.stack import ROOT
from tests.workers import PIECE, Left, pieces

MANY = 2 * PIECE

DOOR = f"""
import os, warnings, pytest
from pathlib import Path

@pytest.fixture(scope="module", autouse=True)
def opened():
    yield
    with Path("closed").open("a") as file:
        file.write(f"{{os.getpid()}}\\n")

@pytest.mark.parametrize("number", range({MANY}))
def test_many(number, tmp_path):
    print("seen", number)
    (tmp_path / "one").write_text("")
    with Path("ran").open("a") as file:
        file.write(f"{{number}} {{os.getpid()}} {{tmp_path}}\\n")
    assert number != 7, "seven"

def test_warns():
    warnings.warn("the door creaks", UserWarning)

def test_skipped():
    pytest.skip("no key")
"""
POND = "import threading\n\ndef test_hangs():\n    threading.Event().wait(0.4)\n"
CLIFF = "import os\n\ndef test_dies():\n    os._exit(3)\n\ndef test_after():\n    pass\n"


def ran(place: Path, *options: str) -> str:
    """What pytest prints there, with two workers, on stdout and then on stderr."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.workers", "--workers", "2", "-p", "no:cacheprovider", "-rA"]
    quick = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    options = (*options, "--basetemp", str(place / "tmp"))
    ended = subprocess.run([*command, *options], cwd=place, env=quick, capture_output=True, text=True, check=False)
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three modules: in one a test fails, in another one hangs for a while, in the last one kills its process."""
    place = tmp_path_factory.mktemp("yard")
    (place / "test_door.py").write_text(DOOR)
    (place / "test_pond.py").write_text(POND)
    (place / "test_cliff.py").write_text(CLIFF)
    return place


@pytest.fixture(scope="module")
def said(yard: Path) -> str:
    """What is printed of them."""
    return ran(yard, "-o", "faulthandler_timeout=0.1")


def test_each_test_runs_once_and_all_of_them_do(yard: Path, said: str) -> None:
    counted = Counter(line.split()[0] for line in (yard / "ran").read_text().splitlines())
    assert counted == dict.fromkeys(map(str, range(MANY)), 1)
    assert f"2 failed, {MANY + 2} passed, 1 skipped, 1 warning in " in said


def test_what_failed_was_skipped_or_warned_is_told_as_ever(said: str) -> None:
    assert "AssertionError: seven" in said
    assert sorted(map(int, re.findall(r"^seen (\d+)$", said, re.MULTILINE))) == list(range(MANY))
    assert "UserWarning: the door creaks" in said
    assert re.search(r"^SKIPPED \[1\] test_door\.py:\d+: no key$", said, re.MULTILINE)


def test_a_test_that_kills_its_process_has_failed_and_those_behind_it_run(said: str) -> None:
    assert "the process that ran this test ended with 3" in said
    assert re.search(r"^FAILED test_cliff\.py::test_dies", said, re.MULTILINE)
    assert re.search(r"^PASSED test_cliff\.py::test_after", said, re.MULTILINE)


def test_a_test_that_hangs_shows_where(said: str) -> None:
    [_, told] = said.split("Timeout (", 1)
    assert re.search(r"^  File .*test_pond\.py\", line 4 in test_hangs$", told, re.MULTILINE)


def test_each_process_closes_what_its_tests_opened_and_has_its_own_files(yard: Path, said: str) -> None:
    rows = [line.split() for line in (yard / "ran").read_text().splitlines()]
    closed = (yard / "closed").read_text().split()
    assert {pid for _, pid, _ in rows} <= set(closed)
    assert len(closed) == len(set(closed))
    assert len({Path(files) for _, _, files in rows}) == MANY


def test_where_the_first_failure_ends_it_no_more_is_given_out(tmp_path: Path) -> None:
    text = "import pytest\n\n@pytest.mark.parametrize('number', range(400))\ndef test_it(number):\n    assert number\n"
    (tmp_path / "test_it.py").write_text(text)
    passed = re.search(r"1 failed, (\d+) passed", ran(tmp_path, "-x", "-q", "-rf"))
    assert passed
    assert int(passed[1]) < 350


def test_a_modules_tests_stay_together_and_a_long_one_is_shared() -> None:
    """In even parts: no test that is left over has its module's fixtures set up once more, for itself."""
    short, long, longer = [Path("short")] * 3, [Path("long")] * (PIECE + 1), [Path("longer")] * (2 * PIECE - 2)
    assert list(pieces([*short, *long, *longer, *short])) == [
        range(3),
        range(3, 4 + PIECE),
        range(4 + PIECE, 3 + 2 * PIECE),
        range(3 + 2 * PIECE, 2 + 3 * PIECE),
        range(2 + 3 * PIECE, 5 + 3 * PIECE),
    ]


def test_who_has_begun_a_module_goes_on_with_it_while_there_are_others() -> None:
    modules = [Path("one")] * 2 * PIECE + [Path("two")] * 2 * PIECE + [Path("three")] * PIECE
    left = Left(modules)
    first, second = left.next(), left.next()
    assert [modules[piece.start].name for piece in (first, second)] == ["one", "two"]
    assert left.next(first[-1]) == range(first.stop, first.stop + PIECE)
    assert modules[left.next(2 * PIECE - 1).start].name == "three"
    assert left.next(5 * PIECE - 1) == range(second.stop, second.stop + PIECE)
    assert not left.next()


def test_what_a_dead_worker_left_comes_next_each_by_itself() -> None:
    left = Left([Path("one")] * PIECE)
    left.next()
    left.give_back([3, 4])
    assert [left.next(), left.next(), left.next()] == [range(3, 4), range(4, 5), range(0)]
