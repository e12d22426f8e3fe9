"""A suggestion where nothing answers an alarm, or what usually does has a poor record: told once, started by nobody.

It is written as a refusal of the gate ``match``, and takes the signal's claim in the same transaction: so `why` and
`history` show it, and a redelivered signal is not told again. An alarm that keeps changing its state is told of once a
day.
"""

import hashlib
from datetime import datetime
from typing import Any

from nightcrew.admission.gates.claim import claim_key, claim_piece
from nightcrew.admission.request import Request
from nightcrew.clock import stamp
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.decided import Decided
from nightcrew.dispatch.matched import Match
from nightcrew.engine.installation import Installation
from nightcrew.errors import NightcrewError
from nightcrew.ledger.book import put_once
from nightcrew.ledger.conditions import Present
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.transaction import ConditionFailed, Piece
from nightcrew.signals import Signal

GATE = "match"

UNANSWERED = ("no-trigger", "no-direction", "no-metric", "composite")
"""Why nothing answers: an alarm that is OK, muted, or somebody else's wants no suggestion."""

_NOTHING = "nothing"


def suggested(installation: Installation, signal: Signal, matched: Match, decided: Decided) -> Answer | None:
    """What is suggested for a signal that nothing answers; None where nothing is. At most two reads, none for what
    this process saw before. No trouble with it reaches who asks: the signal is left alone then, as ever.
    """
    if matched.reason not in UNANSWERED:
        return None
    about = f"{GATE}\t{signal.claim}"
    before = decided.by(about)
    if before == _NOTHING:
        return None
    if before is not None:
        return _answered(signal, matched, before)
    try:
        answer = _suggested(installation, signal, matched)
    except NightcrewError as error:
        installation.tell("not suggested", {"alarm": signal.name, "words": f"{type(error).__name__}: {error}"[:300]})
        return None
    decided.keep(about, str(answer.run) if answer is not None else _NOTHING)
    return answer


def better(installation: Installation, request: Request) -> str:
    """A sentence on another runbook that has a clearly better record for this symptom; empty where there is none, or
    nobody can say: one read.
    """
    from nightcrew.knowledge.recall.unanswered import better_than

    try:
        found = better_than(installation.store, request.runbook, request.symptom, installation.clock.now())
    except NightcrewError:
        return ""
    return found.words if found is not None and found.runbook in installation.catalog else ""


def _suggested(installation: Installation, signal: Signal, matched: Match) -> Answer | None:
    from nightcrew.knowledge.recall.unanswered import helped_before  # a cold start that needs none of it is shorter

    now = installation.clock.now()
    found = helped_before(installation.store, matched.symptom, now)
    if found is None or found.runbook not in installation.catalog:
        return None
    words = f"nothing answers this {_what(signal)}; {found.words}: start it by hand if it fits"
    body = {
        "runbook": found.runbook,
        "parameters": {},
        "resource": signal.alarm,
        "symptom": matched.symptom,
        "outcome": "refused",
        "started": stamp(now),
        "actor": f"{_what(signal)}: {signal.name}",
        "gate": GATE,
        "words": words,
        "figures": {"tried": found.record.tried, "cured": found.record.cured, "lower": round(found.record.lower, 3)},
        "policy": installation.policy.version,
        "why": matched.why,
    }
    run = _run(signal, found.runbook, now)
    tells, other = _written(installation, signal, Entry(run, 0, "refusal", now, body, ""), now)
    if other is not None:
        return _answered(signal, matched, other)
    if tells:
        told = {name: body[name] for name in ("runbook", "resource", "actor", "gate", "words", "figures", "symptom")}
        installation.tell_people("suggested", {"run": run, _what(signal): signal.name, **told})
    _settle(installation, signal)
    return Answer(
        "suggested", words, run=run, runbook=found.runbook, resource=signal.alarm, gate=GATE, reason=matched.reason
    )


def _written(installation: Installation, signal: Signal, entry: Entry, now: datetime) -> tuple[bool, str | None]:
    """Whether people are to be told; and who decided the signal before, if that is done with or was something else."""
    claim = claim_piece(signal.claim, entry.run, now)
    try:
        installation.store.transact([put_once(entry), claim])
    except ConditionFailed as failed:
        taken = failed.of("claim")
        if taken is None:
            # An equal one stands since this morning: this signal is decided, and nobody told again.
            return False, _claimed(installation, claim, entry.run)
        old = taken.old or {}
        return True, str(old["run"]) if old.get("settled") or old.get("run") != entry.run else None
    return True, None


def _claimed(installation: Installation, claim: Piece, run: str) -> str | None:
    try:
        installation.store.transact([claim])
    except ConditionFailed as failed:
        taken = failed.of("claim")
        other = str((taken.old or {}).get("run", "")) if taken is not None else ""
        return other if other != run else None
    return None


def _settle(installation: Installation, signal: Signal) -> None:
    key = claim_key(signal.claim)
    settled: dict[str, Any] = {"settled": True}
    installation.store.transact([Piece(table="state", key=key, gate="claim", condition=Present("run"), sets=settled)])


def _answered(signal: Signal, matched: Match, run: str) -> Answer:
    words = f"this {'event' if signal.happening is not None else 'state change of the alarm'} was answered by {run}"
    return Answer("suggested", words, run=run, resource=signal.alarm, gate="claim", reason=matched.reason)


def _run(signal: Signal, runbook: str, now: datetime) -> str:
    same = "|".join((GATE, signal.alarm, signal.name, runbook, stamp(now)[:10]))
    return f"refused-{hashlib.sha256(same.encode()).hexdigest()[:24]}"


def _what(signal: Signal) -> str:
    return "event" if signal.happening is not None else "alarm"
