"""Findings as people read them: what about, a mark, the words, and below them what to do."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nightcrew.cli.doctoring.finding import Finding, State
from nightcrew.cli.output import Output

MARK: dict[State, str] = {"ok": "succeeded", "warning": "warning", "problem": "failed", "unknown": "unknown"}
"""Each state's mark, by the outcome that has the same."""


def findings(found: Sequence[Finding], output: Output) -> RenderableType:
    """One below the other; each names what it is about once."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    before = ""
    for each in found:
        about = each.check if each.check != before else ""
        before = each.check
        mark = output.mark(MARK[each.state], "")
        mark.rstrip()
        table.add_row(mark, Text(about, style="bold"), Text(each.words))
        for line in each.advice:
            table.add_row("", "", Padding(Text(line, style="dim"), (0, 0, 0, 2), expand=False))
    return table


def sum_of(found: Sequence[Finding]) -> Iterator[str]:
    """How many there are of each, as words; nothing of what there is none."""
    counted = Counter(str(each.state) for each in found)
    for word in ("problem", "warning", "unknown"):
        number = counted[word]
        if number:
            yield f"{number} {word}{'s' if number != 1 and word != 'unknown' else ''}"
