"""What stands before the command: where it acts, by which policy, and how it speaks. Every command gets it."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

import click

from nightcrew.cli.output import Output


@dataclass(frozen=True)
class Asked:
    """The options of ``nightcrew`` itself."""

    demo: bool = False
    region: str | None = None
    profile: str | None = None
    policy: Path | None = None
    stack: str | None = None
    url: str | None = None
    debug: bool = False
    files: Path | None = None
    output: Output = field(default_factory=Output)

    @property
    def command(self) -> str:
        """How to begin a command that acts on the same place: for hints that can be copied."""
        parts = ["nightcrew"]
        if self.demo:
            parts.append("--demo")
        for option in ("stack", "url", "region", "profile", "policy", "files"):
            if getattr(self, option) is not None:
                parts += [f"--{option}", shlex.quote(str(getattr(self, option)))]
        return " ".join(parts)


def _speak_json(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value:
        ctx.find_object(Asked).output.json = True  # type: ignore[union-attr]  # the root command sets it


json_option = click.option(
    "--json",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_speak_json,
    help="JSON on stdout, and nothing else there.",
)
"""For every command: what it says is for programs, errors too."""
