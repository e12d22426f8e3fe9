"""Says whether anything was touched: the chains of runs, the daily roots that name them, and the anchors of the roots.

Without anchors what is found well is *consistent*: whoever may write to the table may have written all of it anew,
roots and all. With an anchor, a run that it names is *untampered*. The anchor of today is made tomorrow: until then a
run is consistent, and not more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from nightcrew.errors import BrokenChain
from nightcrew.ledger import roots
from nightcrew.ledger.anchors import Anchor, Anchors
from nightcrew.ledger.entries import ENDINGS, RECORDS, Entry
from nightcrew.ledger.kept import Kept, number_of
from nightcrew.ledger.rows import BREAK_GLASS
from nightcrew.ledger.verify import still_open, verify

Items = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Looked:
    """A run that was looked at, and what is wrong with it. ``record`` is the kind of what is no run, as "lesson".
    ``anchored``: an anchor names its end as it is.
    """

    run: str
    record: str
    entries: int
    open: bool
    break_glass: bool
    anchored: bool
    late: bool
    breaks: tuple[BrokenChain, ...]


@dataclass(frozen=True)
class Audit:
    """What was found. ``late`` are runs that came after the root of the day on which they ended."""

    looked: tuple[Looked, ...]
    breaks: tuple[BrokenChain, ...]
    roots: int
    last_root: str | None
    anchors: tuple[Anchor, ...] | None

    @property
    def anchored(self) -> tuple[str, ...]:
        """The runs that an anchor names as they are."""
        return tuple(each.run for each in self.looked if each.anchored)

    @property
    def not_anchored(self) -> tuple[str, ...]:
        """Runs of which it can only be said that they are consistent."""
        return tuple(each.run for each in self.looked if not each.anchored)

    @property
    def last_anchor(self) -> str | None:
        """The last day that is anchored, as far as anchors were asked."""
        return max((str(each.day) for each in self.anchors or () if each.items), default=None)

    @property
    def verdict(self) -> str:
        """``broken``, ``consistent``, or ``untampered`` where anchors were asked and name at least one of the runs."""
        if self.breaks:
            return "broken"
        return "untampered" if self.anchored else "consistent"

    def to_dict(self) -> dict[str, Any]:
        """As JSON. Of anchors it says nothing where none were asked."""
        runs = [each for each in self.looked if not each.record]
        return {
            "verdict": self.verdict,
            "runs": len(runs),
            "lessons": sum(each.record == "lesson" for each in self.looked),
            "entries": sum(each.entries for each in self.looked),
            "open": sum(each.open for each in runs),
            "break_glass": sum(each.break_glass for each in runs),
            "roots": self.roots,
            "last_root": self.last_root,
            "anchors": None if self.anchors is None else len(self.anchors),
            "last_anchor": self.last_anchor,
            "not_anchored": None if self.anchors is None else list(self.not_anchored),
            "late": [each.run for each in self.looked if each.late],
            "consistent": not self.breaks,
            "broken": [{"run": each.run, "number": each.number, "what": each.what} for each in self.breaks],
        }


def audit(kept: Kept, since: datetime, anchors: Anchors | None = None, run: str | None = None) -> Audit:
    """Look at one run, or at all since then. Raises Unreachable."""
    rooted = kept.roots(since)
    read = None if anchors is None else tuple(_about(kept, rooted, each) for each in anchors.since(since.date()))
    breaks = [*kept.unreadable, *_rooted(rooted), *_held(rooted, read or ())]
    held = list(_speaking(rooted, read or ()))
    days = {str(root.body.get("day")) for root, _ in held}
    named: dict[str, dict[tuple[int, str], list[_Witness]]] = {}
    for witness in _witnesses(held):
        named.setdefault(witness.run, {}).setdefault((witness.number, witness.hash), []).append(witness)
    runs = [run] if run is not None else list(dict.fromkeys([*kept.runs(since), *named]))
    looked = tuple(_look(each, kept.items(each), named.get(each, {}), days) for each in runs)
    breaks += [each for one in looked for each in one.breaks]
    return Audit(looked, tuple(breaks), len(rooted), max(days, default=None), read)


@dataclass(frozen=True)
class _Witness:
    run: str
    number: int
    hash: str
    day: str
    listed: str
    anchored: bool


def _about(kept: Kept, rooted: Items, anchor: Anchor) -> Anchor:
    """What an anchor says of the time that is looked at: an export knows nothing of what was written later, or before
    its first root.
    """
    first = min((number_of(item) for item in rooted), default=None) if kept.partial else 0
    items = (
        item
        for item in anchor.items
        if first is not None and str(item.get("at", "")) <= kept.until and number_of(item) >= first
    )
    return replace(anchor, items=tuple(items))


def _speaking(rooted: Items, read: Sequence[Anchor]) -> Iterator[tuple[Entry, bool]]:
    """The roots that can be read, and whether it is an anchor that has them: that one speaks for the ledger's."""
    anchored = {number_of(item): item for anchor in read for item in anchor.items}
    stored = {number_of(item): item for item in rooted}
    for number in sorted(anchored.keys() | stored.keys()):
        try:
            yield Entry.from_item(anchored.get(number, stored.get(number, {}))), number in anchored
        except BrokenChain:
            continue  # told already


