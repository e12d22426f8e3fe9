"""The one place that writes to the terminal.

Colour only on a terminal; ``NO_COLOR`` and ``--no-color`` are respected. Without a terminal lines are plain, and as
long as they are: what is piped is for ``grep``, not for a width. With ``--json`` stdout holds JSON and nothing else.
A reader that closes the pipe (``| head``) ends the output and not the command.
"""

import json
import os
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from nightcrew.clock import stamp
from nightcrew.knowledge.marks import mark_of

UNBOUNDED = 10_000
"""The width where there is no terminal."""

PROSE = 100
"""Text for reading is never wider than this."""

# What comes from events, tags and AWS's words must not steer a terminal: controls, and marks that turn the writing
# direction.
_UNFIT = dict.fromkeys(
    [*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], " "
)


class _Console(Console):
    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=segment.text.translate(_UNFIT))

    def on_broken_pipe(self) -> None:
        # rich would end the process here; this may be in the middle of a run.
        self.quiet = True
        hush(self.file)


class Output:
    """What a command writes with: ``print`` for people, ``data`` for programs, ``note`` beside both, on stderr."""

    def __init__(
        self, *, color: bool = True, as_json: bool = False, stdout: TextIO | None = None, stderr: TextIO | None = None
    ) -> None:
        self.color = color
        self.json = as_json
        self.console = _console(stdout or sys.stdout, color=color)
        self.beside = _console(stderr or sys.stderr, color=color)

    @property
    def live(self) -> bool:
        """Whether a person watches: stdout is a terminal that can redraw, and not meant for a program."""
        return self.console.is_terminal and not self.console.is_dumb_terminal and not self.json

    @property
    def width(self) -> int:
        """Columns on stdout; very many where there is no terminal."""
        return self.console.width

    def print(self, *parts: RenderableType) -> None:
        """Lines for people, on stdout; nothing where ``--json`` was asked for."""
        if not self.json:
            _write(self.console, parts)

    def hint(self, *lines: str) -> None:
        """What to type next, on stdout: dimmed, and not cut into lines, so that it can be copied."""
        if not self.json:
            _write(self.console, tuple(Text(line, style="dim") for line in lines), soft=True)

    def note(self, *parts: RenderableType) -> None:
        """Lines beside the output: warnings, hints, errors. On stderr."""
        _write(self.beside, parts)

    def data(self, value: Any) -> None:
        """One JSON document on stdout; times as the ledger writes them."""
        file = self.console.file
        _put(file, json.dumps(value, indent=2, ensure_ascii=not _unicode(file), default=_json))

    def line(self, value: Any) -> None:
        """One JSON value in one line on stdout: for what happens, one thing after the other."""
        file = self.console.file
        _put(file, json.dumps(value, ensure_ascii=not _unicode(file), default=_json))

    @property
    def signs(self) -> bool:
        """Whether bars and other signs beyond ASCII can be shown."""
        return _unicode(self.console.file)

    def document(self, text: str) -> None:
        """A whole document on stdout, as it is: no line of it is cut or broken, however wide the terminal is."""
        _put(self.console.file, text.removesuffix("\n"))

    def mark(self, outcome: str, words: str | None = None) -> Text:
        """An outcome as people see it: ``✓ cured``; with other ``words`` where they say more."""
        mark = mark_of(outcome)
        sign = mark.sign if _unicode(self.console.file) else mark.ascii
        return Text(f"{sign} {mark.words if words is None else words}", style=mark.style)


def hush(file: Any) -> None:
    """Nobody reads any more: let what is still written to ``file`` vanish, so that the interpreter can flush it at
    its end.
    """
    try:
        number = file.fileno()
    except (OSError, ValueError, AttributeError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def _console(file: TextIO, *, color: bool) -> Console:
    console = _Console(file=file, no_color=None if color else True, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = UNBOUNDED
    return console


def _write(console: Console, parts: tuple[RenderableType, ...], *, soft: bool = False) -> None:
    for part in parts or ("",):
        if console.is_terminal:
            console.print(part, soft_wrap=soft)
            continue
        with console.capture() as captured:
            console.print(part, soft_wrap=soft)
        # rich fills a table's last column with blanks, which nobody wants in a file.
        lines = captured.get().removesuffix("\n").split("\n")
        _put(console.file, "\n".join(line.rstrip() for line in lines))


def _put(file: Any, text: str) -> None:
    try:
        file.write(text + "\n")
        file.flush()
    except BrokenPipeError:
        hush(file)


def _unicode(file: Any) -> bool:
    return (getattr(file, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
