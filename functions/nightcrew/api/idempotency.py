"""A start that is asked for twice is one start: a key that the caller chose names it for a day.

The run's id is kept under the key before anything is decided. Whatever gets lost afterwards, a repeat finds the
same id, and an id is opened once.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from nightcrew.clock import Clock, stamp
from nightcrew.errors import BadInput, Conflict
from nightcrew.ledger.conditions import Absent, Condition, Equals
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece

HEADER = "Idempotency-Key"
KEPT = timedelta(days=1)
_GATE = "idempotency"


def kept_run(store: Store, clock: Clock, *, actor: str, key: str, asked: Mapping[str, Any], run: str) -> str:
    """The run that this key of this person's stands for: ``run``, where the key is new. Raises BadInput where it stands
    for something else that was asked, Conflict, Unreachable.
    """
    where = {"key": f"start#{_digest([actor, key])}"}
    now = clock.now()
    sets = {"run": run, "asked": _digest(asked), "at": stamp(now), "expires": int((now + KEPT).timestamp())}
    before = _put(store, where, Absent("run"), sets)
    if before is None:
        return run
    if int(before.get("expires", 0)) <= now.timestamp():  # DynamoDB deletes it within days, not at once
        if _put(store, where, Equals("run", str(before["run"])), sets) is None:
            return run
        raise Conflict(f"{HEADER} {key} is used by another request at the same moment: ask again")
    if before.get("asked") != sets["asked"]:
        raise BadInput(
            HEADER, key, f"it stands for another request, of {before.get('at')}: give a new request a new key"
        )
    return str(before["run"])


def _put(
    store: Store, where: Mapping[str, str], condition: Condition, sets: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """What stands there, where it stands there already."""
    try:
        store.transact([Piece(table="state", key=where, gate=_GATE, condition=condition, sets=sets)])
    except ConditionFailed as failed:
        mine = failed.of(_GATE)
        return mine.old or {} if mine is not None else {}
    return None


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
