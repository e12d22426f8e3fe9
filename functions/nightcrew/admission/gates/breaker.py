"""breaker: a runbook that failed several times in a row, wherever it ran, is left out until one trial has gone well.

Half-open needs no branch: after its time one start may try, because the start itself moves ``last_try``; a trial that
dies frees itself after the same time. While the breaker is closed no start touches its item, which else every start
of a popular runbook would write: whether it is open is looked up, and only an open one is competed for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from nightcrew.admission.gates.chain import DID_NOT_HELP
from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.request import Request
from nightcrew.clock import moment, stamp
from nightcrew.durations import in_words
from nightcrew.errors import Refused
from nightcrew.ledger.cases import HELPED
from nightcrew.ledger.conditions import Absent, AtMost, Below
from nightcrew.ledger.transaction import Failure, Piece


def breaker_key(runbook: str) -> dict[str, str]:
    """The key of a runbook's breaker in ``state``."""
    return {"key": f"runbook#{runbook}"}


class Breaker(Gate):
    """Refuses a runbook that failed too often in a row; one trial after its time."""

    name = "breaker"

    def opening(self, request: Request, now: datetime) -> Sequence[Piece]:
        limit, rest = request.settings.breaker, request.settings.breaker_rest
        if request.failures < limit.value:
            return ()
        rested = stamp(now - rest.value)
        trial = AtMost("last_fail", rested) & (Absent("last_try") | AtMost("last_try", rested))
        condition = Absent("fails") | Below("fails", limit.value) | trial
        key = breaker_key(request.runbook)
        return [Piece(table="state", key=key, gate=self.name, condition=condition, sets={"last_try": stamp(now)})]

    def refused(self, request: Request, failure: Failure, now: datetime) -> Refused:
        old = failure.old or {}
        limit, rest = request.settings.breaker, request.settings.breaker_rest
        until = max(moment(str(old[name])) for name in ("last_fail", "last_try") if name in old) + rest.value
        trial = f"the next trial is in {in_words(until - now)}"
        words = f"{request.runbook} did not help {old['fails']} times in a row; {trial}"
        figures = {"fails": old["fails"], "most": limit.value, "last_fail": old["last_fail"], "because": limit.because}
        return Refused("breaker", f"{words} ({limit.because})", figures=figures, until=until)

    def closing(
        self, request: Request, groups: Sequence[str], outcome: str, seen: Mapping[str, Any]
    ) -> Sequence[Piece]:
        key = breaker_key(request.runbook)
        if outcome in DID_NOT_HELP:
            return [
                Piece(table="state", key=key, gate=self.name, adds={"fails": 1}, sets={"last_fail": stamp(request.at)})
            ]
        if outcome in HELPED and request.failures:
            return [Piece(table="state", key=key, gate=self.name, removes=("fails", "last_fail", "last_try"))]
        return ()
