"""The daily root: one entry that names by hash what ended on a day, so that a run that is taken out, or written anew,
is seen.

A root names the closing of each run, each refusal (why something was not done counts as much), and what is no run, such
as each version of a lesson: a closing's hash covers its whole chain. It names the last entry of each run that is open,
too, so that a chain that is cut off later is seen. Roots are a chain of their own, run ``roots``: the hash of the last
one covers everything before it, and so it is what is anchored outside the table (``anchors``).

A line is ``RUN NUMBER HASH``. Who wants to look himself needs no more than SHA-256 and these lines.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any

from nightcrew.clock import Clock, moment, stamp
from nightcrew.errors import BadInput, BrokenChain, Conflict
from nightcrew.ledger import history, period
from nightcrew.ledger.book import put_once
from nightcrew.ledger.conditions import AtLeast, Equals
from nightcrew.ledger.entries import ENDINGS, Entry
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed

RUN = "roots"
LAG = timedelta(hours=1)  # after a day's end: the indexes follow the table a little later
LATE = timedelta(days=14)  # how far back a root looks for what came after its day's root
FIRST = timedelta(days=366)  # how far back the first one looks
MOST = 2_500  # lines in one entry: a body is at most 350 KB
LISTS = ("endings", "late", "earlier", "open")


@dataclass(frozen=True)
class Named:
    """An entry that a root names, in one of its LISTS. ``day`` is the root's."""

    run: str
    number: int
    hash: str
    day: str
    listed: str


def last_due(now: datetime) -> date:
    """The last day whose root may be made."""
    return (now.astimezone(UTC) - LAG).date() - timedelta(days=1)


def keep(store: Store, clock: Clock, day: date) -> tuple[Entry, ...]:
    """Make the roots of all days up to ``day`` that have none, and return them: none where that was done before.

    What ended on a day that has its root already, and came later (an upload after break-glass), is named as ``late`` by
    the next one, for two weeks; the first root names what ended in the year before it as ``earlier``. A day on which
    more than MOST ended has several entries, all but the last with ``more``; one that is left half-done is gone on
    with. Raises BadInput for a day that is not over, Conflict where another made one at the same moment, Unreachable.
    """
    if day > last_due(clock.now()):
        raise BadInput("day", str(day), f"a root is made of a day that is over, so up to {last_due(clock.now())}")
    head = history.tail(store, RUN)
    first = _next_day(head, day)
    if first > day:
        return ()
    begins = head is None or _is_first(store, head)
    back = first - (FIRST if begins else LATE)
    named = {(each.run, each.number) for root in made_since(store, start(back)) for each in names(root)}
    days: dict[date, list[str]] = {first + timedelta(days=n): [] for n in range((day - first).days + 1)}
    late: list[str] = []
    for ended, text in _endings(store, start(back), start(day + timedelta(days=1)), named):
        days.get(ended, late).append(text)
    made: list[Entry] = []
    for each, endings in days.items():
        lists = {"endings": endings}
        if each == first:
            lists["earlier" if begins else "late"] = late
        if each == day:
            lists["open"] = [line(item) for item in _open(store)]
        for body in _bodies(each, lists):
            head = _write(store, clock, head, body)
            made.append(head)
    return tuple(made)


def root_of(store: Store, day: date) -> tuple[Entry, ...]:
    """The entries of a day's root, whose last hash is the root; none where it was not made. Raises BrokenChain."""
    found: list[Entry] = []
    beyond: str | None = None
    where = Equals("week", "root") & AtLeast("ended", stamp(start(day)))
    for item in store.every("ledger", where, index="by_week"):
        if beyond is not None and item["ended"] > beyond:
            break
        entry = Entry.from_item(store.get("ledger", {"run": item["run"], "number": item["number"]}) or item)
        if _day_of(entry) == day:
            found.append(entry)
        elif _day_of(entry) > day:
            beyond = item["ended"]  # several are made in one moment where days were missed
    return tuple(sorted(found, key=lambda entry: entry.number))


