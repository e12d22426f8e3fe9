"""Reading the ledger: pages of runs, the chain of one run, and what is running now.

Every read is a query with a limit on an index made for it, or on a run's own key.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from nightcrew.clock import stamp
from nightcrew.errors import BadInput
from nightcrew.ledger.conditions import AtLeast, Equals
from nightcrew.ledger.cursor import Place
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.rows import Row as Row  # noqa: PLC0414  what a page is made of
from nightcrew.ledger.rows import week
from nightcrew.ledger.store import PAGE, Store

USUAL_SPAN = timedelta(days=30)  # of a listing without a resource, symptom or runbook
MOST_ROWS = 100  # on a page, and looked at by one query
MOST_QUERIES = 12  # for one page


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
    since: datetime | None = None,
    limit: int = 20,
    after: str | None = None,
) -> Page:
    """Runs that ended, and refusals, newest first. Raises BadInput, Unreachable.

    The narrowest index that the question names is read: resource, else symptom, else runbook, else the weeks from now
    back to ``since`` (30 days where it is not given). What remains of the question is judged here, on what was read;
    DynamoDB would charge the same for filtering. So that a rare outcome never costs more than MOST_QUERIES of
    MOST_ROWS each, a page may come back short, with a cursor to go on. The indexes follow the table within a second
    or so.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise BadInput("limit", limit, f"1 to {MOST_ROWS} rows a page")
    asked = {"resource": resource, "symptom": symptom, "runbook": runbook, "outcome": outcome}
    walk = _Walk(store, {name: value for name, value in asked.items() if value is not None}, now, since, limit)
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

    def __init__(self, store: Store, asked: dict[str, str], now: datetime, since: datetime | None, limit: int) -> None:
        self._store = store
        self._asked = asked
        self._attribute = next((name for name in ("resource", "symptom", "runbook") if name in asked), "week")
        self._index = f"by_{self._attribute}"
        self._now = now
        self._since = since if since is not None or self._attribute != "week" else now - USUAL_SPAN
        filtered = bool(asked.keys() - {self._attribute})
        self._step = MOST_ROWS if filtered else limit + 1

    def begin(self, after: str | None) -> Place:
        if after is None:
            return Place(self._index, self._asked.get(self._attribute, week(self._now)))
        place = Place.from_text(after)
        partition = self._asked.get(self._attribute)
        fits = _monday(place.partition) is not None if partition is None else place.partition == partition
        if place.index != self._index or not fits:
            raise BadInput("after", after, "a cursor goes on with the question that it came from")
        return place

    def step(self, place: Place) -> tuple[list[dict[str, Any]], Place | None]:
        """The items that answer the question, of one query, and where to go on."""
        if self._since is not None and place.ended and place.ended < stamp(self._since):
            return [], None  # the span moved on past the cursor; DynamoDB refuses to start outside it
        where = Equals(self._attribute, place.partition)
        found = self._store.query(
            "ledger",
            where & AtLeast("ended", stamp(self._since)) if self._since is not None else where,
            index=self._index,
            limit=self._step,
            newest_first=True,
            after=place.key(self._attribute),
        )
        rest = self._asked.items()
        items = [item for item in found.items if all(item.get(name) == value for name, value in rest)]
        return items, self.place(found.after) if found.after is not None else self._week_before(place)

    def place(self, item: dict[str, Any]) -> Place:
        return Place.of(self._index, self._attribute, item)

    def _week_before(self, place: Place) -> Place | None:
        monday = _monday(place.partition)
        if self._attribute != "week" or self._since is None or monday is None or place.partition <= week(self._since):
            return None
        before = (monday - timedelta(days=7)).isocalendar()
        return Place(self._index, f"{before.year}-W{before.week:02}")


def _monday(week: str) -> date | None:
    year, _, number = week.partition("-W")
    try:
        return date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        return None
