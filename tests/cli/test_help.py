"""What `nightcrew` says of itself."""

import importlib.util
import subprocess
import sys

import click
import pytest

from nightcrew.cli.group import COMMANDS, module_of, root
from tests.cli.desk import ROOT, typed

THERE = [name for name in COMMANDS if importlib.util.find_spec(module_of(name))]


def test_help_names_every_command_with_its_words() -> None:
    seen = typed("--help")
    assert seen.code == 0
    for name, listed in COMMANDS.items():
        assert f"{name} " in seen.out
        assert listed.words in seen.out


def test_help_needs_neither_cloud_nor_emulator() -> None:
    """It is fast because no command is loaded for it: neither moto nor boto3 is imported."""
    script = (
        "import sys\n"
        "from nightcrew.cli.group import root\n"
        "try:\n    root.main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "print([name for name in ('moto', 'boto3', 'nightcrew.demo') if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("name", THERE)
def test_every_command_explains_itself_and_speaks_json(name: str) -> None:
    """`run` does so for each of its runbooks, `policy` for each of its own commands."""
    words = [name, *{"run": ["restart-ec2-instance"], "policy": ["explain"]}.get(name, []), "--help"]
    seen = typed(*words, columns=80)
    assert seen.code == 0
    assert "--json" in seen.out
    assert seen.widest <= 80


def test_the_version_is_said() -> None:
    seen = typed("--version")
    assert seen.code == 0
    assert seen.out.startswith("nightcrew ")


def test_nothing_typed_is_wrong_usage_and_shows_the_help() -> None:
    seen = typed()
    assert seen.code == 2
    assert seen.out == ""
    assert "Usage: nightcrew" in seen.err


def test_a_runbooks_options_are_its_parameters() -> None:
    """Names, what is allowed, what must be given, and the defaults come from the function's signature."""
    seen = typed("run", "restart-ec2-instance", "--help")
    assert "--instance-id NAME" in seen.out
    assert "like i-0abc1234def567890; required" in seen.out
    assert "--within DURATION" in seen.out
    assert "default 10m" in seen.out


def test_the_root_knows_its_commands_before_they_are_loaded() -> None:
    context = click.Context(root)
    assert root.list_commands(context) == list(COMMANDS)
    assert root.get_command(context, "no-such-command") is None
