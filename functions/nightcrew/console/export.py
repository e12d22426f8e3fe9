"""The answer to a question as a file: all pages up to a bound; where there is more, it says where it ends."""

import json
from collections.abc import Sequence
from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.api.endings import in_full
from nightcrew.api.runs import row_data
from nightcrew.api.told import told
from nightcrew.clock import stamp
from nightcrew.console.found import found
from nightcrew.console.question import Question
from nightcrew.console.under_way import rows_of
from nightcrew.knowledge.cells import rows_as_csv
from nightcrew.ledger.history import MOST_ROWS, Row

MOST_PAGES = 10
"""Of MOST_ROWS each."""

COLUMNS = (
    *("run", "outcome", "gate", "runbook", "resource", "symptom", "started", "ended", "seconds", "actor", "words"),
    "break_glass",
)
FOUND = ("kind", "id", "at", "outcome", "runbook", "resource", "symptom", "about", "who", "words")


def as_csv(desk: Desk, question: Question) -> str:
    """A line for each; the last one says where it ends, if it does not have all. Raises BadInput, Unreachable."""
    if "words" in question.typed:
        return rows_as_csv(FOUND, _found(desk, question)["found"])
    rows, after = _rows(desk, question)
    lines = [row_data(row) for row in rows]
    return rows_as_csv(COLUMNS, [*lines, *([{"run": _more(rows)}] if after is not None else [])])


def as_json(desk: Desk, question: Question) -> str:
    """What was asked, what was found, and whether that is all of it. Raises BadInput, Unreachable."""
    if "words" in question.typed:
        answer = _found(desk, question)
        made: dict[str, Any] = {"found": answer["found"], "looked": answer["looked"]}
    else:
        rows, after = _rows(desk, question)
        made = {"runs": [row_data(row) for row in rows], "complete": after is None, "after": after}
        made["note"] = _more(rows) if after is not None else None
    return json.dumps(told({"asked": dict(question.typed), **made}), ensure_ascii=False, indent=1) + "\n"


def _rows(desk: Desk, question: Question) -> tuple[list[Row], str | None]:
    """What runs and what ended, and the cursor where it ends before its end."""
    rows: list[Row] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        open_now, page = rows_of(desk, question, MOST_ROWS, after)
        rows += [*open_now, *in_full(desk.store, page.rows)]
        after = page.after
        if after is None:
            break
    return rows, after


def _more(rows: Sequence[Row]) -> str:
    last = rows[-1].ended if rows else None
    reached = (
        f"the last one here ended at {stamp(last)}: ask for those until then" if last else "ask for a shorter time"
    )
    return f"there is more: {reached}"


def _found(desk: Desk, question: Question) -> dict[str, Any]:
    answer = found(desk, question.typed)
    lines = [{**each, "words": each["texts"]["words"]["text"]} for each in answer["found"]]
    return {**answer, "found": [{name: line[name] for name in FOUND} for line in lines]}
