"""What each function gets: its door, what the door needs, the runbooks with their policy and their catalog.

Made by the Makefile as `sam build` has it made, without the packages; test_build.py looks at what SAM left.
"""

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

pytestmark = pytest.mark.build

DOORS = {
    "IntakeFunction": "intake",
    "ExecutorFunction": "executor",
    "SweepFunction": "sweep",
    "DigestFunction": "digest",
    "ApiFunction": "api",
    "ChatFunction": "chat",
}
FOR_PEOPLE = {"cli", "console", "demo"}
SERVES_PAGES = "ApiFunction"

ISOLATED = """
import importlib, os, sys
packages, doors = sys.argv[1:3], [each.split("=") for each in sys.argv[3:]]
sys.path[:0] = packages
import aws_durable_execution_sdk_python, boto3, pydantic  # which all doors load: once for all
for door, place in doors:
    child = os.fork()
    if child:
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert ended == 0, door
        continue
    sys.path.insert(0, place)
    importlib.import_module(door)
    from nightcrew.authoring.catalog import Catalog
    from nightcrew.engine.packaged import packaged_catalog, packaged_policy
    packaged_policy()
    listed = packaged_catalog()
    early = {each for each in sys.modules if each.startswith("runbooks.")}
    assert not early, early
    loaded = Catalog.load()
    assert loaded and not loaded.broken, loaded.broken
    assert dict(listed) == dict(loaded) and not listed.broken, listed.broken
    foreign = {"yaml", "moto", "click", "rich", "jinja2", "nightcrew.console"} & set(sys.modules)
    assert not foreign, foreign
    astray = [each.__file__ for name, each in sys.modules.items()
              if name.split(".")[0] in {"nightcrew", "runbooks", door} and not each.__file__.startswith(place)]
    assert not astray, astray
    if door == "api":
        import nightcrew.console.console, nightcrew.console.oidc.deployed
        from nightcrew.console import rendering, static_files
        assert rendering.templates().get_template("sign_in.html") and static_files.address("console.css")
    print(door, len(loaded))
    break
"""
"""Opens each door in a process of its own, forked before any of ours was loaded. Pages are not loaded with it,
and there where they are served.
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


def contents(tree: Path) -> dict[str, bytes]:
    """Every file by path: what SAM's own digest is over, which names the upload, and so the version."""
    return {name: (tree / name).read_bytes() for name in files(tree)}


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> set[str]:
    """The files that are not the same in both, or in one alone."""
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


@pytest.mark.parametrize("function", DOORS)
def test_a_function_gets_its_door_nightcrew_without_what_is_for_people_and_the_runbooks(
    source: Path, artefact: Callable[[str], Path], function: str
) -> None:
    expected = {f"{DOORS[function]}.py", "runbooks/policy.json", "runbooks/catalog.json"}
    expected |= {name for name in files(source / "functions") if name.split("/")[0] == "nightcrew"}
    expected |= {f"runbooks/{name}" for name in files(source / "runbooks")}
    left_out = FOR_PEOPLE - ({"console"} if function == SERVES_PAGES else set())
    expected = {name for name in expected if name.split("/")[1:2] not in [[each] for each in left_out]}
    assert set(files(artefact(function))) == {name for name in expected if not name.endswith(".md")}


def test_each_door_opens_with_what_its_function_got(artefact: Callable[[str], Path]) -> None:
    """In a process that sees nothing else but packages: no runbook is imported before it is asked for, then each is as
    the catalog says, and the policy needs no YAML.
    """
    command = [sys.executable, "-B", "-I", "-S", "-c", ISOLATED]
    packages = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    doors = [f"{door}={artefact(function)}" for function, door in DOORS.items()]
    ended = subprocess.run([*command, *packages, *doors], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    opened = dict(line.split() for line in ended.stdout.splitlines())
    assert set(opened) == set(DOORS.values())
    assert len(set(opened.values())) == 1


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


def test_the_same_source_is_the_same_code(artefact: Callable[[str], Path]) -> None:
    """All functions, built one after the other, differ by nothing but their doors, and one by its pages."""
    intake, *others = (contents(artefact(function)) for function in DOORS)
    for (function, door), other in zip(list(DOORS.items())[1:], others, strict=True):
        differ = differing(intake, other)
        pages = {name for name in differ if name.startswith("nightcrew/console/")}
        assert differ - pages == {"intake.py", f"{door}.py"}
        assert bool(pages) == (function == SERVES_PAGES)


def test_a_changed_runbook_or_policy_is_other_code(source: Path, artefact: Callable[[str], Path]) -> None:
    """So SAM uploads it under another name, and publishes another version behind the alias."""
    function, changed = "ExecutorFunction", {"runbooks/restart/restart_ec2_instance.py", "runbooks/policy.yaml"}
    for name in changed:
        with (source / name).open("a") as file:
            file.write("\n# a comment is a change, too\n")
    differ = differing(contents(artefact(function)), contents(made(source, function)))
    assert differ == {*changed, "runbooks/policy.json"}
