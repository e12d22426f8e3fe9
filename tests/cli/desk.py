"""A desk with a terminal on it: what a test types there, and what it sees."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from nightcrew.cli.group import root
from nightcrew.clock import SystemClock

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"


@dataclass(frozen=True)
class Seen:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stands on stdout, and nothing else may."""
        return json.loads(self.out)

    @property
    def widest(self) -> int:
        """Characters of the longest line on stdout."""
        return max(map(len, self.out.splitlines()), default=0)


def typed(*words: str, given: str = "", columns: int | None = None, **environment: str | None) -> Seen:
    """A command in this process; ``given`` is its stdin. Without ``columns`` there is no terminal. A variable that is
    None is not in its environment.
    """
    width: Mapping[str, str | None] = {"COLUMNS": str(columns) if columns else None}
    result = CliRunner().invoke(root, list(words), input=given, env={**width, **environment})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Seen(result.exit_code, result.stdout, result.stderr)


def process(*words: str, **environment: str | None) -> subprocess.Popen[str]:
    """The same command as a process of its own; a variable that is None is not in its environment."""
    kept = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "nightcrew.cli", *words],
        cwd=ROOT,
        env=kept,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def seen(child: "subprocess.Popen[str]", within: float = 60) -> Seen:
    """What a process wrote until its end."""
    out, err = child.communicate(timeout=within)
    return Seen(child.returncode, out, err)


def wait(until: Any, clock: SystemClock, within: float = 30) -> None:
    """Look again and again whether something holds that another process does."""
    for _ in range(int(within / 0.02)):
        if until():
            return
        clock.sleep(0.02)
    raise AssertionError("it did not happen")
