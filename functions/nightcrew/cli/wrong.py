"""What went wrong, as one clear message: what it is, and what to do. No traceback."""

from dataclasses import dataclass
from typing import Any

import click
from rich.text import Text

from nightcrew.cli import exits
from nightcrew.cli.output import Output
from nightcrew.errors import (
    BadDeclaration,
    BadInput,
    BadParameter,
    BadPolicy,
    Conflict,
    Forbidden,
    NightcrewError,
    Unreachable,
)

ROOT_OPTIONS = ("--demo", "--url", "--region", "--profile", "--policy", "--files", "--debug", "--no-color")
"""These stand before the command; people write them behind it."""

_HINTS: dict[type[NightcrewError], tuple[str, ...]] = {
    Unreachable: ("is there a network, and the right --region?",),
    Conflict: ("nothing was written: try again in a moment",),
    Forbidden: ("nothing was sent; the runbook's declaration must name it",),
}

_SHOWN = 120


@dataclass(frozen=True)
class Wrong:
    """A message: its first line, what to do, the exit code, and the error as data."""

    line: str
    hints: tuple[str, ...]
    code: int
    data: dict[str, Any]

    def tell(self, output: Output) -> int:
        """Write it: on stderr for people, and as ``{"error": …}`` on stdout where ``--json`` was asked for."""
        output.note(Text.assemble(output.mark("failed", ""), self.line), *(f"  {hint}" for hint in self.hints))
        if output.json:
            output.data({"error": {**self.data, "message": self.line, "hints": list(self.hints)}})
        return self.code


def of_error(error: NightcrewError) -> Wrong:
    """One of ours."""
    data: dict[str, Any] = {"kind": type(error).__name__}
    if not isinstance(error, BadInput):
        hints = error.hints if isinstance(error, exits.NotHere) else _HINTS.get(type(error), ())
        return Wrong(str(error), hints, exits.of_error(error), data)
    data |= {"field": error.field, "value": error.value, "allowed": error.allowed}
    if isinstance(error, BadParameter):
        option = "--" + error.field.replace("_", "-")
        missing = error.value is None
        said = f"{option} is missing" if missing else f"{option}: {_short(error.value)} is not allowed"
        allowed = error.allowed.removeprefix("it is required (").removesuffix(")") if missing else error.allowed
        return Wrong(said, (allowed, "nothing was started"), exits.USAGE, data)
    place = ""
    if isinstance(error, BadPolicy):
        place = f"{error.file}:{error.line}: "
        data |= {"file": error.file, "line": error.line}
    elif isinstance(error, BadDeclaration):
        place = f"{error.where}: "
    others = [str(other) for other in getattr(error, "others", ())]
    return Wrong(
        f"{place}{error.field}: {_short(error.value)} is not allowed", (error.allowed, *others), exits.USAGE, data
    )


def of_usage(error: click.ClickException) -> Wrong:
    """A command that was written wrongly."""
    hints: list[str] = []
    context = error.ctx if isinstance(error, click.UsageError) else None
    option = error.option_name if isinstance(error, click.NoSuchOption) else None
    if option in ROOT_OPTIONS and context is not None and context.parent is not None:
        hints.append(
            f"{option} stands before the command: {context.find_root().info_name} {option} … {context.info_name} …"
        )
    elif context is not None:
        hints.append(f"{context.command_path} --help says what there is")
    line = error.format_message().strip().rstrip(".").replace("\n", " ")
    return Wrong(line[:1].lower() + line[1:], tuple(hints), exits.USAGE, {"kind": "Usage"})


def of_slip(error: Exception) -> Wrong:
    """What nobody foresaw: it is our fault, and the traceback tells where."""
    line = f"that should not happen: {type(error).__name__}: {error}"[:500]
    return Wrong(
        line,
        ("the same with --debug, before the command, shows where; please report it",),
        1,
        {"kind": type(error).__name__},
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
