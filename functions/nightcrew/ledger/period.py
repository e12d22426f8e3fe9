"""What stands in a span of time: the endings of runs, and what is no run, by the index of weeks."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from nightcrew.clock import stamp
from nightcrew.ledger.conditions import AtLeast, Equals
from nightcrew.ledger.entries import RECORDS
from nightcrew.ledger.rows import week
from nightcrew.ledger.store import PAGE, Store

MANY = 1000
"""Index items in one request, each below 350 bytes: a storm of refusals is read in few of them."""


def ended(store: Store, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    """The index items of closings and refusals with ``since`` <= at < ``until``, the oldest first. Raises
    Unreachable.
    """
    monday = since - timedelta(days=since.weekday())
    while week(monday) <= week(until):
        yield from within(store, week(monday), since, until)
        monday += timedelta(days=7)


def recorded(store: Store, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    """The index items of all records but the roots, likewise, one kind after the other: each has a week of its own."""
    for kind in RECORDS:
        if kind != "root":
            yield from within(store, kind, since, until)


def whole(store: Store, found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The entries' items of what an index has found, in its order: one request for a hundred. One that is not there
    yet is left out.
    """
    keys = ({"run": item["run"], "number": item["number"]} for item in found)
    while some := list(islice(keys, PAGE)):
        yield from (item for item in store.get_all("ledger", some) if item is not None)


def within(store: Store, partition: str, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    """What the index of weeks has under ``partition``, from ``since`` on and before ``until``, the oldest first. Raises
    Unreachable.
    """
    where = Equals("week", partition) & AtLeast("ended", stamp(since))
    for item in store.every("ledger", where, index="by_week", page=MANY):
        if item["ended"] >= stamp(until):
            return
        yield item
