"""Cancel: a flag on the run's lock, which each poll reads and each change asks for; and an answer to whatever it
waits for.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.admission.request import lock_key
from nightcrew.clock import stamp
from nightcrew.errors import Unknown
from nightcrew.ledger.conditions import Absent, Equals
from nightcrew.ledger.history import opening, tail
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece


@dataclass(frozen=True)
class Cancel:
    """What became of a wish to cancel. ``callback`` and ``value``: what to answer, where the run waits for
    something.
    """

    words: str
    callback: str | None = None
    value: dict[str, Any] | None = None


def cancel(store: Store, run: str, *, by: str, reason: str, now: datetime) -> Cancel:
    """Ask a run to stop and undo. Safe at every moment and twice: the first reason stays. Raises Unknown."""
    entry = opening(store, run)
    if entry is None or entry.kind != "opening":
        raise Unknown(f"there is no run {run} that could be cancelled")
    key = {"key": lock_key(str(entry.body["resource"]))}
    words = f"cancelled by {by} at {stamp(now)}: {reason}"
    piece = Piece(
        table="state",
        key=key,
        gate="cancel",
        condition=Equals("owner", run) & Absent("cancel"),
        sets={"cancel": words},
    )
    try:
        item = store.update(piece)
    except ConditionFailed:
        item = store.get("state", key) or {}
        if item.get("owner") != run:
            return Cancel(_over(store, run))
        words = str(item["cancel"])
    value = {"stop": {"ending": "cancelled", "words": words}}
    # The flag stands: a wait whose entry comes later finds it there, and this sees a wait whose entry came before.
    return Cancel(words, _waits_at(store, run), value)


def wished(store: Store, run: str, resource: str) -> str | None:
    """Who asked a run to stop, when and why; None where nobody did, or where it holds its resource no more."""
    item = store.get("state", {"key": lock_key(resource)}) or {}
    return str(item["cancel"]) if item.get("owner") == run and "cancel" in item else None


def _waits_at(store: Store, run: str) -> str | None:
    """The callback that the run waits for, if a wait is the last that its ledger tells."""
    last = tail(store, run)
    return str(last.body["callback"]) if last is not None and "callback" in last.body else None


def _over(store: Store, run: str) -> str:
    last = tail(store, run)
    if last is not None and last.kind == "closing":
        return f"already over: {last.body['outcome']} at {stamp(last.at)}"
    return "already over: its lock was released, and its closing entry is about to be seen"
