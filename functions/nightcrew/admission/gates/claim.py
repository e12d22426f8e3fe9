"""claim: a signal starts at most one run, however often it is delivered and whoever matched it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.request import Request
from nightcrew.clock import stamp
from nightcrew.errors import Refused
from nightcrew.ledger.conditions import Absent
from nightcrew.ledger.transaction import Failure, Piece

KEPT = timedelta(days=2)
"""How long a claim lives: longer than any age at which policy lets a signal start something."""


def claim_key(signal: str) -> dict[str, str]:
    """The key of a signal's claim in ``state``."""
    return {"key": f"claim#{hashlib.sha256(signal.encode()).hexdigest()[:40]}"}


def claim_piece(signal: str, run: str, now: datetime) -> Piece:
    """The put that claims a signal for a run (or for the refusal that answered it)."""
    item = {"run": run, "at": stamp(now), "expires": int((now + KEPT).timestamp())}
    return Piece(table="state", key=claim_key(signal), gate="claim", condition=Absent("key"), put=item)


class Claim(Gate):
    """Refuses a signal that was decided already. A person's start has no signal and so nothing to claim."""

    name = "claim"

    def deciding(self, request: Request, run: str, now: datetime) -> Sequence[Piece]:
        return [claim_piece(request.alarm.claim, run, now)] if request.alarm else ()

    def refused(self, request: Request, failure: Failure, now: datetime) -> Refused:
        del now
        run = str((failure.old or {}).get("run", ""))
        what = request.alarm.words if request.alarm else "this"
        return Refused("claim", f"{what} was answered by {run}", figures={"run": run}, run=run)
