"""Upload: what was written under break-glass is put into the ledger once that can be reached again.

Entry by entry, in their order and only if absent, as they are: so it may be repeated, and goes on where it was
interrupted. An entry that is there with other content is told, and never overwritten. The closing comes last, and only
closings are in the indexes: history shows a run once all of it is there. Then its day is counted anew, and who searches
finds it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from nightcrew.admission.follow_ups import keep, listed
from nightcrew.admission.request import lock_key
from nightcrew.clock import Clock, SystemClock, stamp
from nightcrew.knowledge.search.late import arrived
from nightcrew.knowledge.statistics.days import drop
from nightcrew.ledger.book import put_once
from nightcrew.ledger.conditions import Absent, Below
from nightcrew.ledger.entries import ENDINGS, RECORDS, Entry
from nightcrew.ledger.history import items, tail
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece
from nightcrew.ledger.verify import still_open, verify


@dataclass
class Uploaded:
    """What became of one run: how many entries were ``put``, how many were ``there`` already, and what is wrong.

    ``open``: the run has not ended, and nothing was sent. ``follow_ups``: how many the team's sweep will start.
    """

    run: str
    put: int = 0
    there: int = 0
    follow_ups: int = 0
    open: bool = False
    wrong: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether all of it is in the ledger now."""
        return not self.open and not self.wrong

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return {**vars(self), "whole": self.whole}


def is_left(run: str, here: Store, where: str) -> bool:
    """Whether a run, a refusal, or a lesson as it is now, is not known to be in the ledger called ``where``."""
    last = tail(here, run)
    return last is not None and where not in (here.get("state", _mark(last)) or {}).get("ledgers", ())


def upload(run: str, here: Store, there: Store, where: str, clock: Clock | None = None) -> Uploaded:
    """Put the entries of a run, or of a lesson, into the ledger, which is remembered as ``where``.

    Raises Conflict, Unreachable: then what was put stays, and it goes on.
    """
    done = Uploaded(run)
    stored = items(here, run)
    done.wrong = [f"entry {each.number}: {each.what}" for each in verify(stored)]
    if done.wrong:
        return done
    if still_open(stored):
        done.open = True
        return done
    *before, last = (Entry.from_item(item) for item in stored)
    if not all(_put(entry, there, done) for entry in before):
        return done
    if there.get("ledger", put_once(last).key) is None:
        # Before the closing: an upload that is interrupted here does it again, and one that came through never does.
        done.follow_ups = _follow_ups(run, here, there)
        _cool_down(before, there)
    if _put(last, there, done):
        # What is kept of that day was counted without it. Done again where it is uploaded again: it may have died here.
        if last.kind in ENDINGS:
            drop(there, last.at, run)
        arrived(there, last, (clock or SystemClock()).now())
        here.transact([Piece(table="state", key=_mark(last), gate="upload", adds={"ledgers": {where}})])
    return done


def _put(entry: Entry, there: Store, done: Uploaded) -> bool:
    """False where another one has its place."""
    piece = put_once(entry)
    try:
        there.transact([piece])
    except ConditionFailed as failed:
        old = next((each.old for each in failed.failures if each.old), None) or there.get("ledger", piece.key)
        if old != entry.to_item():
            kind = (old or {}).get("kind", "?")
            done.wrong.append(f"entry {entry.number}: the ledger has another one there ({kind}); it was left as it is")
            return False
        done.there += 1
    else:
        done.put += 1
    return True


def _follow_ups(run: str, here: Store, there: Store) -> int:
    """What the run wanted started later: the team's sweep starts it, through all gates."""
    mine = [due for due in listed(here) if due.what.get("run") == run]
    for due in mine:
        keep(there, due)
    return len(mine)


def _cool_down(entries: Iterable[Entry], there: Store) -> None:
    """The resource was changed, and the ledger's gates did not know: its cool-down counts from the last change."""
    entries = list(entries)
    changed = [entry for entry in entries if entry.kind == "change"]
    if not changed:
        return
    at = stamp(changed[-1].at)
    key = {"key": lock_key(str(entries[0].body["resource"]))}
    older = Absent("changed_at") | Below("changed_at", at)
    try:
        there.transact([Piece(table="state", key=key, gate="cool-down", condition=older, sets={"changed_at": at})])
    except ConditionFailed:
        return


def _mark(last: Entry) -> dict[str, str]:
    """A run ends once; a lesson may be corrected after it was uploaded."""
    return {"key": f"uploaded#{last.run}" + (f"#{last.number}" if last.kind in RECORDS else "")}
