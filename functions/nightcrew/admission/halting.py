"""Halt: everything, a runbook, or an account is stopped, and set free again. Takes effect on the next admission and
change.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nightcrew.admission.gates.halt import ALL, SHARDS
from nightcrew.clock import stamp
from nightcrew.errors import BadInput
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import Piece


def halt_name(*, runbook: str | None = None, account: str | None = None) -> str:
    """What a halt is called: ``all``, ``runbook|NAME`` or ``account|ID``. Raises BadInput for both at once."""
    if runbook and account:
        raise BadInput("halt", f"{runbook}, {account}", "one at a time: everything, --runbook or --account")
    if runbook:
        return f"runbook|{runbook}"
    return f"account|{account}" if account else ALL


def set_halt(store: Store, name: str, *, by: str, reason: str, now: datetime, beside: Sequence[Piece] = ()) -> None:
    """Halt, on each of the items that starts and changes ask; all of them or none, and together with what is to be
    written ``beside``. Raises ConditionFailed where that refuses.
    """
    value = {"by": by, "reason": reason, "at": stamp(now)}
    pieces = [Piece(table="state", key=key, gate="halt", sets={name: value}) for key in _keys()]
    store.transact([*pieces, *beside])


def lift_halt(store: Store, name: str) -> None:
    """Set it free again; lifting what is not halted changes nothing."""
    store.transact([Piece(table="state", key=key, gate="halt", removes=(name,)) for key in _keys()])


def halts(store: Store) -> dict[str, dict[str, Any]]:
    """What is halted now: name → by, reason, at."""
    item = store.get("state", _keys()[0]) or {}
    return {name: value for name, value in item.items() if name != "key"}


def _keys() -> list[dict[str, str]]:
    return [{"key": f"halt#{shard}"} for shard in range(SHARDS)]
