"""What the project's set-up promises: pins that agree, no addresses, doors that nobody imports."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LAMBDA = "functions/requirements.txt"
DEV = "requirements/dev.txt"
BROWSER = "requirements/browser.txt"
LOCKS = [LAMBDA, DEV, BROWSER, "requirements/checkov.txt", "requirements/ministack.txt", "requirements/sam.txt"]

PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9][0-9a-z.]*)"
    r"( ; [^:@/\\]+)?( --hash=sha256:[0-9a-f]{64})+",
)


def lines(lock: str) -> list[str]:
    """The lines of a requirements file, each continued one as one."""
    return (ROOT / lock).read_text(encoding="utf-8").replace(" \\\n    ", " ").splitlines()


def pins(lock: str) -> dict[str, set[Version]]:
    """Each distribution's pinned versions: mostly one, several where they differ by Python version."""
    found: dict[str, set[Version]] = {}
    for pin in filter(None, map(PIN.fullmatch, lines(lock))):
        found.setdefault(pin["name"], set()).add(Version(pin["version"]))
    return found


def declared(*path: str) -> list[Requirement]:
    """The requirements that stand at a place in pyproject.toml."""
    place: Any = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for key in path:
        place = place[key]
    return [Requirement(text) for text in place]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_requirements_file_holds_pins_with_hashes_and_nothing_else(lock: str) -> None:
    """No option, no comment, no path, no address: where packages come from is the machine's own setting."""
    assert [line for line in lines(lock) if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize(
    ("lock", "path"),
    [
        (LAMBDA, ("project", "dependencies")),
        (DEV, ("project", "dependencies")),
        (DEV, ("project", "optional-dependencies", "cli")),
        (DEV, ("project", "optional-dependencies", "demo")),
        (DEV, ("dependency-groups", "dev")),
        (BROWSER, ("dependency-groups", "browser")),
        ("requirements/checkov.txt", ("dependency-groups", "checkov")),
        ("requirements/ministack.txt", ("dependency-groups", "ministack")),
        ("requirements/sam.txt", ("dependency-groups", "sam")),
    ],
)
def test_pins_are_what_pyproject_allows(lock: str, path: tuple[str, ...]) -> None:
    pinned = pins(lock)
    for wanted in declared(*path):
        versions = pinned.get(canonicalize_name(wanted.name), set())
        assert versions, f"{wanted} is not in {lock}: run make lock"
        assert all(version in wanted.specifier for version in versions), f"{wanted}, but {lock} has {versions}"


def test_lambda_gets_the_versions_that_are_tested() -> None:
    tested = pins(DEV)
    assert {name: version for name, version in pins(LAMBDA).items() if version != tested.get(name)} == {}


def test_what_drives_a_browser_fits_into_the_same_environment() -> None:
    """It is installed beside the rest, and takes nothing of it away."""
    there = pins(DEV)
    assert {name: version for name, version in pins(BROWSER).items() if version != there.get(name, version)} == {}


def test_lambda_gets_no_tool_of_a_developer() -> None:
    """The extras and the dev group stay out of the functions' code."""
    tools = [
        *declared("project", "optional-dependencies", "cli"),
        *declared("project", "optional-dependencies", "demo"),
        *declared("dependency-groups", "dev"),
    ]
    assert {canonicalize_name(tool.name) for tool in tools} & pins(LAMBDA).keys() == set()


def test_nothing_imports_a_door() -> None:
    """The functions that Lambda calls stand on the top floor; lint sees packages only, so this looks itself."""
    functions = ROOT / "functions"
    doors = {door.stem for door in functions.glob("*.py")}
    below = [*(functions / "nightcrew").rglob("*.py"), *(ROOT / "runbooks").rglob("*.py"), *functions.glob("*.py")]
    assert below, "there is code to look at"
    # Only what names one behind the word, or goes on in another line, need be read whole.
    named = re.compile(rf"\b(?:from|import)\b.*\b(?:{'|'.join(doors)})\b|\\$", re.MULTILINE)
    suspects = [file for file in below if named.search(file.read_text(encoding="utf-8"))]
    assert [f"{file.relative_to(ROOT)}: {name}" for file in suspects for name in imports(file) if name in doors] == []


def imports(file: Path) -> Iterator[str]:
    """The top-level name of everything that a file imports, at its head or inside a function."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_every_command_says_what_it_does() -> None:
    """A target that people call stands in ``make help``."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE)
    explained = re.findall(r"^([a-z0-9-]+):.*## .+$", makefile, re.MULTILINE)
    assert {"demo", "test"} <= set(commands), "the README's two commands"
    assert sorted(commands) == sorted(explained)
