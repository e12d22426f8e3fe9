"""Says whether the chain of a run was touched.

What can be seen in the chain alone: an entry that was edited, removed, moved or added, and an attribute that the
indexes show but the entry does not say. What cannot: a whole run removed, a chain cut off at its end (it looks open,
see ``still_open``), and a chain rewritten from some entry to its end. For these the daily root names the closing hashes
(``roots``), and is anchored outside the table (``anchors``); ``audit`` looks at all of it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from nightcrew.errors import BrokenChain
from nightcrew.ledger.entries import ENDINGS, RECORDS, Entry

FIRST_KINDS = ("opening", "refusal")


def verify(entries: Iterable[Entry | Mapping[str, Any]], first: int = 0) -> list[BrokenChain]:
    """Every break in one run's chain, in its order; empty where it is consistent. ``first`` is the number with which it
    begins: the chain of roots is read from some day on.

    Takes entries, or better the stored items (``history.items``): so one that cannot be read any more is a finding,
    too.
    """
    breaks: list[BrokenChain] = []
    before: Entry | None = None
    for each in entries:
        try:
            entry = each if isinstance(each, Entry) else Entry.from_item(each)
        except BrokenChain as unreadable:
            breaks.append(unreadable)
            continue
        found = [*_placed(before, entry, first), *_linked(before, entry), *_stored(entry)]
        breaks += [BrokenChain(entry.run, entry.number, what) for what in found]
        before = entry
    return breaks


def still_open(entries: Iterable[Entry | Mapping[str, Any]]) -> bool:
    """Whether no closing entry is there: the run goes on, was abandoned, or its chain was cut off at the end. What is
    no run is never open.
    """
    kinds = [each.kind if isinstance(each, Entry) else each.get("kind") for each in entries]
    return not any(kind in (*ENDINGS, *RECORDS) for kind in kinds)


def _placed(before: Entry | None, entry: Entry, first: int) -> Iterable[str]:
    expected = before.number + 1 if before else first
    if before and before.run != entry.run:
        yield f"belongs to another run than the entry before it, {before.run}"
    elif entry.number > expected:
        last = entry.number - 1
        missing = f"entry {expected} was" if last == expected else f"entries {expected} to {last} were"
        yield f"{missing} removed before it"
    elif entry.number < expected:
        yield f"stands after entry {expected - 1}: out of order, or added"
    if before and before.kind in ENDINGS:
        yield f"was added after the {before.kind}, which ends a run"
    if entry.kind in RECORDS or (before is not None and before.kind in RECORDS):
        if before is not None and before.kind != entry.kind:
            yield f"cannot be of the kind {entry.kind!r} after {before.kind!r}"
    elif (entry.number == 0) != (entry.kind in FIRST_KINDS):
        yield f"cannot be of the kind {entry.kind!r} at this place"


def _linked(before: Entry | None, entry: Entry) -> Iterable[str]:
    if before is None:
        if entry.number == 0 and entry.previous:
            yield "is the first, yet names an entry before it"
    elif entry.number == before.number + 1 and entry.previous != _kept_hash(before):
        yield f"does not follow from entry {before.number}: it names another hash than that entry has"


def _stored(entry: Entry) -> Iterable[str]:
    if entry.item is None:
        return
    item, expected = entry.item, entry.to_item()
    if item.get("hash") != entry.hash:
        yield "was edited: its content does not give its hash"
    for name in sorted((item.keys() | expected.keys()) - {"hash"}):
        if item.get(name) != expected.get(name):
            yield f"its attribute {name!r} says {item.get(name)!r}, the entry itself {expected.get(name)!r}"


def _kept_hash(entry: Entry) -> Any:
    # The hash as it stands in the table: an edited entry is reported once, not again at the entry after it.
    return entry.hash if entry.item is None else entry.item.get("hash")
