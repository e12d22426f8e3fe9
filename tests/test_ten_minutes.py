"""How to write a runbook in ten minutes (runbooks/README.md), followed step by step."""

import ast
import importlib
import re
import shlex
import shutil
from pathlib import Path

import pytest

from nightcrew import Run
from nightcrew.authoring.pages import root_of
from nightcrew.aws.arns import ResourceName
from tests.cli.desk import ROOT, typed

GUIDE = (ROOT / "runbooks" / "README.md").read_text(encoding="utf-8")
COMMANDS = [shlex.split(line) for line in re.findall(r"^\$ (nightcrew new .*)$", GUIDE, re.MULTILINE)]


def test_what_it_begins_with_is_what_the_command_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Typed where a reader is, in a checkout."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    _, *words = COMMANDS[0]
    written = typed(*words, "--json").json["written"]
    (shown,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    assert Path(written[0]).read_text(encoding="utf-8") == shown
    assert Path(written[1]).stem in GUIDE.replace("protect_ec2_instance", "test_protect_ec2_instance")


def test_a_project_of_ones_own_is_begun_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _, *words = COMMANDS[1]
    assert typed(*words).code == 0
    project = (tmp_path / "acme-runbooks" / "pyproject.toml").read_text()
    assert '[project.entry-points."nightcrew.runbooks"]' in project
    assert re.search(r"make catalog ARGS=(\w+)", GUIDE)[1] in project  # type: ignore[index]  # else it fails here


def test_it_tells_every_verb_and_no_other() -> None:
    told = re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE)
    verbs = {name for name in Run.__abstractmethods__ if callable(getattr(Run, name))} - {"token"}
    assert sorted(told) == sorted(verbs)


def test_what_it_says_to_name_a_resource_by_is_there() -> None:
    """In nightcrew.aws, as the marker of a parameter."""
    (line,) = re.findall(r"builds an ARN is the run's resource:(.*?)are in `nightcrew\.aws`", GUIDE, re.DOTALL)
    modules = [importlib.import_module(f"nightcrew.aws.{each.stem}") for each in root_of("nightcrew.aws").glob("*.py")]
    known = {
        name
        for module in modules
        for name, value in vars(module).items()
        if any(isinstance(mark, ResourceName) for mark in getattr(value, "__metadata__", ()))
    }
    assert {*re.findall(r"`(\w+)`", line), "ServiceName"} <= known


def test_the_first_runbook_uses_each_step_that_the_guide_explains() -> None:
    (shown,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    verbs = {node.attr for node in ast.walk(ast.parse(shown)) if isinstance(node, ast.Attribute)}
    assert {"read", "require", "change", "prove"} <= verbs
