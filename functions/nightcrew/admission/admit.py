"""Admit: one transaction decides whether a run may start, and writes its opening entry.

What runs compete for is decided by conditions alone; the old items that come back with a refusal name the gate. A
signal is decided once: its refusal and its claim are one transaction too.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nightcrew.admission.abandon import abandon
from nightcrew.admission.gates import GATES, Gate
from nightcrew.admission.gates.claim import claim_key, claim_piece
from nightcrew.admission.gates.lock import expired, pruned
from nightcrew.admission.request import Request
from nightcrew.clock import Clock, stamp
from nightcrew.errors import Conflict, Refused
from nightcrew.ledger.book import put_once
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece

ATTEMPTS = 5
"""A dead run in the way is closed, a dead holder is taken out, and admission tried again: this often."""


@dataclass(frozen=True)
class Admitted:
    """The run may start. ``again`` is true where a lost reply or a redelivery found it admitted before."""

    run: str
    again: bool = False


def admit(request: Request, store: Store, clock: Clock, gates: Sequence[Gate] = GATES) -> Admitted:
    """Open a run. Raises Refused (with its entry written), Conflict or Unreachable (nothing written)."""
    before = _claimed(request, store)
    if before is not None:
        return before
    now = clock.now()
    for gate in gates:
        refusal = gate.look(request, now)
        if refusal is not None:
            return _refuse(request, refusal, store, now)
    wanted = [put_once(_opening(request)), *(piece for gate in gates for piece in gate.opening(request, now))]
    pieces = wanted
    for _ in range(ATTEMPTS):
        try:
            store.transact(pieces)
        except ConditionFailed as failed:
            mended = _mend(wanted, failed, store, clock)
            if mended is None:
                return _answer(request, failed, gates, store, now)
            pieces = mended
        else:
            return Admitted(request.run)
    raise Conflict(f"{request.resource} changed hands {ATTEMPTS} times while it was asked for")


def started(request: Request, store: Store) -> None:
    """Mark the claim: a redelivered signal need not start the run once more."""
    if request.alarm is not None:
        store.transact([Piece(table="state", key=claim_key(request.alarm.claim), gate="claim", sets={"started": True})])


def refusal_run(refusal: Refused, request: Request) -> str:
    """The id under which a refusal is written: equal refusals (gate, resource, until) are one entry."""
    until = stamp(refusal.until) if refusal.until else ""
    same = "|".join(
        (refusal.gate, request.resource, request.runbook, until, str(refusal.figures.get("run", "")), day(request.at))
    )
    return f"refused-{hashlib.sha256(same.encode()).hexdigest()[:24]}"


def day(moment: datetime) -> str:
    """The day of a moment: a refusal without an end is told once a day."""
    return stamp(moment)[:10]


def _claimed(request: Request, store: Store) -> Admitted | None:
    """One read saves a duplicate the rest, and decides nothing. A run that was admitted and never started is started
    again.
    """
    if request.alarm is None:
        return None
    item = store.get("state", claim_key(request.alarm.claim), consistent=False)
    if item is None:
        return None
    return _duplicate(str(item["run"]), started=bool(item.get("started")))


def _duplicate(run: str, *, started: bool) -> Admitted:
    if run.startswith("refused-") or started:
        raise Refused(
            "claim", f"this state change of the alarm was answered already, by {run}", figures={"run": run}, run=run
        )
    return Admitted(run, again=True)


def _opening(request: Request) -> Entry:
    return Entry(request.run, 0, "opening", request.at, request.opening(), "")


def _mend(wanted: list[Piece], failed: ConditionFailed, store: Store, clock: Clock) -> list[Piece] | None:
    """What to ask for next, with what is dead out of the way: a run whose lease has ended is closed, holders that have
    expired are pruned. None where something that lives refuses.
    """
    now = clock.now()
    lock = failed.of("lock")
    if lock is None or failed.of("claim") is not None:
        return None
    dead = expired(lock, now)
    if dead is not None:
        abandon(dead, store, clock, "its lease ended, and another run asked for the resource")
        return wanted
    mine = next(piece for piece in wanted if piece.gate == "lock")
    if mine.condition.holds(lock.old):
        # It was asked for against exactly the dead holders that were there, and they have left by themselves since.
        return wanted
    against = pruned(mine, dict(lock.old or {}), now)
    return [against if piece is mine else piece for piece in wanted] if against else None


def _answer(request: Request, failed: ConditionFailed, gates: Sequence[Gate], store: Store, now: datetime) -> Admitted:
    claim = failed.of("claim")
    if claim is not None:
        # A claim that is held by my own id: the reply to my transaction was lost, and a retry met what it had written.
        run = str((claim.old or {}).get("run", ""))
        return (
            Admitted(run, again=True)
            if run == request.run
            else _duplicate(run, started=bool((claim.old or {}).get("started")))
        )
    entry = failed.of("entry")
    if entry is not None:
        if request.alarm is None and Entry.from_item(entry.old or {}).same_as(_opening(request)):
            return Admitted(request.run, again=True)
        raise Conflict(f"run {request.run} exists already: ask again with another id")
    for gate in gates:
        failure = failed.of(gate.name)
        if failure is not None:
            return _refuse(request, gate.refused(request, failure, now), store, now)
    raise failed


def _refuse(request: Request, refusal: Refused, store: Store, now: datetime) -> Admitted:
    """Write why, with the figures, and claim the signal with it; then raise the refusal."""
    run = refusal_run(refusal, request)
    body = {
        "runbook": request.runbook,
        "parameters": dict(request.parameters),
        "resource": request.resource,
        "symptom": request.symptom,
        "outcome": "refused",
        "started": stamp(now),
        "actor": request.actor,
        "gate": refusal.gate,
        "words": refusal.words,
        "figures": refusal.figures,
        "until": stamp(refusal.until) if refusal.until else None,
        "policy": request.policy,
        "why": request.why,
    }
    put = put_once(Entry(run, 0, "refusal", now, body, ""))
    claim = [claim_piece(request.alarm.claim, run, now)] if request.alarm else []
    try:
        store.transact([put, *claim])
    except ConditionFailed as failed:
        taken = failed.of("claim")
        if taken is not None:
            other = str((taken.old or {}).get("run", ""))
            if other != run:
                return _duplicate(other, started=bool((taken.old or {}).get("started")))
        elif claim:
            _claim_only(claim[0], run, store)
    refusal.run = refusal.run or run
    raise refusal


def _claim_only(claim: Piece, run: str, store: Store) -> None:
    """An equal refusal stands already; this signal is still decided, and never asked again."""
    try:
        store.transact([claim])
    except ConditionFailed as failed:
        taken = failed.of("claim")
        if taken is not None and str((taken.old or {}).get("run", "")) != run:
            _duplicate(str((taken.old or {})["run"]), started=True)
