"""Words that somebody has to say: typed with the command, read from stdin, or written in an editor."""

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from nightcrew.cli.output import Output
from nightcrew.errors import NightcrewError
from nightcrew.knowledge.wording import secret_in

_LINE = "# Everything below this line is left out."

Kept = TypeVar("Kept")


def said(typed: Sequence[str], question: str, before: str = "") -> str:
    """The words: what was typed; all of stdin for a ``-``; else what is written in an editor, which begins with what
    was there ``before`` and shows the question below it.
    """
    if list(typed) == ["-"]:
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    if typed:
        return " ".join(typed)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("say the words, or - to read them from stdin")
    return edited(question, before)


def edited(question: str, before: str = "") -> str:
    """What is written in $VISUAL or $EDITOR."""
    written = click.edit(f"{before}\n\n{_LINE}\n# {question}\n", extension=".md")
    if written is None:
        raise click.UsageError("nothing was written in the editor, and nothing is kept")
    return written.split(_LINE)[0]


def not_lost(words: str, keep: Callable[[str], Kept], output: Output, *, typed: bool) -> Kept:
    """Keep them; where that fails, what was not ``typed`` with the command is given back, since nobody has it else."""
    try:
        return keep(words)
    except NightcrewError:
        if not typed and words.strip() and secret_in(words) is None:
            output.note("These words were not kept:", "", words.strip(), "")
        raise
