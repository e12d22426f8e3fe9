"""Reading the ledger: pages of runs, the chain of one run, and what is running now.

Every read is a query with a limit on an index made for it, or on a run's own key.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from nightcrew.clock import stamp
from nightcrew.errors import BadInput
from nightcrew.ledger.conditions import AtLeast, AtMost, Between, Condition, Equals
from nightcrew.ledger.cursor import Place
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.rows import Row as Row  # noqa: PLC0414  what a page is made of
from nightcrew.ledger.rows import week
from nightcrew.ledger.store import PAGE, Store
from nightcrew.ledger.whose import started_by

USUAL_SPAN = timedelta(days=30)  # of a listing without a resource, symptom or runbook
MOST_ROWS = 100  # on a page, and looked at by one query
MOST_QUERIES = 12  # for one page
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)  # before it there is nothing, and calendars have a beginning


@dataclass(frozen=True)
class Page:
    """Rows, newest first, and the cursor to go on from: None at the end.

    A page may hold fewer rows than asked for, even none, and yet go on: see ``history``.
    """

    rows: tuple[Row, ...]
    after: str | None


def history(
    store: Store,
    *,
    now: datetime,
    resource: str | None = None,
    runbook: str | None = None,
    symptom: str | None = None,
    outcome: str | None = None,
    person: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
    after: str | None = None,
) -> Page:
    """Runs that ended, and refusals, newest first. Raises BadInput, Unreachable.

    The narrowest index that the question names is read: resource, else symptom, else runbook, else the weeks from
    ``until`` (now) back to ``since`` (30 days before where it is not given). What ended at ``until`` is no part of it.
    What remains of the question is judged here, on what was read; DynamoDB would charge the same for filtering. So
    that a rare outcome, or ``person``, never costs more than MOST_QUERIES of MOST_ROWS each, a page may come back
    short, with a cursor to go on. The indexes follow the table within a second or so.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise BadInput("limit", limit, f"1 to {MOST_ROWS} rows a page")
    asked = {"resource": resource, "symptom": symptom, "runbook": runbook, "outcome": outcome}
    named = {name: value for name, value in asked.items() if value is not None}
    walk = _Walk(store, named, person, _Span(since, until, now), limit)
    place: Place | None = walk.begin(after)
    kept: list[dict[str, Any]] = []
    for _ in range(MOST_QUERIES):
        if place is None or len(kept) > limit:  # one more than asked for tells that there is a next page
            break
        answers, place = walk.step(place)
        kept += answers
    if len(kept) > limit:
        place = walk.place(kept[limit - 1])
    return Page(tuple(Row.from_index(item) for item in kept[:limit]), place.to_text() if place is not None else None)


def entries(store: Store, run: str) -> list[Entry]:
    """The whole chain of a run, first entry first; empty for an unknown run. Raises BrokenChain, Unreachable."""
    return [Entry.from_item(item) for item in items(store, run)]


def entries_after(store: Store, run: str, number: int) -> list[Entry]:
    """The entries of a run after that number, at most PAGE of them: to follow it while it runs."""
    where = Equals("run", run) & AtLeast("number", number + 1)
    return [Entry.from_item(item) for item in store.query("ledger", where, limit=PAGE, consistent=True).items]


def items(store: Store, run: str) -> list[dict[str, Any]]:
    """The chain as it is stored, for ``verify``, which also judges what cannot be read as an entry."""
    return [*store.every("ledger", Equals("run", run), consistent=True)]


def tail(store: Store, run: str) -> Entry | None:
    """The last entry of a run; None for an unknown run."""
    found = store.query("ledger", Equals("run", run), limit=1, newest_first=True, consistent=True)
    return Entry.from_item(found.items[0]) if found.items else None


def opening(store: Store, run: str) -> Entry | None:
    """Entry 0 of a run: its opening, or the refusal; None for an unknown run."""
    item = store.get("ledger", {"run": run, "number": 0})
    return None if item is None else Entry.from_item(item)


