"""Now: what waits for a person, what runs, what was suggested, refused or ended lately. The page that stays open."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from nightcrew.admission.persons import same_person
from nightcrew.api.approvals import approvals
from nightcrew.api.desk import Desk
from nightcrew.api.endings import in_full
from nightcrew.console.answers import Answer, Page
from nightcrew.console.asked import Asked
from nightcrew.console.at import At
from nightcrew.ledger.history import Row, history, running

LATELY = timedelta(hours=24)
MOST = 60
"""Rows that are looked at for what happened lately; the history has all."""

SHOWN = 12
"""Of each kind."""

MATCH = "match"
"""The gate of a suggestion: nothing answers an alarm, and a runbook helped with the like before."""


def now(desk: Desk, asked: Asked) -> Answer:
    """One query of what is open, one of what waits, one of the last rows, and one request for all words of those that
    are shown.
    """
    del asked
    at = desk.clock.now()
    page = history(desk.store, now=at, since=at - LATELY, limit=MOST)
    waits = approvals(desk)
    asking = {each["run"] for each in waits}
    lately = {kind: [row for row in page.rows if _kind(row) == kind] for kind in ("suggested", "refused", "ended")}
    told = in_full(desk.store, [row for rows in lately.values() for row in rows[:SHOWN]])
    values = {
        "waiting": waits,
        "running": [row for row in running(desk.store) if row.run not in asking],
        **{kind: [row for row in told if _kind(row) == kind] for kind in lately},
        "many": {kind: _many(rows, page.after) for kind, rows in lately.items()},
        "catalog": desk.catalog,
        "stand": {each["run"]: _stand(desk.person.actor, each) for each in waits},
    }
    return Page("now", "Now", values)


def _kind(row: Row) -> str:
    return "ended" if row.gate is None else "suggested" if row.gate == MATCH else "refused"


def _stand(actor: str, each: Mapping[str, Any]) -> str:
    """Whether who looks ``asked`` for it or ``approved`` it, by whichever of their names; else nothing."""
    if same_person(actor, str(each["requester"])):
        return "asked"
    return "approved" if any(same_person(actor, str(other)) for other in each["approvers"]) else ""


def _many(rows: list[Row], after: str | None) -> str:
    """How many there are, as far as was looked."""
    return f"{len(rows)} or more" if after is not None else str(len(rows))


PAGES = (At("GET", "/console", now),)