def _witnesses(held: Iterable[tuple[Entry, bool]]) -> Iterator[_Witness]:
    for root, anchored in held:
        try:
            found = list(roots.names(root))
        except BrokenChain:
            continue  # told already
        yield from (_Witness(each.run, each.number, each.hash, each.day, each.listed, anchored) for each in found)


def _rooted(rooted: Items) -> Iterator[BrokenChain]:
    """The chain of roots, from the first that was read."""
    yield from verify(rooted, max(number_of(rooted[0]), 0) if rooted else 0)
    for item in rooted:
        try:
            list(roots.names(Entry.from_item(item)))
        except BrokenChain as unreadable:
            if unreadable.what.startswith("names "):
                yield unreadable


def _held(rooted: Items, read: Sequence[Anchor]) -> Iterator[BrokenChain]:
    """The roots against their anchors, and the anchors themselves."""
    stored = {number_of(item): item for item in rooted}
    for anchor in read:
        if anchor.trouble:
            yield BrokenChain(roots.RUN, -1, f"the anchor {anchor.where} {anchor.trouble}")
        for wrong in verify(anchor.items, max(number_of(anchor.items[0]), 0) if anchor.items else 0):
            yield BrokenChain(roots.RUN, wrong.number, f"in the anchor {anchor.where}: {wrong.what}")
        for item in anchor.items:
            number = number_of(item)
            if number not in stored:
                yield BrokenChain(roots.RUN, number, f"was removed: the anchor of {anchor.day} has it")
            elif stored[number].get("hash") != item.get("hash"):
                yield BrokenChain(roots.RUN, number, f"is not the root that was anchored for {anchor.day}")


def _look(run: str, items: Items, named: Mapping[tuple[int, str], list[_Witness]], days: set[str]) -> Looked:
    breaks = verify(items)
    stored = {number_of(item): item for item in items}
    for (number, kept), witnesses in named.items():
        by = f"the {'anchored ' if any(each.anchored for each in witnesses) else ''}root of {witnesses[0].day}"
        if not items:
            what = f"the whole run was removed: {by} names its entry {number}"
            breaks.append(BrokenChain(run, number, what))
        elif number not in stored:
            breaks.append(BrokenChain(run, number, f"was removed: {by} names it"))
        elif stored[number].get("hash") != kept:
            breaks.append(BrokenChain(run, number, f"was written anew: {by} names another hash"))
    last = items[-1] if items else {}
    ended = last.get("kind") in (*ENDINGS, *RECORDS)
    witnesses = named.get((number_of(last), str(last.get("hash"))), []) if items else []
    return Looked(
        run=run,
        record=str(last["kind"]) if last.get("kind") in RECORDS else "",
        entries=len(items),
        open=bool(items) and still_open(items),
        break_glass=_break_glass(items),
        anchored=ended and any(each.anchored for each in witnesses),
        late=ended and _late(last, witnesses, days),
        breaks=tuple(breaks),
    )


def _late(last: Mapping[str, Any], witnesses: Iterable[_Witness], days: set[str]) -> bool:
    """Whether the root of its day was made without it."""
    if any(each.listed == "late" for each in witnesses):
        return True
    return not any(True for _ in witnesses) and str(last.get("at"))[:10] in days


def _break_glass(items: Items) -> bool:
    try:
        return bool(items) and str(Entry.from_item(items[0]).body.get("symptom", "")).startswith(BREAK_GLASS)
    except BrokenChain:
        return False
