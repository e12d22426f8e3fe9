"""Daily roll-ups: what ended on each day that is over, so that a year's figures take a handful of reads.

A day is made from the ledger alone, and made anew where that says more: nothing is counted up in an item that all runs
write to. It is kept under ``day#2026-11-21#0`` (and ``#1`` … where it is large), without a time to live.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from nightcrew.clock import moment, stamp
from nightcrew.errors import Conflict
from nightcrew.knowledge.reads import Reads
from nightcrew.knowledge.statistics.day import Count as Count  # noqa: PLC0414  what a day is made of
from nightcrew.knowledge.statistics.day import Day as Day  # noqa: PLC0414
from nightcrew.knowledge.statistics.day import Lasted as Lasted  # noqa: PLC0414
from nightcrew.knowledge.statistics.recounting import recounted
from nightcrew.knowledge.statistics.shelf import SETTLED, Shelf
from nightcrew.ledger.conditions import Absent, Equals
from nightcrew.ledger.store import MOST_ITEMS, Store
from nightcrew.ledger.transaction import ConditionFailed, Piece

VERSION = 1  # of what is kept: another one is counted anew
PART = 300_000  # bytes of one item's text: DynamoDB takes 400 KB
TRIES = 5


def recount(store: Store, day: date) -> Day:
    """The day, from the ledger alone. Raises Unreachable."""
    return next(recounted(Reads(store), [day]))


def keep(store: Store, day: date) -> Day:
    """Count a day that is over and keep it; one that is kept and says the same is left alone. It may be repeated.

    Raises Conflict where uploads of that day come faster than it is counted, Unreachable.
    """
    for _ in range(TRIES):
        head = store.get("state", _key(day, 0)) or {}
        made = recount(store, day)
        text = made.to_text()
        if _digest(text) == head.get("digest") and _is_whole(store, head):
            return made
        try:
            _put(store, day, text, head.get("late"))
        except ConditionFailed:
            continue  # something late was uploaded meanwhile: it may not have been counted
        return made
    raise Conflict(f"the roll-up of {day} was dropped {TRIES} times while it was made")


def drop(store: Store, at: datetime, run: str) -> None:
    """An ending of ``run`` came into the ledger late, with the time ``at``: its day is to be counted anew.

    That it came is remembered, so that who counts that day at this moment does not keep what he found before.
    """
    piece = Piece("state", _key(_day(at), 0), gate="day", removes=("text", "digest"), adds={"late": {run}})
    store.transact([piece])


def days(store: Store, since: date, until: date, *, now: datetime, shelf: Shelf | None = None) -> Iterator[Day]:
    """Each day from ``since`` to ``until``, both of them included, the oldest first; none after today.

    What is kept takes a read for a hundred days; today, and what nobody kept, is counted, once where there is a
    ``shelf``. Raises Unreachable.
    """
    today = _day(now)
    made: list[Day] = []
    for span in _hundreds(since, min(until, today)):
        reader = Reads(store)
        found, there = _kept_of(reader, [each for each in span if each < today])
        # Whatever is in the state table of a day is newer than what the shelf has.
        open_ = {each for each in span if shelf and each <= today - SETTLED and each not in there}
        found |= {each: told for each in open_ if shelf and (told := shelf.get(each)) is not None}
        fresh = open_ - found.keys()
        for day in counted(reader, span, found):
            if day.day in fresh:
                made.append(day)
            yield day
    if shelf is not None:
        shelf.put(made)


def kept(store: Store, since: date, until: date) -> dict[date, Day]:
    """Those days from ``since`` to ``until``, both included, that are kept: a read for a hundred of them. Raises
    Unreachable.
    """
    return {day: told for span in _hundreds(since, until) for day, told in _kept_of(Reads(store), span)[0].items()}


def counted(reader: Reads, span: Sequence[date], known: Mapping[date, Day]) -> Iterator[Day]:
    """Each day of the span, in its order: as it is ``known``, else counted from the ledger. Raises Unreachable."""
    for run in _runs(span, known):
        if isinstance(run, Day):
            yield replace(run, reads=reader.spent())
        else:
            yield from recounted(reader, run)


def _kept_of(reader: Reads, span: Sequence[date]) -> tuple[dict[date, Day], Collection[date]]:
    """What is kept of these days; and those of which there is anything at all, if only that it was dropped."""
    there = dict(zip(span, reader.get_all("state", [_key(day, 0) for day in span]), strict=True))
    heads = {day: head for day, head in there.items() if head and _is_kept(head)}
    more = [{"key": name} for head in heads.values() for name in _more(head)]
    parts = {str(part["key"]): part for part in reader.get_all("state", more) if part is not None}
    found = {day: told for day, head in heads.items() if (told := _kept(head, parts)) is not None}
    return found, [day for day, head in there.items() if head is not None]


def _runs(span: Sequence[date], found: Mapping[date, Day]) -> Iterator[Day | list[date]]:
    """In the order of time: days that are kept, and between them those to be counted, as many as are of one week."""
    open_: list[date] = []
    for day in span:
        kept = found.get(day)
        if open_ and (kept is not None or day.isocalendar()[:2] != open_[-1].isocalendar()[:2]):
            yield open_
            open_ = []
        if kept is not None:
            yield kept
        else:
            open_.append(day)
    if open_:
        yield open_


def _kept(head: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> Day | None:
    """The day as it is kept; None where it is to be counted, since its parts are not of one making."""
    whole = "".join([str(head["text"]), *(str(parts.get(name, {}).get("text", "")) for name in _more(head))])
    return Day.from_text(whole) if _digest(whole) == head["digest"] else None


def _more(head: Mapping[str, Any]) -> list[str]:
    """The keys of a day's other parts."""
    return [_name(str(head["day"]), number) for number in range(1, head["parts"])]


def _is_kept(head: Mapping[str, Any]) -> bool:
    return bool(head) and "text" in head and head.get("version") == VERSION


def _is_whole(store: Store, head: Mapping[str, Any]) -> bool:
    if not _is_kept(head):
        return False
    parts = Reads(store).get_all("state", [{"key": name} for name in _more(head)])
    return _kept(head, {str(part["key"]): part for part in parts if part is not None}) is not None


def _put(store: Store, day: date, text: str, late: Any) -> None:
    """Its first part comes last: it says what the whole must be."""
    parts = [text[begin : begin + PART] for begin in range(0, len(text), PART)]
    for number, part in enumerate(parts[1:], start=1):
        store.transact([Piece("state", _key(day, number), gate="day", put={"text": part})])
    head: dict[str, Any] = {"version": VERSION, "day": day.isoformat(), "parts": len(parts)}
    head |= {"digest": _digest(text), "text": parts[0]} | ({"late": late} if late else {})
    as_seen = Equals("late", late) if late else Absent("late")
    store.transact([Piece("state", _key(day, 0), gate="day", condition=as_seen, put=head)])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _key(day: date, part: int) -> dict[str, str]:
    return {"key": _name(day.isoformat(), part)}


def _name(day: str, part: int) -> str:
    return f"day#{day}#{part}"


def _day(at: datetime) -> date:
    return moment(stamp(at)).date()


def _hundreds(since: date, until: date) -> Iterator[list[date]]:
    """The days, in their order, as many at a time as one request reads."""
    span = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    for begin in range(0, len(span), MOST_ITEMS):
        yield span[begin : begin + MOST_ITEMS]
