"""A team's own package of runbooks: installed beside Nightcrew, built into its functions, and never in their way."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from nightcrew.authoring.catalog import Catalog
from tests.cli.desk import typed
from tests.stack import ROOT

pytestmark = pytest.mark.build

NAME = "drain-node"
BROKEN = "acme_runbooks.restart.broken"
TAKEN = "acme_runbooks.restart.taken"

LOOK = """
import json, sys
sys.path[:0] = sys.argv[1:]
import executor
from nightcrew.authoring.catalog import Catalog
from nightcrew.engine.deployed import installation
told = []
made = installation({"NIGHTCREW_LEDGER": "l", "NIGHTCREW_STATE": "s"}, lambda *what: told.append(what), lambda *_: None)
catalog, imported = made.catalog, Catalog.load()
where = catalog["drain-node"].where
assert dict(catalog) == dict(imported) and catalog.broken.keys() == imported.broken.keys(), imported.broken
print(json.dumps({"names": list(catalog), "broken": catalog.broken, "told": told, "where": where}))
"""
"""Opened as the executor opens it, where nothing else can be seen but packages: by the compiled catalog, which must be
that of the code."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A team's project with a runbook that works, one that does not, and one that is called like one of ours."""
    directory = tmp_path_factory.mktemp("home") / "acme-runbooks"
    for name in (NAME, "taken"):
        assert typed("new", name, "--family", "restart", "--directory", str(directory)).code == 0
    code = directory / "acme_runbooks" / "restart"
    (code / "broken.py").write_text('"""Cannot be loaded."""\n\nimport a_package_that_nobody_has\n')
    taken = (code / "taken.py").read_text().replace("def taken(", "def restart_ec2_instance(")
    (code / "taken.py").write_text(taken)
    return directory


@pytest.fixture(scope="module")
def function(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The executor's code, built from a checkout that names the project in functions/teams.txt, without network."""
    place = tmp_path_factory.mktemp("build")
    for part in ("functions", "runbooks"):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", place)
    (place / "runbooks" / "catalog.json").write_text('{"runbooks": {}, "broken": {}}')  # left by an older build
    with (place / "functions" / "teams.txt").open("a") as teams:
        teams.write(f"{project}\n")
    artefact = place / "artefact"
    artefact.mkdir()
    command = [
        "make",
        "--no-print-directory",
        "code-ExecutorFunction",
        f"ARTIFACTS_DIR={artefact}",
        f"PY={sys.executable}",
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "false", "PYTHONPATH": str(place / "functions")}
    ended = subprocess.run(command, cwd=place, env={**kept, **offline}, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    left_out = re.findall(r"warning: (\S+) is left out, since it cannot be loaded: ", ended.stderr)
    assert left_out == [BROKEN, TAKEN]
    return artefact


def test_a_function_has_the_teams_runbooks_and_one_that_is_broken_is_named_and_in_nobodys_way(function: Path) -> None:
    """What runs at night is ours where both have a name; the log of the executor says what is missing, and why."""
    places = [str(function), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    command = [sys.executable, "-I", "-S", "-c", LOOK, *places]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout)
    assert set(seen["names"]) == {*Catalog.load(["runbooks"]), NAME}
    assert seen["where"].startswith(str(function))
    assert sorted(seen["broken"]) == [BROKEN, TAKEN]
    assert "a_package_that_nobody_has" in seen["broken"][BROKEN]
    assert "restart_ec2_instance.py" in seen["broken"][TAKEN]
    assert {what["runbook"]: what["words"] for _, what in seen["told"]} == seen["broken"]


def test_nothing_of_this_machine_comes_along(function: Path, project: Path) -> None:
    """The same source is the same code: else each deployment would be a new version."""
    home = str(project.parent).encode()
    assert [file for file in function.rglob("*") if file.is_file() and home in file.read_bytes()] == []
    assert [file.name for file in (function / "acme_runbooks").rglob("test_*")] == []
    assert len(list(function.glob("acme_runbooks-*.dist-info/entry_points.txt"))) == 1


def test_it_is_found_where_it_is_installed_and_nothing_is_found_that_is_not(
    function: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert NAME not in Catalog.load()
    monkeypatch.syspath_prepend(function)
    seen = typed("runbooks")
    for module in [name for name in sys.modules if name.startswith("acme_runbooks")]:
        del sys.modules[module]
    assert any(line.startswith(f"{NAME} ") for line in seen.out.splitlines())
    assert f"note: {BROKEN} could not be loaded: " in seen.err
