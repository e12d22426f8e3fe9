"""Approve, decline, cancel: what is decided is written first, and then whoever waits is woken."""

from typing import Any

from nightcrew.admission import cancelling
from nightcrew.admission.approvals import Decided, decide, find
from nightcrew.api.approvals import over
from nightcrew.api.desk import Desk
from nightcrew.api.people import Right
from nightcrew.errors import Refused
from nightcrew.ledger.entries import ENDINGS
from nightcrew.ledger.history import tail


def approve(desk: Desk, run: str, *, plan: str, reason: str = "") -> dict[str, Any]:
    """Agree to the plan of that hash (its beginning is enough). Whoever asked for the run cannot.

    Once more gives the same answer. Raises Unknown, BadInput (another plan), Refused, Conflict, Unreachable.
    """
    by = desk.actor(Right.APPROVE)
    _still_asks(desk, run)
    return _answered(
        desk, run, decide(desk.store, run, by=by, approve=True, now=desk.clock.now(), reason=reason, plan=plan)
    )


def decline(desk: Desk, run: str, *, reason: str, plan: str | None = None) -> dict[str, Any]:
    """Turn it down: the run ends, and nothing is changed. Raises as ``approve`` does."""
    by = desk.actor(Right.APPROVE)
    _still_asks(desk, run)
    return _answered(
        desk, run, decide(desk.store, run, by=by, approve=False, now=desk.clock.now(), reason=reason, plan=plan)
    )


def cancel(desk: Desk, run: str, *, reason: str) -> dict[str, Any]:
    """Ask a run to stop, and to take back what it did. Safe at every moment, and twice: the first reason stays.

    Raises Unknown, Unreachable.
    """
    by = desk.actor(Right.OPERATE)
    wish = cancelling.cancel(desk.store, run, by=by, reason=reason, now=desk.clock.now())
    last = tail(desk.store, run)
    ended = wish.value is None or (last is not None and last.kind in ENDINGS)
    if not ended and wish.callback is not None:
        desk.door.installation.answer(wish.callback, wish.value)
    return {"run": run, "over": ended, "words": wish.words, "outcome": None}


def _still_asks(desk: Desk, run: str) -> None:
    asked = find(desk.store, run)
    if asked is not None and asked.decided is None and over(desk.store, run):
        raise Refused("approval", f"run {run} is over already: there is nothing to decide any more")


def _answered(desk: Desk, run: str, decided: Decided) -> dict[str, Any]:
    """Wake the run. It reads what was decided from where it was written: a lost wake-up only delays it."""
    if decided.callback is None:
        words = f"approved by {' and '.join(decided.value['by'])}: another person must approve, too"
        return {"run": run, "outcome": "waiting", "words": words, "decided": decided.value}
    heard = desk.door.installation.answer(decided.callback, decided.value)
    words = f"{decided.value['decision']} by {' and '.join(decided.value['by'])}"
    words += "" if heard else "; the run did not wait there any more"
    return {"run": run, "outcome": "running", "words": words, "decided": decided.value}
