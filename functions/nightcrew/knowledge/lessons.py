"""What people want the next one to know, of a run or of a symptom: versions in the ledger, none of them overwritten.

A lesson is a chain of its own: entry n is its version n, counted from 0, and each carries the hash of the one before
it. So `verify` tells where one was touched, and a correction hides nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.clock import Clock, stamp
from nightcrew.errors import BadInput, BrokenChain, Conflict, Unknown
from nightcrew.knowledge.wording import fit_symptom, fit_words, one_line
from nightcrew.ledger import history
from nightcrew.ledger.book import put_once
from nightcrew.ledger.conditions import AtLeast, Condition, Equals
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.store import PAGE, Store
from nightcrew.ledger.transaction import ConditionFailed
from nightcrew.ledger.verify import FIRST_KINDS

PREFIX = "lesson-"
"""How the id of a lesson begins: what IAM can tell from the entries of a run."""

KIND = "lesson"
_TICK = timedelta(milliseconds=1)
_Asked = tuple[str, Condition]
"""An index, and which of its partitions."""


@dataclass(frozen=True)
class Lesson:
    """One version of a lesson, about a ``run`` or about a ``symptom``. ``version`` counts from 0."""

    id: str
    version: int
    words: str
    author: str
    at: datetime
    run: str | None
    symptom: str | None

    @classmethod
    def from_entry(cls, entry: Entry) -> "Lesson":
        """As it was written. What is no text is taken for none."""
        about = {name: value for name in ("run", "symptom") if isinstance(value := entry.body.get(name), str)}
        words, author = (str(entry.body.get(name) or "") for name in ("words", "author"))
        return cls(entry.run, entry.number, words, author, entry.at, about.get("run"), about.get("symptom"))

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))


def learn(
    store: Store,
    clock: Clock,
    id: str,  # noqa: A002  it is the lesson's
    words: str,
    *,
    author: str,
    run: str | None = None,
    symptom: str | None = None,
) -> Lesson:
    """Write a lesson down, about a run or about a symptom. ``id`` begins with ``lesson-`` and was never used before.

    Said once more with the same id, it is there already. Raises BadInput, Unknown (no such run), Conflict, Unreachable.
    """
    if not id.startswith(PREFIX) or len(id) == len(PREFIX):
        raise BadInput("id", id, f"a lesson's id begins with {PREFIX}")
    body = {**fit(store, words, run=run, symptom=symptom), "author": author}
    return _write(store, Entry(id, 0, KIND, clock.now(), body, ""))


def fit(store: Store, words: str, *, run: str | None = None, symptom: str | None = None) -> dict[str, str]:
    """What a lesson would say, and about what, as it is kept. Raises BadInput, Unknown (no such run), Unreachable."""
    if (run is None) == (symptom is None):
        raise BadInput("run", run, "a lesson is about a run or about a symptom: one of them")
    about = {"run": _known(store, run)} if run is not None else {"symptom": fit_symptom(str(symptom))}
    return {"words": fit_words(words), **about}


def correct(
    store: Store,
    clock: Clock,
    id: str,  # noqa: A002
    words: str,
    *,
    author: str,
    version: int | None = None,
) -> Lesson:
    """Write a new version of a lesson; the old one stays. Where it says so already, nothing is written.

    ``version`` is the one that its author had before them: where others wrote a newer one meanwhile, nobody's words
    are passed over, and Conflict is raised. Said once more, it is there already. Raises BadInput, Unknown, Unreachable.
    """
    said = fit_words(words)
    last = _last(store, id)
    before = Lesson.from_entry(last)
    if version is not None and version != before.version:
        if (before.version, before.author, before.words) == (version + 1, author, said):
            return before  # their own, whose answer was lost
        raise _overtaken(before)
    if before.words == said:
        return before
    # Never older than the version before it, whatever two machines' clocks say: indexes have them by their time.
    at = max(clock.now(), last.at + _TICK)
    return _write(
        store, Entry(id, last.number + 1, KIND, at, {**last.body, "words": said, "author": author}, last.hash)
    )


def lessons(store: Store, *, run: str | None = None, symptom: str | None = None, limit: int = 20) -> tuple[Lesson, ...]:
    """The current versions, newest first: of a run, of a symptom, of either, or of everything where none is named.

    A query for each that is named and one more request, whatever there is. A lesson stands out of reach once a
    hundred versions of others about the same came after it. Raises BadInput, Unreachable.
    """
    if run is None and symptom is None:
        return _current(store, [("by_week", Equals("week", KIND))], limit)
    named = {"runs": [run] if run is not None else [], "symptoms": [symptom] if symptom is not None else []}
    return about(store, **named, limit=limit)


def about(store: Store, *, runs: Sequence[str], symptoms: Sequence[str] = (), limit: int = 20) -> tuple[Lesson, ...]:
    """The same for several runs and symptoms: a query for each, and one request for what all of them say. Of none there
    are none.
    """
    asked: list[_Asked] = [("by_resource", Equals("resource", f"{KIND}:{run}")) for run in runs]
    lines = dict.fromkeys(map(one_line, symptoms))
    asked += [("by_symptom", Equals("symptom", f"{KIND}:{symptom}")) for symptom in lines]
    return _current(store, asked, limit)


def among(
    store: Store, *, runs: Collection[str], symptoms: Collection[str] = (), limit: int = 20
) -> tuple[Lesson, ...]:
    """The same for however many runs and symptoms, of the last PAGE versions that anybody wrote: one query, and one
    request for what they say. Raises Unreachable.
    """
    found = store.query("ledger", Equals("week", KIND), index="by_week", limit=PAGE, newest_first=True).items
    wanted = {f"{KIND}:{each}" for each in (*runs, *map(one_line, symptoms))}
    return _newest(store, [item for item in found if {item.get("resource"), item.get("symptom")} & wanted], limit)


def changed_since(store: Store, since: datetime | None) -> Iterator[Lesson]:
    """Each version that was written since then, oldest first; all of them without a time. Raises Unreachable."""
    where: Condition = Equals("week", KIND)
    if since is not None:
        where &= AtLeast("ended", stamp(since))
    page: list[Mapping[str, Any]] = []
    for item in store.every("ledger", where, index="by_week"):
        page.append(item)
        if len(page) == PAGE:
            yield from _whole(store, page)
            page = []
    yield from _whole(store, page)


def versions(store: Store, id: str) -> tuple[Lesson, ...]:  # noqa: A002
    """All versions of a lesson, the first one first. Raises Unknown, BrokenChain, Unreachable."""
    found = history.entries(store, id)
    if not found or found[0].kind != KIND:
        raise _no_lesson(id)
    return tuple(Lesson.from_entry(entry) for entry in found)


def _current(store: Store, asked: Sequence[_Asked], limit: int) -> tuple[Lesson, ...]:
    if not 1 <= limit <= PAGE:
        raise BadInput("limit", limit, f"1 to {PAGE} lessons")
    items = [
        item
        for index, where in asked
        for item in store.query("ledger", where, index=index, limit=PAGE, newest_first=True).items
    ]
    return _newest(store, items, limit)


def _newest(store: Store, items: Iterable[Mapping[str, Any]], limit: int) -> tuple[Lesson, ...]:
    newest: dict[str, Mapping[str, Any]] = {}
    for item in items:
        if item["run"] not in newest or newest[item["run"]]["number"] < item["number"]:
            newest[item["run"]] = item
    current = sorted(newest.values(), key=lambda item: str(item["ended"]), reverse=True)[:limit]
    return tuple(_whole(store, current))


def _known(store: Store, run: str) -> str:
    first = history.opening(store, run)
    if first is None:
        raise Unknown(f"there is no run {run}")
    if first.kind not in FIRST_KINDS:
        raise BadInput("run", run, f"a run's id; this is a {first.kind}")
    return run


def _last(store: Store, id: str) -> Entry:  # noqa: A002
    last = history.tail(store, id) if id else None
    if last is None or last.kind != KIND:
        raise _no_lesson(id)
    return last


def _no_lesson(id: str) -> Unknown:  # noqa: A002
    return Unknown(f"there is no lesson {id}")


def _write(store: Store, entry: Entry) -> Lesson:
    try:
        store.transact([put_once(entry)])
    except ConditionFailed as failed:
        old = next((each.old for each in failed.failures if each.old is not None), None)
        stored = None if old is None else Entry.from_item(old)
        if stored is None or not stored.same_as(entry):  # else it is our own, whose reply was lost
            raise _overtaken(None if stored is None else Lesson.from_entry(stored)) from failed
        return Lesson.from_entry(stored)
    return Lesson.from_entry(entry)


def _overtaken(other: Lesson | None) -> Conflict:
    if other is None:
        return Conflict("somebody else wrote this lesson at the same moment")
    return Conflict(f"{other.author} wrote another version of {other.id} meanwhile: read it, then correct that one")


def _whole(store: Store, items: Iterable[Mapping[str, Any]]) -> Iterator[Lesson]:
    """What the indexes do not hold, in one request. What cannot be read is left out: ``verify`` names it."""
    keys = [{"run": item["run"], "number": item["number"]} for item in items]
    for item in store.get_all("ledger", keys) if keys else ():
        try:
            entry = Entry.from_item(item) if item is not None else None
        except BrokenChain:
            continue
        if entry is not None and entry.kind == KIND:
            yield Lesson.from_entry(entry)
