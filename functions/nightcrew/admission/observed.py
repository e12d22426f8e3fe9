"""How long an alarm lasted that policy left to people: what Nightcrew's own times are measured against.

What would have answered it is noted on the alarm's own item, in the decision's own transaction. At its OK an entry of
the ledger is made of that: such an alarm has no run that would pay for it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from nightcrew.admission.alarms import alarm_key
from nightcrew.admission.request import Request
from nightcrew.clock import stamp
from nightcrew.errors import Refused
from nightcrew.ledger.book import put_once
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece


def observed(request: Request, refusal: Refused) -> Sequence[Piece]:
    """What a refusal adds to its decision: something where policy let an alarm only be observed, or suggested for."""
    alarm = request.alarm
    if alarm is None or alarm.event or refusal.gate != "autonomy":
        return ()
    seen = {
        "at": stamp(alarm.at),
        "arn": alarm.arn,
        "alarm": alarm.name,
        "runbook": request.runbook,
        "resource": request.resource,
        "symptom": request.symptom,
        "level": str(request.settings.autonomy.value),
    }
    return [Piece("state", alarm_key(*alarm.counted), gate="autonomy", sets={"observed": seen})]


def note_end(store: Store, item: Mapping[str, Any], at: datetime, now: datetime) -> None:
    """An alarm is OK since ``at``; ``item`` is its own, with that. It may be told again: its entry is put once.

    Where the alarm changed in between, nobody knows any more whose hands it was in: then nothing is noted.
    """
    seen: dict[str, Any] = dict(item.get("observed") or {})
    began, ended = str(seen.pop("at", "")), stamp(at)
    if not began or any(began < change < ended for change in item["changes"]) or ended <= began:
        return
    named = hashlib.sha256(f"{seen['arn']}|{item['key']}|{began}".encode()).hexdigest()[:24]
    entry = Entry(f"spell-{named}", 0, "spell", now, {**seen, "began": began, "ended": ended}, "")
    try:
        store.transact([put_once(entry)])
    except ConditionFailed:
        return  # the same OK once more
