"""Whatever ends an execution, the run closes: the end of a run that nobody carries on any more.

Written from the ledger's tail, by whoever finds it: the next run that wants its resource, ``resume``, a sweeper, or
the body itself where the durable engine is beyond use. Its closing entry says what was changed and not taken back,
for a person.
"""

from nightcrew.admission.closing import close
from nightcrew.admission.opened import request_of
from nightcrew.clock import Clock
from nightcrew.errors import Unknown
from nightcrew.ledger.book import Book, FencedOff
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import entries
from nightcrew.ledger.store import Store


def abandon(run: str, store: Store, clock: Clock, why: str) -> Entry:
    """Close a run from its ledger alone, as ``failed (abandoned)``; returns its closing entry, also where it had one.

    Raises Unknown where there is no such run.
    """
    chain = entries(store, run)
    if not chain:
        raise Unknown(f"there is no run {run}")
    if chain[-1].kind == "closing":
        return chain[-1]
    changed = [entry for entry in chain if entry.kind == "change"]
    undone = [str(entry.body["title"]).removeprefix("undo: ") for entry in changed if entry.body.get("undoing")]
    left = [
        str(entry.body["title"])
        for entry in changed
        if not entry.body.get("undoing") and entry.body["title"] not in undone
    ]
    more = {
        "abandoned": True,
        "changes": len(changed),
        "not_undone": [{"title": title, "words": "abandoned"} for title in left],
    }
    book = Book(store, clock, run, chain[-1].number, chain[-1].hash)
    try:
        return close(request_of(chain[0]), _groups(chain), "failed", f"abandoned: {why}", more, book).entry
    except FencedOff:
        # Somebody wrote at the same moment: the run itself, or another who closed it. The ledger tells which.
        return entries(store, run)[-1]


def _groups(chain: list[Entry]) -> list[str]:
    """The groups that it held, as the entry after its hold tells. Before that they are freed by their expiry."""
    facts = [fact for entry in chain for fact in entry.body.get("facts", ())]
    return [group for fact in facts for group in fact.get("held", ())]
