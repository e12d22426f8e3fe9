"""What each function gets: its door, what the door needs, the runbooks with their policy.

The packages beside it are looked at by tests/build, when `make validate` has built everything.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from nightcrew.admission.policy_compiled import from_compiled
from nightcrew.admission.policy_file import load
from tests.stack import ROOT

DOORS = {"IntakeFunction": "intake", "ExecutorFunction": "executor", "SweepFunction": "sweep"}
FOR_PEOPLE = {"cli", "console", "demo"}

ISOLATED = """
import sys
sys.path[:0] = sys.argv[2:]
import importlib
door = importlib.import_module(sys.argv[1])
from nightcrew.authoring.catalog import Catalog
from nightcrew.engine.deployed import packaged_policy
loaded = Catalog.load()
packaged_policy()
assert loaded and not loaded.broken, loaded.broken
foreign = {"yaml", "moto", "click", "rich"} & set(sys.modules)
assert not foreign, foreign
astray = [each.__file__ for name, each in sys.modules.items()
          if name.split(".")[0] in {"nightcrew", "runbooks", sys.argv[1]} and not each.__file__.startswith(sys.argv[2])]
assert not astray, astray
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of what the functions are made of, to be changed."""
    return copied(tmp_path)


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """What a function is made of as the source is, each made once: not to be changed."""
    source = copied(tmp_path_factory.mktemp("untouched"))
    return cache(lambda function: made(source, function, function))


def copied(place: Path) -> Path:
    """A copy of the source there."""
    copy = place / "source"
    for part in ("functions", "runbooks"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", copy)
    return copy


def make(source: Path, function: str, to: str) -> subprocess.CompletedProcess[str]:
    """What `sam build` has the Makefile do, without the packages."""
    artefact = source.parent / to
    artefact.mkdir()
    command = ["make", "--no-print-directory", f"code-{function}", f"ARTIFACTS_DIR={artefact}", f"PY={sys.executable}"]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(command, cwd=source, env=inherited, capture_output=True, text=True, check=False)


def made(source: Path, function: str, to: str = "artefact") -> Path:
    """The function's code, in a directory of that name."""
    ended = make(source, function, to)
    assert ended.returncode == 0, ended.stderr
    return source.parent / to


def files(tree: Path) -> Iterator[str]:
    """What is in it, by path."""
    return (str(each.relative_to(tree)) for each in sorted(tree.rglob("*")) if each.is_file())


def digest(tree: Path) -> str:
    """Equal for equal content under equal names, as SAM's own: it names the upload, and so the version."""
    found = hashlib.sha256()
    for name in files(tree):
        found.update(name.encode() + b"\0" + (tree / name).read_bytes() + b"\0")
    return found.hexdigest()


@pytest.mark.parametrize("function", DOORS)
def test_a_function_gets_its_door_nightcrew_without_what_is_for_people_and_the_runbooks(
    source: Path, artefact: Callable[[str], Path], function: str
) -> None:
    expected = {f"{DOORS[function]}.py", "runbooks/policy.json"}
    expected |= {name for name in files(source / "functions") if name.split("/")[0] == "nightcrew"}
    expected |= {f"runbooks/{name}" for name in files(source / "runbooks")}
    expected = {name for name in expected if name.split("/")[1:2] not in [[each] for each in FOR_PEOPLE]}
    assert set(files(artefact(function))) == {name for name in expected if not name.endswith(".md")}


@pytest.mark.parametrize("function", DOORS)
def test_a_door_opens_with_what_its_function_got(artefact: Callable[[str], Path], function: str) -> None:
    """In a process that sees nothing else but packages: every runbook loads, and the policy needs no YAML."""
    command = [sys.executable, "-B", "-I", "-S", "-c", ISOLATED, DOORS[function]]
    places = [str(artefact(function)), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    ended = subprocess.run([*command, *places], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_policy_is_checked_when_a_function_is_built(artefact: Callable[[str], Path]) -> None:
    """And packaged so that a cold start only reads it."""
    text = (ROOT / "runbooks" / "policy.yaml").read_text()
    packaged = (artefact("IntakeFunction") / "runbooks" / "policy.json").read_text()
    assert from_compiled(packaged) == load(text, "policy.yaml")


def test_a_wrong_policy_stops_the_build(source: Path) -> None:
    """With the file, the line and what is allowed."""
    with (source / "runbooks" / "policy.yaml").open("a") as policy:
        policy.write("\ndefault:\n  autonomy: auto\n")
    ended = make(source, "IntakeFunction", "artefact")
    assert ended.returncode != 0
    assert "policy.yaml:" in ended.stderr


@pytest.mark.parametrize("changed", ["runbooks/restart/restart_ec2_instance.py", "runbooks/policy.yaml"])
def test_a_changed_runbook_or_policy_is_other_code(source: Path, artefact: Callable[[str], Path], changed: str) -> None:
    """So SAM uploads it under another name, and publishes another version behind the alias."""
    function = "ExecutorFunction"
    before, again = digest(artefact(function)), digest(made(source, function, "again"))
    with (source / changed).open("a") as file:
        file.write("\n# a comment is a change, too\n")
    assert before == again
    assert digest(made(source, function, "after")) != before
