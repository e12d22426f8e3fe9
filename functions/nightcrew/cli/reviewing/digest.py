"""A digest on a terminal. For pasting there is its Markdown."""

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nightcrew.cli.output import PROSE, Output
from nightcrew.knowledge.digest.digest import Digest, Section

MOST = 10
"""Lines of a section; --markdown and --json have more."""

_STYLES = {"mend": "bold yellow", "capacity": "bold yellow", "did_not_help": "bold red", "helped": "bold green"}


def show(made: Digest, output: Output) -> None:
    """The headline, then what each section says."""
    width = max(min(output.width, PROSE), 20)
    for line in Text(made.headline, style="bold").wrap(output.console, width):
        output.print(line)
    for section in made.sections:
        output.print("", Text(section.title, style=_STYLES.get(section.name, "bold")), _lines(section, width))


def _lines(section: Section, width: int) -> Padding:
    made = Table.grid(padding=(0, 1, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold", max_width=width - 4)
    for each in section.lines[:MOST]:
        made.add_row("-", Text(each.said.plain))
    if len(section.lines) > MOST:
        made.add_row("-", Text(f"and {len(section.lines) - MOST} more: --markdown", style="dim"))
    return Padding(made, (0, 0, 0, 2), expand=False)
