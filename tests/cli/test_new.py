"""`nightcrew new`: a runbook to begin with, in our catalog or in a project of a team's own."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.pages import drifted, write
from nightcrew.authoring.reach import check_permissions
from nightcrew.authoring.roles import rewritten
from nightcrew.authoring.runbook import FAMILIES
from nightcrew.cli.commands.new import project_at
from nightcrew.demo.house import House
from tests.cli.desk import ROOT, typed
from tests.stack import TEMPLATE

NAME, FUNCTION, PACKAGE = "drain-node", "drain_node", "acme_runbooks"


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A checkout of Nightcrew, as far as the command looks at it."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A team's project that the command began."""
    directory = tmp_path_factory.mktemp("home") / "acme-runbooks"
    assert typed("new", NAME, "--family", "restart", "--directory", str(directory)).code == 0
    return directory


@pytest.fixture
def team(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    """The team's package, as it is found where the project is on the path."""
    monkeypatch.syspath_prepend(project)
    yield Catalog.load([PACKAGE])
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


def loaded(file: Path) -> Any:
    """A module from its file."""
    spec = importlib.util.spec_from_file_location(f"written_{file.stem}", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("family", FAMILIES)
def test_in_our_catalog_it_takes_its_familys_folder_and_its_test_passes_at_once(
    ours: Path, family: str, house: House
) -> None:
    seen = typed("new", NAME, "--family", family, "--directory", str(ours), "--json").json
    code = ours / "runbooks" / family.replace("-", "_") / f"{FUNCTION}.py"
    test = ours / "tests" / "runbooks" / f"test_{FUNCTION}.py"
    assert seen["written"][:2] == [str(code), str(test)]
    runbook = loaded(code).drain_node
    assert (runbook.name, runbook.family) == (NAME, family)
    check_permissions(runbook)
    facts = [fact for name, fact in vars(loaded(test)).items() if name.startswith("test_")]
    assert len(facts) > 5
    installation = house.crew.installation
    for fact in facts if family == "restart" else []:
        house.scripted.reset()
        clients, policy, clock = house.crew.clients, installation.policy, installation.clock
        fact(House.build(clients, house.scripted, Catalog([runbook]), policy, clock))


def test_in_a_teams_project_its_test_passes_at_once(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As pytest runs it there, with a cloud of its own; nothing of our tests can be imported."""
    before = {*sys.modules}
    with monkeypatch.context() as patch:
        patch.chdir(project)
        patch.setattr(sys, "path", [*sys.path])
        patch.setitem(sys.modules, "tests", None)
        for name in [name for name in sys.modules if name.startswith("tests.")]:
            patch.delitem(sys.modules, name)
        off = [f"-pno:{plugin}" for plugin in ("cacheprovider", "xdist", "faulthandler", "schemathesis")]
        ended = pytest.main(["-q", *off, str(project)])
    for name in {*sys.modules} - before:
        if name.split(".")[0] in {PACKAGE, f"test_{FUNCTION}"}:
            del sys.modules[name]
    told = capfd.readouterr().out
    assert ended == 0, told
    assert "passed" in told


def test_what_is_written_is_clean(project: Path, ours: Path) -> None:
    """By our own rules, and by those that a team has without any."""
    typed("new", NAME, "--family", "restart", "--directory", str(ours))
    for words in (["check"], ["format", "--check"]):
        lint = [sys.executable, "-m", "ruff", *words, "--no-cache", "--quiet"]
        subprocess.run([*lint, "runbooks/restart", "tests"], cwd=ours, check=True)
        subprocess.run([*lint, "--isolated", "--line-length=120", "."], cwd=project, check=True)


def test_nothing_is_overwritten(project: Path) -> None:
    before = {file: file.read_bytes() for file in project.rglob("*.*") if file.is_file()}
    again = typed("new", NAME, "--family", "restore", "--directory", str(project))
    assert again.code == 2, "its test is there already"
    assert typed("new", NAME, "--family", "restart", "--directory", str(project)).code == 2
    assert {file: file.read_bytes() for file in project.rglob("*.*") if file.is_file()} == before


def test_a_second_one_joins_the_first(project: Path, tmp_path: Path) -> None:
    """In the package that the project registers, whatever its directory is called now."""
    moved = tmp_path / "elsewhere"
    shutil.copytree(project, moved)
    written = typed("new", "mend-node", "--family", "scale-out", "--directory", str(moved), "--json").json["written"]
    assert str(moved / PACKAGE / "scale_out" / "mend_node.py") in written
    assert str(moved / "pyproject.toml") not in written


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Drain_Node", "--family", "restart"], "name: 'Drain_Node' is not allowed"),
        (["import", "--family", "restart"], "name: 'import' is not allowed"),
        (["../node", "--family", "restart"], "name: '../node' is not allowed"),
        ([NAME, "--family", "reboot"], "one of failover, restart, restore, scale-out"),
        ([NAME, "--family", "restor"], "did you mean restore?"),
        (["restart-ec2-instance", "--family", "restart"], "there is a runbook of that name at "),
    ],
)
def test_what_is_not_allowed_is_named_with_what_is(words: list[str], told: str, tmp_path: Path) -> None:
    seen = typed("new", *words, "--directory", str(tmp_path))
    assert seen.code == 2
    assert told in seen.err
    assert list(tmp_path.iterdir()) == [], "nothing was written"


@pytest.mark.parametrize("text", ["[project]\nname = 'shop'\n", "[project"])
def test_a_project_that_registers_no_package_is_told_how(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    seen = typed("new", NAME, "--family", "restart", "--directory", str(tmp_path))
    assert seen.code == 2
    assert "directory: " in seen.err
    assert "pyproject.toml must" in seen.err


@pytest.mark.parametrize(("called", "package"), [("acme-night", "acme_night"), ("runbooks", "team_runbooks")])
def test_a_new_projects_package_is_called_like_it_where_that_can_be(called: str, package: str, tmp_path: Path) -> None:
    assert project_at(tmp_path / called).package == package


def test_a_teams_runbook_has_its_page_and_its_rights(team: Catalog, project: Path) -> None:
    """As ours have: `make catalog ARGS=acme_runbooks`, `make roles`."""
    assert (list(team), team.broken) == ([NAME], {})
    write(team, project / PACKAGE)
    assert drifted(team, project / PACKAGE) == []
    assert "| proved on | no emulator; AWS: never |" in (project / PACKAGE / "pages" / f"{NAME}.md").read_text()
    text = TEMPLATE.read_text(encoding="utf-8")
    restart = rewritten(text, team).partition("# restart: written")[2].partition("# restart: end")[0]
    assert "ec2:ModifyInstanceAttribute" in restart
