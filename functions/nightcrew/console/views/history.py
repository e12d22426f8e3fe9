"""History: what ran, what was refused and what people learned, found by filters and by words."""

from collections.abc import Mapping
from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.api.endings import in_full
from nightcrew.console.answers import Answer, File, Page
from nightcrew.console.asked import Asked
from nightcrew.console.at import At
from nightcrew.console.export import as_csv, as_json
from nightcrew.console.found import found
from nightcrew.console.question import FILTERS, Question
from nightcrew.console.under_way import STANDINGS, rows_of
from nightcrew.errors import BadInput
from nightcrew.knowledge.marks import mark_of

ROWS = 25
"""On a page."""

LABELS = {name: name.capitalize() for name in FILTERS}
HINTS = {
    "words": "in lessons and endings",
    "runbook": "its name",
    "resource": "its name or ARN",
    "symptom": "AWS/EC2:…:high",
    "person": "who started it",
    "since": "7d or 2026-11-21",
    "until": "2026-11-21T03:00",
}


def history(desk: Desk, asked: Asked) -> Answer:
    """A page of it; a filter that is not allowed is said at its field, and nothing is looked for."""
    question = Question.of(asked)
    try:
        answer = {"found": found(desk, question.typed)} if "words" in question.typed else _page(desk, question)
    except BadInput as error:
        return _shown(desk, question, {}, {error.field: error.allowed})
    return _shown(desk, question, answer)


def csv(desk: Desk, asked: Asked) -> Answer:
    """The same question, as a table to keep."""
    return File("text/csv; charset=utf-8", as_csv(desk, Question.of(asked)), "nightcrew-history.csv")


def json(desk: Desk, asked: Asked) -> Answer:
    """The same question, for programs."""
    return File("application/json", as_json(desk, Question.of(asked)), "nightcrew-history.json")


def _page(desk: Desk, question: Question) -> dict[str, Any]:
    open_now, page = rows_of(desk, question, ROWS, question.after)
    return {
        "rows": [*open_now, *in_full(desk.store, page.rows)],
        "older": question.older(page.after) if page.after is not None else None,
        "newer": question.newer(),
        "newest": question.at() if question.after is not None else None,
    }


def _shown(desk: Desk, question: Question, answer: Mapping[str, Any], wrong: Mapping[str, str] | None = None) -> Page:
    values = {
        "typed": {name: question.typed.get(name, "") for name in FILTERS},
        "chips": [(LABELS[name], text, question.without(name)) for name, text in question.typed.items()],
        "labels": LABELS,
        "hints": HINTS,
        "runbooks": sorted(desk.catalog),
        "outcomes": [(name, mark_of(name).words) for name in STANDINGS],
        "exports": {kind: question.at(f"/console/history.{kind}") for kind in ("csv", "json")},
        "wrong": wrong or {},
        "found": None,
        "rows": None,
        "older": None,
        "newest": None,
        **answer,
    }
    return Page("history", "History", values, 422 if wrong else 200)


PAGES = (
    At("GET", "/console/history", history),
    At("GET", "/console/history.csv", csv),
    At("GET", "/console/history.json", json),
)
