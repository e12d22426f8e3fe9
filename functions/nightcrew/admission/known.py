"""What is known before anybody competes: the signal's claim, the alarm's changes, the runbook's failures. One read.

A duplicate costs that read and nothing else. It is not read consistently: what is decided here is only what may be
looked up, and a claim that is missed is found by the transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nightcrew.admission.alarms import alarm_key, changes_of
from nightcrew.admission.gates.breaker import breaker_key
from nightcrew.admission.gates.claim import claim_key
from nightcrew.admission.proof import Proof, proof_key
from nightcrew.admission.request import Request
from nightcrew.ledger.store import Store


@dataclass(frozen=True)
class Known:
    """``claim`` is the item of who decided the signal before, None where nobody has; ``request`` says what was seen."""

    request: Request
    claim: Mapping[str, Any] | None


def known(request: Request, store: Store) -> Known:
    """Ask once. Raises Unreachable."""
    alarm = request.alarm
    keys = [breaker_key(request.runbook), proof_key(request.runbook)]
    if alarm is not None:
        keys += [claim_key(alarm.claim), alarm_key(*alarm.counted)]
    breaker, proof, claim, watched = [*store.get_all("state", keys), None, None][:4]
    failures = int((breaker or {}).get("fails", 0))
    seen = replace(request, changes=changes_of(watched), failures=failures, proof=Proof.of(proof))
    return Known(seen, claim)
