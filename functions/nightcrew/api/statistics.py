"""How often runs helped, how fast against people's hands, and what that was worth."""

from datetime import date, datetime, timedelta
from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.api.times import span as days_of
from nightcrew.errors import BadInput
from nightcrew.knowledge.statistics.days import days
from nightcrew.knowledge.statistics.shelf import Shelf
from nightcrew.knowledge.statistics.statistics import BY, LOOKS_BACK, Statistics
from nightcrew.knowledge.statistics.statistics import statistics as counted

USUAL = "30d"
MOST = timedelta(days=3660)


def statistics(desk: Desk, *, since: str = USUAL, until: str | None = None, by: str = "runbook") -> dict[str, Any]:
    """Of these days, in whole UTC days; ``by`` says what stands in one line. Raises BadInput."""
    return reckoned(desk, since=since, until=until, by=by).to_dict()


def reckoned(desk: Desk, *, since: str = USUAL, until: str | None = None, by: str = "runbook") -> Statistics:
    """The same, to be drawn. Raises BadInput."""
    if by not in BY:
        raise BadInput("by", by, f"one of {', '.join(BY)}")
    now = desk.clock.now()
    first, last = span(since, until, now, ("since", "until"))
    return counted(
        days(desk.store, min(first, last - LOOKS_BACK), last, now=now, shelf=shelf(desk)),
        first,
        last,
        by=by,
        families=desk.catalog.families,
        by_hand=desk.catalog.by_hand,
    )


def shelf(desk: Desk) -> Shelf:
    """Where days stand that were counted here: who only looks may keep none in the state table."""
    name = f"nightcrew-days-{desk.who.account}-{desk.who.region}.json"
    return Shelf(desk.files / name, f"{desk.who.account} {desk.store.tables.ledger}")


def span(
    since: str, until: str | None, now: datetime, fields: tuple[str, str] = ("--since", "--until")
) -> tuple[date, date]:
    """The first and the last day, within the last ten years."""
    first, last = days_of(since, until, now, fields)
    if now.date() - first > MOST:
        raise BadInput(fields[0], since, "it must be within the last ten years")
    if first > last:
        raise BadInput(fields[0], since, f"it must not be after the last day, {last.isoformat()}")
    return first, last
