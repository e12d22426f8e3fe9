"""What is to be taken back, kept in ``state`` before the fault is put: who comes after a process that died finds it.

There is one such note in an installation, so there is one game day at a time. Who plays renews its lease; one whose
lease is over belongs to nobody, and the next command takes its fault back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from nightcrew.admission.game_day import Fault
from nightcrew.clock import moment, stamp
from nightcrew.errors import Refused
from nightcrew.ledger.conditions import Absent, Equals
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece

KEY = {"key": "gameday#now"}
LEASE = timedelta(minutes=2)
GATE = "game day"


@dataclass(frozen=True)
class Note:
    """``token`` is this playing's own; ``kept`` is what the fault must know to be taken back."""

    token: str
    name: str
    fault: Fault
    by: str
    at: datetime
    lease: datetime
    kept: Mapping[str, Any] = field(default_factory=dict)

    def over(self, now: datetime) -> bool:
        """Whether nobody plays it any more."""
        return self.lease <= now


def find(store: Store) -> Note | None:
    """The note that there is. Raises Unreachable."""
    item = store.get("state", KEY)
    if item is None:
        return None
    fault = Fault(str(item["kind"]), str(item["target"]))
    times = (moment(str(item["at"])), moment(str(item["lease"])))
    return Note(str(item["owner"]), str(item["name"]), fault, str(item["by"]), *times, dict(item["kept"]))


def write(store: Store, note: Note) -> None:
    """Keep it. Raises Refused where there is one."""
    item = {
        "owner": note.token,
        "name": note.name,
        "kind": note.fault.kind,
        "target": note.fault.target,
        "by": note.by,
        "at": stamp(note.at),
        "lease": stamp(note.lease),
        "kept": dict(note.kept),
    }
    try:
        store.transact([Piece(table="state", key=KEY, gate=GATE, condition=Absent("key"), put=item)])
    except ConditionFailed as failed:
        other = failed.failures[0].old or {}
        if other.get("owner") == note.token:
            return  # the reply to it was lost
        raise held(str(other.get("name", "?")), str(other.get("by", "?"))) from None


def held(name: str, by: str) -> Refused:
    """Another is played."""
    return Refused(GATE, f"the game day “{name}” is played now, by {by}: one at a time")


def add(store: Store, note: Note, more: Mapping[str, Any]) -> Note:
    """Remember what is known only since the fault was put."""
    kept = {**note.kept, **more}
    if more:
        _change(store, note, {"kept": kept})
    return replace(note, kept=kept)


def renew(store: Store, note: Note, now: datetime) -> bool:
    """It is played still; False where somebody else took it back meanwhile."""
    return _change(store, note, {"lease": stamp(now + LEASE)})


def let_go(store: Store, note: Note, now: datetime) -> None:
    """Nobody plays it any more, and its fault is not taken back: the next command tries."""
    _change(store, note, {"lease": stamp(now)})


def strike(store: Store, note: Note) -> None:
    """Its fault is taken back."""
    mine = Equals("owner", note.token)
    try:
        store.transact([Piece(table="state", key=KEY, gate=GATE, condition=mine, delete=True)])
    except ConditionFailed:
        return  # somebody else did, and perhaps plays another one


def _change(store: Store, note: Note, what: Mapping[str, Any]) -> bool:
    mine = Equals("owner", note.token)
    try:
        store.transact([Piece(table="state", key=KEY, gate=GATE, condition=mine, sets=what)])
    except ConditionFailed:
        return False
    return True
