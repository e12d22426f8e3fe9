"""Follow-ups and second tries: what is due later, kept in ``state``, and found by its due time in the ``open``
index.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.clock import moment, stamp
from nightcrew.errors import Conflict, Unknown
from nightcrew.ledger.conditions import Absent, AtMost, Equals, Present
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece

MOST = 100
TELL = "tell"
"""The kind of what people are to be told."""


@dataclass(frozen=True)
class Due:
    """Something to be done when its time comes. ``kind`` is "later" (a follow-up), "retry" (a signal's second try) or
    "tell" (people are to learn of a run that was abandoned).
    """

    name: str
    kind: str
    due: datetime
    runbook: str
    actor: str
    what: Mapping[str, Any]


def keep(store: Store, due: Due) -> None:
    """Keep it, unless it is kept already: a repeated step keeps it once."""
    try:
        store.transact([keeping(due)])
    except ConditionFailed:
        return


def keeping(due: Due) -> Piece:
    """The piece that keeps it, for who keeps it together with something else; refused where it is kept already."""
    item = {
        "open": due.kind,
        "lease": stamp(due.due),
        "owner": due.name,
        "runbook": due.runbook,
        "actor": due.actor,
        "symptom": str(due.what.get("symptom", "follow-up")),
        "started": stamp(due.due),
        "what": dict(due.what),
    }
    return Piece(table="state", key=_key(due.name), gate="follow-up", condition=Absent("key"), put=item)


def listed(store: Store, kind: str = "later") -> list[Due]:
    """What is to come, the next first."""
    found = store.every("state", Equals("open", kind), index="open")
    return [due for item in found if (due := find(store, str(item["owner"]))) is not None]


def due_now(store: Store, kind: str, now: datetime) -> list[Due]:
    """What is due, at most MOST of it: the next sweep does the rest."""
    found = store.query("state", Equals("open", kind) & AtMost("lease", stamp(now)), index="open", limit=MOST)
    return [due for item in found.items if (due := find(store, str(item["owner"]))) is not None]


def find(store: Store, name: str) -> Due | None:
    """One by its name."""
    item = store.get("state", _key(name))
    if item is None:
        return None
    return Due(
        name, str(item["open"]), moment(str(item["lease"])), str(item["runbook"]), str(item["actor"]), item["what"]
    )


def named(store: Store, name: str, run: str) -> str:
    """The id under which it is started: the first that was wished, so that two sweeps start one run. Raises
    Conflict where somebody else took it off the list.
    """
    first = Piece(
        table="state",
        key=_key(name),
        gate="follow-up",
        condition=Present("open") & Absent("run"),
        sets={"run": run},
    )
    try:
        return str(store.update(first)["run"])
    except ConditionFailed:
        item = store.get("state", _key(name))
        if item is None:
            raise Conflict(f"follow-up {name} was started or dropped at this moment") from None
        return str(item["run"])


def take(store: Store, name: str) -> bool:
    """Take it off the list, to start it or to drop it; False where somebody else did."""
    try:
        store.transact([Piece(table="state", key=_key(name), gate="follow-up", condition=Present("key"), delete=True)])
    except ConditionFailed:
        return False
    return True


def drop(store: Store, name: str) -> None:
    """A person takes it off the list. Raises Unknown where it is not on it (any more)."""
    if not take(store, name):
        raise Unknown(f"there is no follow-up {name}: it was started or dropped already")


def _key(name: str) -> dict[str, str]:
    return {"key": f"due#{name}"}
