"""Takes into the search index what is new in the ledger: not everything, but what came since it last looked.

A look that finds nothing new is three requests: what came late, this week's endings, the lessons.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from nightcrew.clock import moment, stamp
from nightcrew.errors import BrokenChain
from nightcrew.knowledge.search.index import Document, Index, Mark
from nightcrew.knowledge.search.late import late_since
from nightcrew.knowledge.search.words import pieces_of
from nightcrew.knowledge.wording import plain_text
from nightcrew.ledger.conditions import AtLeast, Condition, Equals
from nightcrew.ledger.entries import ENDINGS, Entry
from nightcrew.ledger.rows import week
from nightcrew.ledger.store import PAGE, Store

OVERLAP = timedelta(minutes=15)
"""Looked at once more: an entry has its time before it is written, and the indexes follow the table a little later."""

QUIET_WEEKS = 26
"""So many without a run, and the ledger's beginning is taken to be reached."""

_LESSON = "lesson"
_MOST_TEXT = 8000  # characters of each text
_WEIGHT = {"lesson": 1.5, "closing": 1.0, "refusal": 0.25}
"""What people wrote first; and a storm of refusals does not bury what ran."""

Told = Callable[[str, int], None]
"""What was read last, and how many documents were taken in so far."""


def refresh(store: Store, index: Index, now: datetime, told: Told = lambda what, many: None) -> int:
    """Read what is new; the first time everything, the newest first. Returns how many documents were taken in.

    It may be interrupted: what was read stays, and the next time goes on from there. Raises Unreachable.
    """
    before = index.mark
    # A clock that was ahead then would hide what came since.
    since = (min(moment(before.until), now) if before.until else now) - OVERLAP
    reading = _Reading(store, index, told)
    for each in late_since(store, since) if before.until else ():
        reading.read(each)
    reading.read(_LESSON, since if before.until else None)
    for each in _weeks(since, now):
        reading.read(each, since)
    mark = Mark(stamp(now), before.below if before.until else week(now), before.quiet)
    index.put((), mark)
    while mark.below:
        quiet = 0 if reading.read(mark.below) else mark.quiet + 1
        mark = replace(mark, below=_before(mark.below) if quiet < QUIET_WEEKS else "", quiet=quiet)
        index.put((), mark)
    return reading.many


class _Reading:
    def __init__(self, store: Store, index: Index, told: Told) -> None:
        self._store, self._index, self._told = store, index, told
        self.many = 0

    def read(self, partition: str, since: datetime | None = None) -> bool:
        """Take in what is there and not in the index yet; whether there is anything at all."""
        where: Condition = Equals("week", partition)
        if since is not None:
            where &= AtLeast("ended", stamp(since))
        found = False
        for page in _pages(self._store.every("ledger", where, index="by_week")):
            found = True
            wanted = self._index.unknown((str(item["run"]), int(item["number"])) for item in page)
            keys = [{"run": run, "number": number} for run, number in wanted]
            items = self._store.get_all("ledger", keys) if keys else []
            documents = [made for item in items if item is not None and (made := document(item)) is not None]
            self._index.put(documents)
            self.many += len(documents)
            self._told(partition, self.many)
        return found


def document(item: Mapping[str, Any]) -> Document | None:
    """What is searched of an entry; None for one that is neither a lesson nor an ending, or cannot be read."""
    try:
        entry = Entry.from_item(item)
    except BrokenChain:
        return None  # ``verify`` names it
    body = entry.body
    if entry.kind == _LESSON:
        facts = {name: _text(body.get(name)) for name in ("run", "symptom")}
        texts = {"words": _text(body.get("words")), "symptom": facts["symptom"], "who": _text(body.get("author"))}
    elif entry.kind in ENDINGS:
        facts = {name: _text(body.get(name)) for name in ("runbook", "resource", "symptom", "outcome", "gate")}
        texts = {
            "words": _text(body.get("words")),
            "error": _error(body.get("error")),
            **{name: facts[name] for name in ("symptom", "runbook", "resource")},
            "who": _text(body.get("actor")),
        }
    else:
        return None
    names = [pieces_of(texts.get(name, "")) for name in ("error", "symptom", "resource")]
    texts["also"] = " ".join(filter(None, [entry.run, facts.get("run", ""), *names]))
    kind = _LESSON if entry.kind == _LESSON else "run"
    return Document(kind, entry.run, entry.number, stamp(entry.at), _WEIGHT[entry.kind], texts, facts)


def _error(error: Any) -> str:
    if not isinstance(error, Mapping):
        return ""
    return ": ".join(filter(None, (_text(error.get(name)) for name in ("code", "message"))))


def _text(value: Any) -> str:
    return plain_text(value)[:_MOST_TEXT] if isinstance(value, str) else ""


def _pages(items: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while page := list(islice(items, PAGE)):
        yield page


def _weeks(since: datetime, now: datetime) -> list[str]:
    """The weeks from one to the other."""
    days = [since + timedelta(days=number) for number in range((now - since).days + 1)]
    return [*dict.fromkeys(week(day) for day in [*days, now])]


def _before(name: str) -> str:
    year, _, number = name.partition("-W")
    before = (date.fromisocalendar(int(year), int(number), 1) - timedelta(days=7)).isocalendar()
    return f"{before.year}-W{before.week:02}"
