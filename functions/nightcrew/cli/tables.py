"""Columns without boxes: they look the same on a terminal and in a file, and ``awk`` can read them."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nightcrew.cli.output import PROSE, Output


def table(headings: Sequence[str], *, keep: Sequence[int] = (), right: Sequence[int] = ()) -> Table:
    """An empty table. The columns numbered in ``keep`` are never cut short; the others are, where the terminal is narrow."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, heading in enumerate(headings):
        made.add_column(heading, no_wrap=True, overflow="ellipsis", justify="right" if number in right else "left")
        if number in keep:
            made.columns[-1].min_width = None
            made.columns[-1].overflow = "fold"
    return made


def pairs(rows: Iterable[tuple[str, RenderableType]], *, indent: int = 2) -> RenderableType:
    """Labels and what they are about, one below the other."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for label, value in rows:
        made.add_row(label, value)
    return Padding(made, (0, 0, 0, indent), expand=False)


def prose(text: str, output: Output, *, indent: int = 2) -> RenderableType:
    """Paragraphs for reading, as wide as reads well."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    width = max(min(output.width, PROSE) - indent, 20)
    lines = [line for paragraph in paragraphs for line in [*Text(paragraph).wrap(output.console, width), Text()]]
    return Padding(Text("\n").join(lines[:-1]), (0, 0, 0, indent), expand=False)
