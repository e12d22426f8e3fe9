"""Statistics as CSV: a line for each group, units in the headings. What is not known is an empty cell."""

import csv
from collections.abc import Iterable
from io import StringIO

from nightcrew.knowledge.statistics.figures import Figures
from nightcrew.knowledge.statistics.statistics import Statistics
from nightcrew.ledger.cases import CASES

OUTCOMES = (*CASES, "declined")
_FORMULA = ("=", "+", "-", "@")
Cell = str | int | float | None


def to_csv(statistics: Statistics) -> str:
    """The whole file, its last line the total."""
    headings = [
        statistics.by,
        "runs",
        *OUTCOMES,
        "other",
        "refused",
        "success_percent",
        "median_seconds",
        "p90_seconds",
    ]
    headings += ["people_median_seconds", "people_sources", "saved_seconds", "lost_seconds", "answering_seconds"]
    return written([headings, *map(_line, (*statistics.groups, statistics.total))])


def written(lines: Iterable[Iterable[Cell]]) -> str:
    """Lines as CSV (RFC 4180, in UTF-8, with a line feed). A text that a spreadsheet would take for a formula gets an
    apostrophe before it, and what cannot be printed is a blank: names of alarms and resources are other people's.
    """
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    for line in lines:
        writer.writerow([_cell(each) for each in line])
    return file.getvalue()


def _line(figures: Figures) -> list[Cell]:
    saved = figures.saved
    known = [figures.outcomes.get(name, 0) for name in OUTCOMES]
    return [
        figures.name,
        figures.runs,
        *known,
        figures.runs - sum(known),
        figures.refused,
        None if figures.success is None else round(100 * figures.success, 1),
        figures.median,
        figures.p90,
        figures.people_median,
        " ".join(f"{source}:{number}" for source, number in figures.sources.items()),
        saved.net if saved else None,
        saved.lost if saved else None,
        saved.asked if saved else None,
    ]


def _cell(value: Cell) -> Cell:
    if not isinstance(value, str):
        return round(value, 3) if isinstance(value, float) else value
    text = "".join(sign if sign.isprintable() else " " for sign in value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
