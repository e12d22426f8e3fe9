"""Shells complete commands, options and the names of runbooks."""

import subprocess
import sys

import pytest

from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.group import COMMANDS
from tests.cli.desk import ROOT, typed


def completed(*words: str) -> list[str]:
    """What bash is told for the last of these words."""
    line = ["nightcrew", *words]
    place = str(len(line) - 1)
    done = typed(_NIGHTCREW_COMPLETE="bash_complete", COMP_WORDS=" ".join(line), COMP_CWORD=place)
    assert done.code == 0
    return [each.split(",", 1)[1] for each in done.out.splitlines()]


def test_commands_and_runbooks_complete(catalog: Catalog) -> None:
    assert completed("hi") == ["history"]
    assert completed("run", "restart-") == [name for name in catalog if name.startswith("restart-")]
    assert completed("runbooks", "restart-ec2") == ["restart-ec2-instance"]
    assert completed("history", "--runbook", "restart-ec2") == ["restart-ec2-instance"]


def test_options_and_outcomes_complete() -> None:
    assert completed("run", "restart-ec2-instance", "--inst") == ["--instance-id"]
    assert completed("history", "--outcome", "cu") == ["cured"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_is_said_how_a_shell_learns_it(shell: str) -> None:
    """The line works: it makes `nightcrew` print a script for that shell."""
    told = typed("completion", shell, "--json").json
    assert [each["shell"] for each in told] == [shell]
    assert f"_NIGHTCREW_COMPLETE={shell}_source nightcrew" in told[0]["line"]
    assert told[0]["line"] in typed("completion").out
    if shell != "bash":  # for bash click asks the bash of this machine for its version
        assert "nightcrew" in typed(_NIGHTCREW_COMPLETE=f"{shell}_source").out


def test_completion_works_in_a_process() -> None:
    """As a shell calls it, at each Tab: so no command is loaded for the name of one."""
    asked = {"_NIGHTCREW_COMPLETE": "zsh_complete", "COMP_WORDS": "nightcrew ver", "COMP_CWORD": "1"}
    script = (
        f"import os, sys; os.environ.update({asked})\n"
        "from nightcrew.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print('botocore' in sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["plain", "verify", COMMANDS["verify"].words]
    assert done.stderr == "False\n"
