"""Review: what a team decides by. Statistics of whole UTC days, drawn and in figures, to share and to take along."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.api.statistics import USUAL, reckoned
from nightcrew.console import plots
from nightcrew.console.answers import Answer, File, Page
from nightcrew.console.asked import Asked
from nightcrew.console.at import At
from nightcrew.console.words import address
from nightcrew.errors import BadInput
from nightcrew.knowledge.names import short
from nightcrew.knowledge.statistics.figures import Figures
from nightcrew.knowledge.statistics.people import ESTIMATE
from nightcrew.knowledge.statistics.plot import plot
from nightcrew.knowledge.statistics.spreadsheet import to_csv
from nightcrew.knowledge.statistics.statistics import BY, Statistics

SPANS = (("7d", "7 days"), ("30d", "30 days"), ("90d", "90 days"), ("365d", "A year"))
MOST_GROUPS = 40
"""Lines of the table: a spreadsheet has all."""

MOST_WEEKS = 53
"""Drawn, the last ones: a year, so that a page stays small."""

MOST_SYMPTOMS = 10
HISTORY = "/console/history"


@dataclass(frozen=True)
class Line:
    """A line of the table: ``shown`` is its name, ``at`` where its runs are, if they can be asked for."""

    shown: str
    at: str | None
    figures: Figures


def review(desk: Desk, asked: Asked) -> Answer:
    """The page. A value that is not allowed is said at its field."""
    given = _given(asked)
    try:
        told = reckoned(desk, **given)
    except BadInput as error:
        return Page("review", "Review", {**_choice(given), "told": None, "wrong": {error.field: error.allowed}}, 422)
    return Page("review", "Review", {**_choice(given), "wrong": {}, "told": told, **_shown(told)})


def spreadsheet(desk: Desk, asked: Asked) -> Answer:
    """A line for each group, all of them."""
    told = reckoned(desk, **_given(asked))
    return File("text/csv; charset=utf-8", to_csv(told), f"nightcrew-{_span(told)}-by-{told.by}.csv")


def picture(desk: Desk, asked: Asked) -> Answer:
    """Times and outcomes by week, in one file that needs nothing else."""
    told = reckoned(desk, **_given(asked))
    return File("image/svg+xml", plot(told), f"nightcrew-{_span(told)}.svg")


def _given(asked: Asked) -> dict[str, Any]:
    """As the address has it; what is missing is what commands take."""
    return {
        "since": asked.wanted("since") or USUAL,
        "until": asked.wanted("until"),
        "by": asked.wanted("by") or "runbook",
    }


def _choice(given: dict[str, Any]) -> dict[str, Any]:
    """The form, and the addresses that ask the same in another way."""
    spans = [(words, address("/console/review", since=each, by=given["by"]), each) for each, words in SPANS]
    files = {kind: address(f"/console/review.{kind}", **given) for kind in ("csv", "svg")}
    return {"given": given, "ways": BY, "spans": spans, "files": files}


def _shown(told: Statistics) -> dict[str, Any]:
    weeks = told.weeks[-MOST_WEEKS:]
    gates, symptoms = [*told.gates.items()], told.symptoms[:MOST_SYMPTOMS]
    return {
        "days": (told.until - told.since).days + 1,
        "estimated": ESTIMATE in told.total.sources,
        "lines": [_line(each, told) for each in told.groups[:MOST_GROUPS]],
        "weeks": [_line(each, told, "week") for each in weeks if each.runs or each.refused],
        "drawn": len(weeks),
        "earlier": len(told.weeks) - len(weeks),
        "symptoms": [(each, _history(told, symptom=each.symptom)) for each in symptoms],
        "gates": gates,
        "refusals": _history(told, outcome="refused"),
        "proofs": [each for each in told.proofs if each.tried or each.refused],
        "unasked": sum(not each.tried and not each.refused for each in told.proofs),
        "plots": _plots(told, weeks, gates),
    }


def _plots(told: Statistics, weeks: Sequence[Figures], gates: Sequence[tuple[str, int]]) -> dict[str, Any]:
    return {
        "times": plots.times_to_remediate(told, weeks),
        "outcomes": plots.outcomes(told, weeks),
        "toil": plots.toil_saved(told, weeks),
        "gates": plots.refusals(gates),
        "symptoms": plots.symptoms(told.symptoms[:MOST_SYMPTOMS]),
    }


def _line(each: Figures, told: Statistics, by: str | None = None) -> Line:
    by = by or told.by
    at = None
    if by == "week":
        monday = date.fromisocalendar(int(each.name[:4]), int(each.name[-2:]), 1)
        first, last = max(monday, told.since), min(monday + timedelta(days=6), told.until)
        at = address(HISTORY, since=first.isoformat(), until=last.isoformat())
    elif by != "family" and each.name:
        at = _history(told, **{by: each.name})
    return Line((short(each.name) if by == "resource" else each.name) or "(unknown)", at, each)


def _history(told: Statistics, **about: str) -> str:
    """The runs of these days that are meant."""
    return address(HISTORY, **about, since=told.since.isoformat(), until=told.until.isoformat())


def _span(told: Statistics) -> str:
    return f"{told.since.isoformat()}-{told.until.isoformat()}"


PAGES = (
    At("GET", "/console/review", review),
    At("GET", "/console/review.csv", spreadsheet),
    At("GET", "/console/review.svg", picture),
)
