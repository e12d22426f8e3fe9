"""Whatever ends an execution, the run closes: the end of a run that nobody carries on any more.

Written from the ledger's tail, by whoever finds it: the next run that wants its resource, ``resume``, a sweeper, or
the body itself where the durable engine is beyond use. Its closing entry says what was changed and not taken back,
for a person.
"""

from typing import Any

from nightcrew.admission.closing import close
from nightcrew.admission.follow_ups import TELL, Due, keeping
from nightcrew.admission.opened import request_of
from nightcrew.clock import Clock, stamp
from nightcrew.errors import Conflict, Unknown
from nightcrew.ledger.book import Book, FencedOff
from nightcrew.ledger.entries import ENDINGS, Entry
from nightcrew.ledger.history import entries
from nightcrew.ledger.store import Store

ATTEMPTS = 5
"""A run that is not dead may write between the reading of its ledger and its closing: it is read again, this often."""


def abandon(run: str, store: Store, clock: Clock, why: str, *, told: bool = False) -> Entry:
    """Close a run from its ledger alone, as ``failed (abandoned)``; returns its closing entry, also where it had one.

    The sweeper tells people of it, since who finds a dead run may be on its way to something else; unless whoever
    closes it has ``told`` them himself.
    Raises Unknown where there is no such run; Conflict where it is carried on and writes each time: it is not closed.
    """
    for _ in range(ATTEMPTS):
        chain = entries(store, run)
        if not chain:
            raise Unknown(f"there is no run {run}")
        if chain[-1].kind in ENDINGS:
            return chain[-1]
        book = Book(store, clock, run, chain[-1].number, chain[-1].hash)
        request, left = request_of(chain[0]), _left(chain)
        what = {"run": run, "resource": request.resource}
        news = Due(f"tell#{run}", TELL, clock.now(), request.runbook, request.actor, what)
        also = [] if told else [keeping(news)]
        try:
            words, aside = f"abandoned: {why}", _aside(chain)
            return close(request, _groups(chain), "failed", words, left, book, also=also, aside=aside).entry
        except FencedOff:
            # Somebody wrote at the same moment: another who closed it, or the run itself, which may then go on.
            continue
    raise Conflict(f"run {run} is carried on: it wrote {ATTEMPTS} times while it was to be closed")


def _aside(chain: list[Entry]) -> dict[str, str]:
    """When its first change was announced, for who counts."""
    first = next((entry for entry in chain if entry.kind == "change"), None)
    return {"first_change": stamp(first.at)} if first is not None else {}


def _left(chain: list[Entry]) -> dict[str, Any]:
    """What its closing entry says for a person: what was changed and not taken back."""
    changed = [entry for entry in chain if entry.kind == "change"]
    undone = [str(entry.body["title"]).removeprefix("undo: ") for entry in changed if entry.body.get("undoing")]
    left = [
        str(entry.body["title"])
        for entry in changed
        if not entry.body.get("undoing") and entry.body["title"] not in undone
    ]
    return {
        "abandoned": True,
        "changes": len(changed),
        "not_undone": [{"title": title, "words": "abandoned"} for title in left],
    }


def _groups(chain: list[Entry]) -> list[str]:
    """The groups that it held, as the entry after its hold tells. Before that they are freed by their expiry."""
    facts = [fact for entry in chain for fact in entry.body.get("facts", ())]
    return [group for fact in facts if "require" not in fact for group in fact.get("held", ())]
