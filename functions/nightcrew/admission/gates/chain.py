"""chain: what did not help twice is not tried a third time: a restart loop hides a fault, and a person must look.

Counted on the resource's item, for each symptom, by the closing transaction, which holds the lock: nobody else writes
there then.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.request import Request
from nightcrew.clock import moment, stamp
from nightcrew.durations import in_words
from nightcrew.errors import Refused
from nightcrew.ledger.cases import HELPED
from nightcrew.ledger.conditions import Absent, AtMost, Below
from nightcrew.ledger.transaction import Failure, Piece

DID_NOT_HELP = ("failed", "ineffective", "worse")


class Chain(Gate):
    """Refuses when the last runs on this resource, within policy's time, did not cure the symptom."""

    name = "chain"

    def opening(self, request: Request, now: datetime) -> Sequence[Piece]:
        count, since = _names(request)
        limit, span = request.settings.chain, request.settings.chain_within
        free = Absent(count) | Below(count, limit.value) | AtMost(since, stamp(now - span.value))
        return [Piece(table="state", key={"key": request.lock}, gate=self.name, condition=free)]

    def refused(self, request: Request, failure: Failure, now: datetime) -> Refused:
        count, since = _names(request)
        old = failure.old or {}
        limit, span = request.settings.chain, request.settings.chain_within
        began = moment(str(old[since]))
        runs = f"{old[count]} runs did not cure {request.symptom} since {stamp(began)}"
        words = f"{runs}: a person must look ({limit.because})"
        figures = {"runs": old[count], "most": limit.value, "since": stamp(began), "within": in_words(span.value)}
        return Refused("chain", words, figures=figures, until=began + span.value)

    def closing(
        self, request: Request, groups: Sequence[str], outcome: str, seen: Mapping[str, Any]
    ) -> Sequence[Piece]:
        count, since = _names(request)
        key = {"key": request.lock}
        if outcome in HELPED:
            return [Piece(table="state", key=key, gate=self.name, removes=(count, since))]
        if outcome not in DID_NOT_HELP:
            return ()
        fresh = count not in seen or moment(str(seen[since])) <= request.at - request.settings.chain_within.value
        runs = 1 if fresh else int(seen[count]) + 1
        began = stamp(request.at) if fresh else str(seen[since])
        return [Piece(table="state", key=key, gate=self.name, sets={count: runs, since: began})]


def _names(request: Request) -> tuple[str, str]:
    return f"chain|{request.symptom}", f"chain_since|{request.symptom}"
