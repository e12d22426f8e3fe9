"""Admit: one transaction decides whether a run may start, and writes its opening entry.

What runs compete for is decided by conditions alone; the old items that come back with a refusal name the gate. A
signal is decided once: its refusal and its claim are one transaction too.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.admission.abandon import abandon
from nightcrew.admission.gates import GATES, Gate
from nightcrew.admission.gates.claim import claim_key
from nightcrew.admission.gates.lock import expired, pruned
from nightcrew.admission.known import known
from nightcrew.admission.observed import observed
from nightcrew.admission.request import Request
from nightcrew.clock import Clock, moment, stamp
from nightcrew.errors import Conflict, Refused, Unreachable
from nightcrew.ledger.book import put_once
from nightcrew.ledger.conditions import Present
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import opening
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece

ATTEMPTS = 5
"""A dead run in the way is closed, a dead holder is taken out, and admission tried again: this often."""


@dataclass(frozen=True)
class Admitted:
    """The run may start. ``again`` is true where a lost reply or a redelivery found it admitted before."""

    run: str
    again: bool = False


LookUp = Callable[[Request], Request]
"""Completes a request with what is looked up elsewhere (calendars); asked only where nobody decided before."""


def admit(
    request: Request, store: Store, clock: Clock, look_up: LookUp = lambda asked: asked, gates: Sequence[Gate] = GATES
) -> Admitted:
    """Open a run. Raises Refused (with its entry written), Conflict or Unreachable (nothing written)."""
    seen = known(request, store)
    if seen.claim is not None:
        return _decided_before(request, seen.claim, store)
    request = look_up(seen.request)
    now = clock.now()
    for gate in gates:
        refusal = gate.look(request, now)
        if refusal is not None:
            return _refuse(request, refusal, gates, store, now)
    wanted = [
        put_once(_opening(request)),
        *_deciding(request, request.run, gates, now),
        *(piece for gate in gates for piece in gate.opening(request, now)),
    ]
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


def settled(request: Request, store: Store) -> None:
    """Mark the claim once what follows the decision is done: the run was started, or after a refusal its second try is
    kept, or people are told. A redelivered signal needs nothing more then.
    """
    if request.alarm is None:
        return
    key, there = claim_key(request.alarm.claim), Present("run")
    try:
        store.transact([Piece(table="state", key=key, gate="claim", condition=there, sets={"settled": True})])
    except ConditionFailed:
        # It expired: a claim that nobody made must not be made by this.
        return


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


def _decided_before(request: Request, claim: Mapping[str, Any], store: Store) -> Admitted:
    """What was decided stands. Where whoever decided died before what follows was done, it is to be done again."""
    run = str(claim.get("run", ""))
    if claim.get("settled"):
        what = request.alarm.words if request.alarm else "this"
        raise Refused("claim", f"{what} was answered already, by {run}", figures={"run": run}, run=run)
    if not run.startswith("refused-"):
        return Admitted(run, again=True)
    entry = opening(store, run)
    raise _refusal_in(entry) if entry is not None else Unreachable(f"the refusal {run} is not in the ledger yet")


def _refusal_in(entry: Entry) -> Refused:
    body = entry.body
    until = moment(body["until"]) if body.get("until") else None
    return Refused(
        body["gate"], body["words"], figures=body["figures"], until=until, run=body["figures"].get("run") or entry.run
    )


def _deciding(request: Request, run: str, gates: Sequence[Gate], now: datetime) -> list[Piece]:
    return [piece for gate in gates for piece in gate.deciding(request, run, now)]


def _opening(request: Request) -> Entry:
    return Entry(request.run, 0, "opening", request.at, request.opening(), "")


def _asked_for(opening: Entry) -> tuple[datetime, dict[str, Any]]:
    """What was asked for, and when. What was looked up for it may have changed since: the failures, and what is left of
    an error budget or the age of a proof, with the level, its words and a person's time that follow.
    """
    looked_up = {"failures", "autonomy", "deadline", "lease"}
    return opening.at, {name: value for name, value in opening.body.items() if name not in looked_up}


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
        mine = (claim.old or {}).get("run") == request.run
        return Admitted(request.run, again=True) if mine else _decided_before(request, claim.old or {}, store)
    entry = failed.of("entry")
    stored = entry.old if entry is not None else None
    if stored is None and request.alarm is None:
        # A cancelled transaction need not name every condition that does not hold: look, before a gate is blamed.
        stored = store.get("ledger", {"run": request.run, "number": 0})
    if stored is not None:
        entry_there = Entry.from_item(stored)
        if request.alarm is None and _asked_for(entry_there) == _asked_for(_opening(request)):
            return Admitted(request.run, again=True)
        raise Conflict(f"run {request.run} exists already: ask again with another id")
    for gate in gates:
        failure = failed.of(gate.name)
        if failure is not None:
            return _refuse(request, gate.refused(request, failure, now), gates, store, now)
    raise failed


def _refuse(request: Request, refusal: Refused, gates: Sequence[Gate], store: Store, now: datetime) -> Admitted:
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
    decided = [*_deciding(request, run, gates, now), *observed(request, refusal)]
    try:
        store.transact([put, *decided])
    except ConditionFailed as failed:
        taken = failed.of("claim")
        if taken is not None:
            if (taken.old or {}).get("run") != run:
                return _decided_before(request, taken.old or {}, store)
        elif decided:
            # An equal refusal stands already; this signal is still decided, and never asked again.
            refusal.repeated = True
            other = _decide_only(request, decided, run, store)
            if other is not None:
                return other
    refusal.run = refusal.run or run
    raise refusal


def _decide_only(request: Request, decided: list[Piece], run: str, store: Store) -> Admitted | None:
    try:
        store.transact(decided)
    except ConditionFailed as failed:
        taken = failed.of("claim")
        if taken is not None and (taken.old or {}).get("run") != run:
            return _decided_before(request, taken.old or {}, store)
    return None
