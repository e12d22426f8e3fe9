"""The day's job's part: what each runbook proved, kept where each start sees it. Derived, so it may be repeated."""

from collections.abc import Collection
from datetime import date

from nightcrew.knowledge.autonomy.earned import proof_of
from nightcrew.knowledge.statistics.day import Day
from nightcrew.ledger.store import Store

AT_ONCE = 25
"""Items in one transaction."""


def keep(store: Store, days: Collection[Day], runbooks: Collection[str], today: date) -> int:
    """Keep the proofs of those runbooks that ever ran in these days; how many. Raises Unreachable, Conflict."""
    ran = {each.runbook for day in days for each in day.counts}
    pieces = [proof_of(days, name, today).piece(name) for name in sorted(ran & set(runbooks))]
    for begin in range(0, len(pieces), AT_ONCE):
        store.transact(pieces[begin : begin + AT_ONCE])
    return len(pieces)
