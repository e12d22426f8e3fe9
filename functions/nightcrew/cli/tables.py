"""Columns without boxes: they look the same on a terminal and in a file, and ``awk`` can read them."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nightcrew.cli.output import PROSE, Output

ONE_LINE = 160
"""From this width on everything about a thing stands in one line; below it, what tells more stands under it."""

_GAP = "  "


def listed(
    headings: Sequence[str],
    rows: Sequence[Sequence[Text]],
    output: Output,
    *,
    more: Sequence[str] = (),
    beside: str = "",
    cut: bool = True,
) -> list[Text]:
    """A heading and a line for each row, none longer than the terminal is wide. ``more`` is what there is to say
    further about each: it stands beside the row, under the heading ``beside``, where there is room; else dimmed below
    it, ``cut`` where the line ends.
    """
    wide = output.width >= ONE_LINE
    told: list[Text] = []
    cells = [[Text(heading, style="bold") for heading in headings], *(list(row) for row in rows)]
    if wide and more:
        for row, told_beside in zip(cells, [Text(beside, style="bold"), *map(Text, more)], strict=True):
            row.append(told_beside)
    for number, line in enumerate(_aligned(cells)):
        told.append(line)
        about = more[number - 1] if number and more else ""
        if about and not wide:
            below = Text(about, style="dim")
            lines = [below] if cut else below.wrap(output.console, output.width - len(_GAP))
            told += [Text.assemble(_GAP, each) for each in lines]
    for line in told:
        line.truncate(output.width, overflow="ellipsis")
    return told


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


def _aligned(rows: Sequence[Sequence[Text]]) -> list[Text]:
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        for cell, width in zip(row, widths, strict=True):
            cell.pad_right(width - cell.cell_len)
        line = Text(_GAP).join(row)
        line.rstrip()
        lines.append(line)
    return lines
