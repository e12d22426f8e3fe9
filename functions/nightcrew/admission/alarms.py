"""One item in ``state`` for each alarm that starts runs: when it changed, when it was OK, and which run waits for that.

An OK and a run that begins to wait for it race: the OK writes its time and is shown who waits, the run leaves word
where it waits only if there is no such time yet. So one of them always sees the other.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from nightcrew.admission.request import AlarmSeen, Request
from nightcrew.clock import moment, stamp
from nightcrew.ledger.conditions import Absent, AtMost, Equals, Present
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece

KEPT = timedelta(days=14)
"""After its last change. Longer than any gate looks back: who observes wants to know how long an alarm lasted."""
MOST_CHANGES = 60


def alarm_key(alarm: str, contributor: str | None) -> dict[str, str]:
    """The key of an alarm's, or one contributor's, item."""
    named = f"{alarm}|{contributor or ''}"
    return {"key": f"alarm#{hashlib.sha256(named.encode()).hexdigest()[:40]}"}


def changes_of(item: Mapping[str, Any] | None) -> tuple[datetime, ...]:
    """The changes of state that an alarm's item remembers, the oldest first."""
    return tuple(moment(each) for each in sorted((item or {}).get("changes", ())))[-MOST_CHANGES:]


def changed(alarm: AlarmSeen, before: Sequence[datetime], now: datetime) -> Piece:
    """Counts this change of state: with the decision on it, and so once, however often it is delivered.

    ``before`` are the changes that were seen when it was decided. A second try is no change.
    """
    expires = int((now + KEPT).timestamp())
    key = alarm_key(*alarm.counted)
    if alarm.again:
        return Piece(table="state", key=key, gate="flap", sets={"expires": expires})
    if len(before) < MOST_CHANGES:
        return Piece(
            table="state", key=key, gate="flap", adds={"changes": {stamp(alarm.at)}}, sets={"expires": expires}
        )
    latest = {stamp(each) for each in (*before, alarm.at)[-MOST_CHANGES:]}
    return Piece(table="state", key=key, gate="flap", sets={"changes": latest, "expires": expires})


def ok(store: Store, alarm: str, contributor: str | None, at: datetime) -> dict[str, Any] | None:
    """An OK came; returns the alarm's item with it: ``waiting`` is the callback of the run that waits, if one does.

    An alarm that never started anything has no item, and gets none: its OK costs one refused write.
    """
    # The same OK once more is answered once more: whoever took it the first time may have died before the answer.
    known = Present("changes") & (Absent("ok_at") | AtMost("ok_at", stamp(at)))
    piece = Piece(
        table="state",
        key=alarm_key(alarm, contributor),
        gate="ok",
        condition=known,
        sets={"ok_at": stamp(at)},
        adds={"changes": {stamp(at)}},
    )
    try:
        return store.update(piece)
    except ConditionFailed:
        return None


def awaiting(alarm: AlarmSeen, callback: str) -> Piece:
    """A run begins to wait: leaves word where, and refuses if the alarm was OK already since it asked for the run."""
    not_yet = Absent("ok_at") | AtMost("ok_at", stamp(alarm.at))
    key = alarm_key(*alarm.counted)
    return Piece(table="state", key=key, gate="ok", condition=not_yet, sets={"waiting": callback})


def note_another(store: Store, request: Request, run: str, now: datetime) -> None:
    """An alarm fired on a resource that a run works on: noted on the lock that refused it, for the run's own
    verdict. An event is not: it may well be the run's own doing (an instance that is restarted stops).
    """
    if request.alarm is None or request.alarm.event:
        return
    item = store.get("state", {"key": request.lock}) or {}
    if item.get("owner") != run or str(item.get("changed_at", "")) < str(item["started"]):
        # It has changed nothing yet: whatever fires now is no work of its own.
        return
    noted = {f"{stamp(now)}|{request.alarm.name}"}
    owner = Equals("owner", run)
    try:
        store.transact(
            [Piece(table="state", key={"key": request.lock}, gate="lock", condition=owner, adds={"also": noted})]
        )
    except ConditionFailed:
        return
