"""The gates as they hold during a run: each change asks for the lock and for the cancel flag in the transaction of
its entry.
"""

from collections.abc import Sequence
from typing import Any

from nightcrew.admission.gates.halt import halt_piece, halt_words, halting
from nightcrew.admission.request import lock_key
from nightcrew.clock import Clock, stamp
from nightcrew.errors import Conflict, Unreachable
from nightcrew.ledger.conditions import Absent, Equals
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece


class RunGuard:
    """Implements what ``Run`` asks of a guard, for one run on one resource's lock."""

    def __init__(self, run: str, runbook: str, resource: str, store: Store, clock: Clock) -> None:
        self._run = run
        self._runbook = runbook
        self._resource = resource
        self._key = {"key": lock_key(resource)}
        self._store = store
        self._clock = clock

    def pieces(self, *, undoing: bool) -> Sequence[Piece]:
        """The resource is mine and nobody cancelled; an undo asks only whether it is mine. The cool-down starts
        here.
        """
        mine = Equals("owner", self._run)
        condition = mine if undoing else mine & Absent("cancel")
        sets = {"changed_at": stamp(self._clock.now())}
        lock = Piece(table="state", key=self._key, gate="lock", condition=condition, sets=sets)
        return [lock] if undoing else [lock, halt_piece(self._runbook, self._resource)]

    def why(self, failed: ConditionFailed) -> dict[str, Any]:
        """Cancelled, or the lock lost; in words, from the old item."""
        halt = failed.of("halt")
        if halt is not None and failed.of("lock") is None:
            name, by = halting(dict(halt.old or {}), self._runbook, self._resource) or ("all", {})
            return {"ending": "cancelled", "words": halt_words(name, by)}
        failure = failed.of("lock")
        return self._stop(dict(failure.old or {}) if failure else {}) or {"ending": "failed", "words": str(failed)}

    def peek(self) -> dict[str, Any] | None:
        """One read of the lock between polls. One that fails says nothing: each change asks again, for certain."""
        try:
            return self.asked()
        except (Conflict, Unreachable):
            return None

    def asked(self) -> dict[str, Any] | None:
        """The same, for certain: before a pause nobody else asks again for a long time."""
        return self._stop(self._store.get("state", self._key) or {})

    def _stop(self, item: dict[str, Any]) -> dict[str, Any] | None:
        if item.get("owner") != self._run:
            held = f"run {item['owner']} has the lock now" if "owner" in item else "the lock was released"
            return {"ending": "lost", "words": f"the resource is no longer this run's: {held}"}
        if "cancel" in item:
            return {"ending": "cancelled", "words": str(item["cancel"])}
        return None
