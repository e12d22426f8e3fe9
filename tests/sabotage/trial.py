"""Tries one fault: the tests that should notice, then, if they do not, the whole quick suite."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from tests.sabotage.fault import Fault
from tests.sabotage.tree import Tree
from tests.sabotage.warm import warm_pytest

SOON, LONG = 120, 600
"""Seconds after which tests that hang are given up: the named ones, and a whole suite."""

_RED = 1  # pytest's exit code: tests ran, and some failed. Others say that they could not be run.


@dataclass(frozen=True)
class Tested:
    """How a run of pytest ended: the tests that failed, without their parameters, and whether it came to an end."""

    red: tuple[str, ...]
    ran: bool
    said: str


@dataclass(frozen=True)
class Row:
    """A line of the table. ``result`` is "caught", "caught by others" or "survived"."""

    fault: str
    breaks: str
    result: str
    caught_by: tuple[str, ...]
    stayed_green: tuple[str, ...]
    seconds: float
    said: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As ``.reports/sabotage.json`` has it."""
        return {name: value for name, value in asdict(self).items() if value or name != "said"}


def run(tree: Tree, arguments: Sequence[str], within: float, workers: int = 1) -> Tested:
    """Run pytest in the tree. One worker alone needs no plugins, and is forked from a process that is warm."""
    options = ["-q", "--no-header", "--tb=no", "-rfE", "-p", "no:cacheprovider"]
    if workers == 1:
        bare = {**tree.environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return _tested(*warm_pytest(tree.path, [*options, *arguments], bare, within), within)
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", "-n", str(workers), *options, *arguments],
        cwd=tree.path,
        env=tree.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that what hangs goes with its own children
    ) as pytest:
        try:
            said, _ = pytest.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            os.killpg(pytest.pid, signal.SIGKILL)
            said, _ = pytest.communicate()
            return _tested(None, said, within)
    return _tested(pytest.returncode, said, within)


def _tested(code: int | None, said: str, within: float) -> Tested:
    """From pytest's exit code, None where it hung, and what it printed."""
    if code is None:
        return Tested((), ran=False, said=f"it hung for {within} seconds\n{said}")
    red = dict.fromkeys(re.findall(r"^FAILED ([^\s\[]+)", said, re.MULTILINE))
    return Tested(tuple(red), ran=code in {0, _RED}, said=said)


def attempt(fault: Fault, tree: Tree, workers: int) -> Row:
    """Make the fault in the tree, see who notices, and take it back."""
    began = perf_counter()
    with tree.broken(fault.made_in(tree.path)):
        tested = run(tree, fault.tests, SOON)
    caught, result = tested.red, "caught"
    green = tuple(test for test in fault.tests if test not in caught)
    if tested.ran and not caught:
        with tree.broken(fault.made_in(tree.path)):
            tested = run(tree, _quick(tree), LONG, workers)
        caught, result = _red_by_the_fault(tested.red, tree), "caught by others"
    if not caught:
        result = "survived"
    said = "" if caught or tested.ran else tested.said[-2000:]
    return Row(fault.name, fault.breaks, result, caught, green, round(perf_counter() - began, 1), said)


def _quick(tree: Tree) -> list[str]:
    """The suite of ``make test``; without the test that would be red for the patch, and not for what it breaks."""
    makefile = tree.path / "Makefile"
    left_out = re.search(r"-m pytest tests .*(-m) '([^']+)'", makefile.read_text()) if makefile.is_file() else None
    return ["tests", "--ignore=tests/test_sabotage.py", *(left_out.groups() if left_out else ())]


def _red_by_the_fault(red: Sequence[str], tree: Tree) -> tuple[str, ...]:
    """Those of the red ones that are green without the fault."""
    if not red:
        return ()
    anyway = run(tree, red, LONG)
    return tuple(test for test in red if test not in anyway.red) if anyway.ran else ()
