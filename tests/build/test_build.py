"""What `sam build` left: each function's code as it would be uploaded, for another processor than this one perhaps."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT

pytestmark = pytest.mark.build

BUILT = ROOT / ".aws-sam" / "build"
DOORS = {
    "IntakeFunction": "intake",
    "ExecutorFunction": "executor",
    "SweepFunction": "sweep",
    "DigestFunction": "digest",
    "ApiFunction": "api",
    "ChatFunction": "chat",
}
BOTO = {"boto3", "botocore", "s3transfer"}
MOST = 15_000_000
"""Bytes, unzipped, without boto3."""

OPENED = """
import sys
sys.path.insert(0, sys.argv[1])
import importlib
door = importlib.import_module(sys.argv[2])
assert callable(door.handler)
from nightcrew.authoring.catalog import Catalog
from nightcrew.engine.packaged import packaged_catalog, packaged_policy
loaded, listed = Catalog.load(), packaged_catalog()
packaged_policy()
print(sorted(loaded), loaded.broken, listed.broken)
assert loaded and not loaded.broken
assert dict(listed) == dict(loaded) and not listed.broken
foreign = [each.__file__ for each in sys.modules.values() if "site-packages" in (getattr(each, "__file__", None) or "")]
assert not foreign, foreign
"""


@pytest.fixture(scope="module", params=sorted(DOORS))
def function(request: pytest.FixtureRequest) -> str:
    """Each function by its logical id."""
    return str(request.param)


def files(function: str) -> Iterator[Path]:
    """What was built, by path inside it."""
    place = BUILT / function
    found = [each.relative_to(place) for each in place.rglob("*") if each.is_file()]
    assert found, "make validate builds it"
    return iter(found)


def test_a_function_has_its_own_door_and_no_other(function: str) -> None:
    doors = {file.name for file in files(function) if len(file.parts) == 1} - {"six.py", "typing_extensions.py"}
    assert doors == {f"{DOORS[function]}.py"}


def test_nothing_is_in_it_that_only_people_or_tests_use(function: str) -> None:
    tops = {file.parts[0] for file in files(function)}
    assert {"tests", "events", "bench", "bin", "moto", "click", "rich", "pytest"} & tops == set()
    ours = {file.parts[1] for file in files(function) if file.parts[0] == "nightcrew"}
    assert {"cli", "console", "demo"} & ours == ({"console"} if function == "ApiFunction" else set())
    assert [file for file in files(function) if file.suffix == ".pyc"] == []


def test_it_holds_the_pinned_packages_and_only_those(function: str) -> None:
    text = (ROOT / "functions" / "requirements.txt").read_text()
    pins = re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE)
    pinned = {(name.replace("-", "_"), version) for name, version in pins}
    built = {file.parts[0] for file in files(function) if file.parts[0].endswith(".dist-info")}
    assert {tuple(each.removesuffix(".dist-info").rsplit("-", 1)) for each in built} == pinned


def test_what_is_compiled_is_compiled_for_the_functions_processor_and_python(function: str) -> None:
    """Where samconfig.toml says nothing else, that is arm64: tests/test_architecture.py."""
    libraries = [file.name for file in files(function) if file.suffix == ".so"]
    assert libraries
    assert all(name.endswith(".cpython-313-aarch64-linux-gnu.so") for name in libraries), libraries


def test_it_is_small(function: str) -> None:
    """Without boto3, which Lambda has too, only older."""
    ours = [file for file in files(function) if file.parts[0].split("-")[0] not in BOTO]
    assert sum((BUILT / function / file).stat().st_size for file in ours) < MOST


def test_it_names_no_path_of_this_machine(function: str) -> None:
    """The same source is the same code, wherever it is built: else each deployment would be a new version."""
    home = str(ROOT).encode()
    assert [file for file in files(function) if home in (BUILT / function / file).read_bytes()] == []
    assert [file for file in files(function) if file.name == "RECORD"] == []


@pytest.mark.skipif(platform.system() != "Linux", reason="the packages are Linux's")
def test_the_doors_open_in_the_functions_own_python(tmp_path: Path, function: str) -> None:
    """Built the same way for this machine's processor, and opened where nothing else can be seen."""
    python = shutil.which("python3.13")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    found = python and subprocess.run([python, "--version"], env=inherited, capture_output=True, check=False)
    if not python or not found or found.returncode:
        pytest.skip("there is no python3.13 here")
    wanted = [f"ARCHITECTURE={platform.machine()}", f"ARTIFACTS_DIR={tmp_path}"]
    subprocess.run(["make", f"build-{function}", *wanted], cwd=ROOT, env=inherited, capture_output=True, check=True)
    command = [python, "-I", "-S", "-B", "-c", OPENED, str(tmp_path), DOORS[function]]
    ended = subprocess.run(command, env=inherited, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
