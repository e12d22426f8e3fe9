"""What came into the ledger long after it had happened, as an upload from break-glass does: so that whoever has read
its week looks there again.

One item of the state table, an attribute for each week (or ``lesson``), with the time of the last such arrival.
"""

from datetime import datetime
from typing import Any

from nightcrew.clock import stamp
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import Piece

_KEY = {"key": "late"}


def arrived(store: Store, entry: Entry, now: datetime) -> None:
    """Say that this ending, or lesson, is in the ledger as of now. Once it is: who reads that it came must find it."""
    week = entry.to_item().get("week")
    if isinstance(week, str):
        store.transact([Piece("state", _KEY, gate="late", sets={week: stamp(now)})])


def late_since(store: Store, since: datetime) -> tuple[str, ...]:
    """The partitions of the index by week into which something came late since then: one read."""
    item: dict[str, Any] = store.get("state", _KEY, consistent=False) or {}
    return tuple(sorted(name for name, at in item.items() if name != "key" and str(at) >= stamp(since)))
