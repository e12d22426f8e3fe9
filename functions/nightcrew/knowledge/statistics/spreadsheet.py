"""Statistics as CSV: a line for each group, units in the headings. What is not known is an empty cell."""

from typing import Any

from nightcrew.knowledge.cells import rows_as_csv
from nightcrew.knowledge.statistics.figures import Figures, rounded
from nightcrew.knowledge.statistics.statistics import Statistics
from nightcrew.ledger.cases import CASES

OUTCOMES = (*CASES, "declined")


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
    every = (*statistics.groups, statistics.total)
    return rows_as_csv(headings, [dict(zip(headings, _line(each), strict=True)) for each in every])


def _line(figures: Figures) -> list[Any]:
    saved = figures.saved
    known = [figures.outcomes.get(name, 0) for name in OUTCOMES]
    return [
        figures.name,
        figures.runs,
        *known,
        figures.runs - sum(known),
        figures.refused,
        None if figures.success is None else round(100 * figures.success, 1),
        rounded(figures.median),
        rounded(figures.p90),
        rounded(figures.people_median),
        " ".join(f"{source}:{number}" for source, number in figures.sources.items()),
        *(rounded(each) for each in ((saved.net, saved.lost, saved.asked) if saved else (None, None, None))),
    ]