def running(store: Store) -> list[Row]:
    """The runs that are open, the one whose lease ends first at the top.

    One whose lease is over was closed by nobody. The index follows the table within a second or so.
    """
    return [Row.from_lock(item) for item in store.every("state", Equals("open", "open"), index="open")]


class _Walk:
    """The way through an index, from the newest item back."""

    def __init__(self, store: Store, asked: dict[str, str], person: str | None, span: "_Span", limit: int) -> None:
        self._store = store
        self._asked = asked
        self._person = person
        self._attribute = next((name for name in ("resource", "symptom", "runbook") if name in asked), "week")
        self._index = f"by_{self._attribute}"
        self._span = span.bounded() if self._attribute == "week" else span
        filtered = bool(asked.keys() - {self._attribute}) or person is not None
        self._step = MOST_ROWS if filtered else limit + 1

    def begin(self, after: str | None) -> Place:
        if after is None:
            return Place(self._index, self._asked.get(self._attribute, week(self._span.end)))
        place = Place.from_text(after)
        partition = self._asked.get(self._attribute)
        fits = _monday(place.partition) is not None if partition is None else place.partition == partition
        if place.index != self._index or not fits:
            raise BadInput("after", after, "a cursor goes on with the question that it came from")
        return place

    def step(self, place: Place) -> tuple[list[dict[str, Any]], Place | None]:
        """The items that answer the question, of one query, and where to go on."""
        here = self._span.met(place)
        if here is None:
            return [], None
        found = self._store.query(
            "ledger",
            self._span.of(Equals(self._attribute, here.partition)),
            index=self._index,
            limit=self._step,
            newest_first=True,
            after=here.key(self._attribute),
        )
        rest = self._asked.items()
        items = [item for item in found.items if all(item.get(name) == value for name, value in rest)]
        if self._person is not None:
            items = [each for each in items if started_by(self._person, each.get("symptom"), each.get("actor", ""))]
        return items, self.place(found.after) if found.after is not None else self._week_before(place)

    def place(self, item: dict[str, Any]) -> Place:
        return Place.of(self._index, self._attribute, item)

    def _week_before(self, place: Place) -> Place | None:
        monday = _monday(place.partition)
        since = self._span.since
        if self._attribute != "week" or since is None or monday is None or place.partition <= week(since):
            return None
        before = (monday - timedelta(days=7)).isocalendar()
        return Place(self._index, f"{before.year}-W{before.week:02}")


@dataclass(frozen=True)
class _Span:
    """From ``since``, which is part of it, to ``until``, which is not; each may be left open."""

    since: datetime | None
    until: datetime | None
    now: datetime

    @property
    def end(self) -> datetime:
        return self.until if self.until is not None else self.now

    def bounded(self) -> "_Span":
        """The same, with a beginning: a walk through weeks must come to an end."""
        return self if self.since is not None else replace(self, since=max(self.end, _FIRST) - USUAL_SPAN)

    def of(self, where: Condition) -> Condition:
        """With the span, as one comparison: DynamoDB takes no more. A stamp alone comes before what ended at that
        moment, which has the tail of its run behind it.
        """
        if self.since is not None and self.until is not None:
            return where & Between("ended", stamp(self.since), stamp(self.until))
        if self.until is not None:
            return where & AtMost("ended", stamp(self.until))
        return where & AtLeast("ended", stamp(self.since)) if self.since is not None else where

    def met(self, place: Place) -> Place | None:
        """Where to go on from there, if anything can be left: the span may have moved on since the cursor was given,
        and DynamoDB refuses to start outside of it, or a span that ends before it begins.
        """
        since, until = (stamp(each) if each is not None else "" for each in (self.since, self.until))
        if (place.ended and place.ended < since) or (until and until < since):
            return None
        if until and place.ended > until:
            return Place(place.index, place.partition)
        return place


def _monday(week: str) -> date | None:
    year, _, number = week.partition("-W")
    try:
        return date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        return None