def items_since(store: Store, since: datetime) -> list[dict[str, Any]]:
    """The roots' items that were made since then, the oldest first, as they are stored. From the chain itself, so that
    nobody hides one from an index. Raises Unreachable.
    """
    found: list[dict[str, Any]] = []
    after: dict[str, Any] | None = None
    while True:
        # A page is a megabyte at most, whatever its limit.
        page = store.query("ledger", Equals("run", RUN), limit=25, newest_first=True, after=after, consistent=True)
        found += page.items
        after = page.after
        if after is None or any(str(item.get("at", "~")) < stamp(since) for item in page.items):
            # By the last that is new: one whose time was edited must not hide those around it.
            last = max((at for at, item in enumerate(found) if str(item.get("at", "~")) >= stamp(since)), default=-1)
            return found[: last + 1][::-1]


def made_since(store: Store, since: datetime) -> list[Entry]:
    """The same, as entries. Raises BrokenChain, Unreachable."""
    return [Entry.from_item(item) for item in items_since(store, since)]


def names(root: Entry) -> Iterator[Named]:
    """What a root names. Raises BrokenChain where a line is none."""
    day = str(root.body.get("day", "?"))
    for listed in LISTS:
        for text in root.body.get(listed, ()):
            try:
                run, number, kept = str(text).split(" ")
                yield Named(run, int(number), kept, day, listed)
            except ValueError as error:
                what = f"names {str(text)[:60]!r}, and not a run, a number and a hash"
                raise BrokenChain(RUN, root.number, what) from error


def line(item: Mapping[str, Any]) -> str:
    """How a root names an entry."""
    return f"{item['run']} {item['number']} {item['hash']}"


def start(day: date) -> datetime:
    """The first moment of a day, in UTC."""
    return datetime.combine(day, time(), UTC)


def _next_day(head: Entry | None, wanted: date) -> date:
    if head is None:
        return wanted
    last = _day_of(head)
    return last if head.body.get("more") else last + timedelta(days=1)


def _is_first(store: Store, head: Entry) -> bool:
    """Whether the first root of all was left half-done: what ended in the year before it is still to be named."""
    begun = history.opening(store, RUN) if head.body.get("more") else None
    return begun is not None and begun.body.get("day") == head.body.get("day")


def _day_of(root: Entry) -> date:
    try:
        return date.fromisoformat(str(root.body.get("day")))
    except ValueError as error:
        raise BrokenChain(RUN, root.number, f"is of no day: {root.body.get('day')!r}") from error


def _endings(store: Store, since: datetime, until: datetime, named: set[tuple[str, int]]) -> list[tuple[date, str]]:
    """What no root names yet, by run: the day on which it ended, and its line. No more of it is held in memory: a storm
    ends a hundred thousand times a day.
    """
    found = chain(period.ended(store, since, until), period.recorded(store, since, until))
    keys = ((str(item["run"]), int(item["number"])) for item in found)
    new = ({"run": run, "number": number} for run, number in sorted(set(keys) - named))
    return [(moment(item["at"]).date(), line(item)) for item in period.whole(store, new)]


def _open(store: Store) -> Iterable[dict[str, Any]]:
    heads = {row.run: history.tail(store, row.run) for row in history.running(store)}
    found = [head.item for head in heads.values() if head is not None and head.kind not in ENDINGS]
    return sorted((dict(item) for item in found if item is not None), key=lambda item: item["run"])


def _bodies(day: date, lists: Mapping[str, Sequence[str]]) -> Iterator[dict[str, Any]]:
    lines = [(listed, text) for listed in LISTS for text in lists.get(listed, ())]
    parts = [lines[at : at + MOST] for at in range(0, len(lines), MOST)] or [[]]
    for number, part in enumerate(parts, 1):
        body: dict[str, Any] = {"day": str(day)}
        for listed, text in part:
            body.setdefault(listed, []).append(text)
        yield body | {"more": True} if number < len(parts) else body


def _write(store: Store, clock: Clock, head: Entry | None, body: Mapping[str, Any]) -> Entry:
    number, previous = (head.number + 1, head.hash) if head is not None else (0, "")
    wanted = Entry(RUN, number, "root", clock.now(), body, previous)
    try:
        store.transact([put_once(wanted)])
    except ConditionFailed as refused:
        item = store.get("ledger", {"run": RUN, "number": number})
        stored = None if item is None else Entry.from_item(item)
        if stored is None or not stored.same_as(wanted):
            raise Conflict(f"another made the root {number} at the same moment: ask again") from refused
        return stored
    return wanted
