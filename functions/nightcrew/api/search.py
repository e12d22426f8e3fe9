"""Search by words, in an index that is filled from the ledger as it is asked."""

from datetime import datetime, timedelta
from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.api.times import since as moment_of
from nightcrew.clock import Clock
from nightcrew.errors import BadInput, Unreachable
from nightcrew.knowledge.search.index import Index, with_index
from nightcrew.knowledge.search.refresh import Told, refresh
from nightcrew.knowledge.search.search import KINDS, Findings
from nightcrew.knowledge.search.search import search as look

PATIENCE = timedelta(seconds=15)
"""How long one question may fill the index: what was read stays, and the next one goes on from there."""


def search(
    desk: Desk,
    words: str,
    *,
    kind: str | None = None,
    since: str | None = None,
    limit: int = 10,
    all_versions: bool = False,
) -> dict[str, Any]:
    """Lessons and endings of runs that have all the words, the best match first. Raises BadInput; Unreachable where
    the index is not filled yet: ask again.
    """
    if not words.strip():
        raise BadInput("words", words, "at least one word")
    begin = moment_of(since, desk.clock.now(), "since")

    def work(index: Index) -> tuple[Findings, str, dict[str, int]]:
        refresh(desk.store, index, desk.clock.now(), _patiently(desk.clock))
        found = look(index, words, kind=kind, old_versions=all_versions, since=begin, limit=limit)
        return found, index.mark.until, index.counts()

    tables = desk.store.tables
    file = desk.files / f"nightcrew-search-{desk.who.account}-{desk.who.region}.sqlite"
    found, until, counts = with_index(file, f"{desk.who.account} {tables.ledger}", work, _unheard)
    return answered(words, found, until, counts)


def answered(words: str, found: Findings, until: str, counts: dict[str, int]) -> dict[str, Any]:
    """What was found, and how much was searched, as JSON."""
    return {
        "words": words,
        "all_words": found.all_words,
        "found": [each.to_dict() for each in found.found],
        "searched": {"until": until, **dict.fromkeys(KINDS, 0), **counts},
    }


def _patiently(clock: Clock) -> Told:
    end: datetime = clock.now() + PATIENCE

    def told(what: str, many: int) -> None:
        if clock.now() > end:
            raise Unreachable(f"the search index is being filled, {many} so far, {what} last: ask again")

    return told


def _unheard(note: str) -> None:
    """That the file was made anew helps nobody who asked."""
    del note
