"""What is asked for twice is done once: a key that the caller chose names a request for a day.

What the request makes is kept under the key before it is made, or in the same transaction. Whatever gets lost
afterwards, a repeat finds the same.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.clock import stamp
from nightcrew.errors import BadInput
from nightcrew.ledger.conditions import Absent, AtMost
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece

HEADER = "Idempotency-Key"
KEPT = timedelta(days=1)
_GATE = "idempotency"


@dataclass(frozen=True)
class Key:
    """A key of this person's, for one kind of request (``call``), and what is asked under it. Of neither key nor
    request anything is kept but a hash.
    """

    call: str
    actor: str
    text: str
    asked: Mapping[str, Any]

    def piece(self, now: datetime, made: str = "") -> Piece:
        """Keeps what is made, where the key is new, or a day old: DynamoDB deletes such within days, not at once."""
        free = Absent("made") | AtMost("expires", int(now.timestamp()))
        expires = int((now + KEPT).timestamp())
        sets = {"made": made, "asked": _digest(self.asked), "at": stamp(now), "expires": expires}
        where = {"key": f"{self.call}#{_digest([self.actor, self.text])}"}
        return Piece(table="state", key=where, gate=_GATE, condition=free, sets=sets)

    def stood_for(self, failed: ConditionFailed) -> str:
        """What was made under it before. Raises BadInput where that was asked for otherwise; what failed, where that
        was not the key.
        """
        mine = failed.of(_GATE)
        if mine is None or mine.old is None:
            raise failed
        if mine.old.get("asked") != _digest(self.asked):
            words = f"it stands for another request, of {mine.old.get('at')}: give a new request a new key"
            raise BadInput(HEADER, self.text, words)
        return str(mine.old["made"])


def kept(store: Store, now: datetime, key: Key, made: str) -> str:
    """What this key stands for: ``made``, where it is new. Raises BadInput where it stands for something else that was
    asked, Conflict, Unreachable.
    """
    try:
        store.transact([key.piece(now, made)])
    except ConditionFailed as failed:
        return key.stood_for(failed)
    return made


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
