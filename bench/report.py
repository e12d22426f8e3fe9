"""The table that ``make bench`` prints, and ``.bench/report.json``: one row for each measure."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import fill

REPORT = Path(".bench/report.json")


@dataclass(frozen=True)
class Row:
    """One measure: its figure, the goal, whether it is met, and how it was taken, with the figures beside it.

    ``value`` is None where it was not taken; ``met`` is False then, and ``how`` says why.
    """

    measure: int
    name: str
    value: float | None
    unit: str
    goal: str
    met: bool
    how: str


def not_taken(measure: int, name: str, unit: str, goal: str, why: str) -> Row:
    """A measure that this run has no figure for."""
    return Row(measure, name, None, unit, goal, met=False, how=why)


def write(rows: Sequence[Row], path: Path = REPORT) -> None:
    """Write the report: ``{"measures": [{"measure": 1, "name": …, "value": …, "unit": …, "goal": …, "met": …,
    "how": …}, …]}``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"measures": [asdict(row) for row in rows]}, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def merged(rows: Sequence[Row], path: Path = REPORT) -> list[Row]:
    """These rows, and what an earlier run took of the measures that are not among them."""
    earlier = json.loads(path.read_text(encoding="utf-8"))["measures"] if path.is_file() else []
    found = {row.measure: row for row in (*(Row(**each) for each in earlier), *rows)}
    return [found[number] for number in sorted(found)]


def table(rows: Sequence[Row]) -> str:
    """The rows as a table for a terminal, and under it how each figure was taken."""
    lines = [("#", "measure", "figure", "goal", "met")]
    lines += [(str(row.measure), row.name, _figure(row), row.goal, _met(row)) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    said = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    said.insert(1, "  ".join("─" * width for width in widths))
    notes = [fill(row.how, 110, initial_indent=f"{row.measure:>2}  ", subsequent_indent="    ") for row in rows]
    return "\n".join([*said, "", *notes])


def _figure(row: Row) -> str:
    return "–" if row.value is None else f"{row.value:,g} {row.unit}"


def _met(row: Row) -> str:
    if row.value is None:
        return "not taken"
    return "yes" if row.met else "no"
