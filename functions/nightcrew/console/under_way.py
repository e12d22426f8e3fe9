"""What has not ended, in one word on each page: a run that waits for a person is waiting, any other is running.

The ledger's index knows only that it is open; whether somebody is asked stands beside, and changes without an entry.
"""

from collections.abc import Iterable
from dataclasses import replace

from nightcrew.admission.approvals import find, still_waits, waiting
from nightcrew.api.desk import Desk
from nightcrew.api.runs import OUTCOMES, asked_for
from nightcrew.console.question import Question
from nightcrew.ledger.history import Page, Row
from nightcrew.ledger.rows import RUNNING

WAITING = "waiting"

STANDINGS = (*OUTCOMES, WAITING)
"""What may be asked for: how runs ended, and how those stand that have not."""


def waits(desk: Desk, run: str) -> bool:
    """Whether this one waits for a person: it asks, in time, and nobody has decided."""
    asked = find(desk.store, run)
    if asked is None or asked.decided is not None or desk.clock.now() > asked.deadline:
        return False
    return still_waits(desk.store, asked)


def rows_of(desk: Desk, question: Question, most: int, after: str | None) -> tuple[list[Row], Page]:
    """What has not ended, and a page of what has. Raises BadInput."""
    wanted, typed = question.wanted(most, after), question.typed
    outcome = wanted.outcome
    if outcome == WAITING:
        wanted = replace(wanted, outcome=RUNNING)
    open_now, page = asked_for(desk, wanted, typed.get("since"), typed.get("until"))
    return [row for row in _told(desk, open_now) if outcome in (None, row.outcome)], page


def _told(desk: Desk, rows: Iterable[Row]) -> list[Row]:
    found = list(rows)
    asking = {each.run for each in waiting(desk.store, desk.clock.now())} if found else set()
    return [replace(row, outcome=WAITING) if row.run in asking else row for row in found]
