"""Close: one transaction releases, counts and writes the closing entry. It happens once, whoever closes."""

from collections.abc import Mapping, Sequence
from typing import Any

from nightcrew.admission.gates import GATES, Gate
from nightcrew.admission.gates.chain import DID_NOT_HELP
from nightcrew.admission.request import Request
from nightcrew.clock import stamp
from nightcrew.ledger.book import Book, Written
from nightcrew.ledger.cases import mark
from nightcrew.ledger.conditions import Absent
from nightcrew.ledger.transaction import ConditionFailed, Piece


def closing_body(
    request: Request, outcome: str, words: str, more: Mapping[str, Any], groups: Sequence[str] = ()
) -> dict[str, Any]:
    """The body of a closing entry. No time of its own in it: a second closing must say the same."""
    return {
        "runbook": request.runbook,
        "resource": request.resource,
        "symptom": request.symptom,
        "outcome": outcome,
        "started": stamp(request.at),
        "actor": request.actor,
        "words": words,
        **({"group": mark(groups[0])} if groups else {}),
        **more,
    }


def close(
    request: Request,
    groups: Sequence[str],
    outcome: str,
    words: str,
    more: Mapping[str, Any],
    book: Book,
    gates: Sequence[Gate] = GATES,
    *,
    unless_cancelled: bool = False,
    also: Sequence[Piece] = (),
    aside: Mapping[str, Any] | None = None,
) -> Written:
    """Write the closing entry and release what the run held.

    Where the lock is another run's by now there is nothing of ours to release, and the entry is written alone. Raises
    FencedOff where somebody else closed the run with other words; Conflict, Unreachable: nothing was written. With
    ``unless_cancelled`` also ConditionFailed of "cancel": who cancelled the run was told so, and it must not end well.
    ``also`` is written with the entry, whatever became of the lock; ``aside`` is for who counts it, see ``Piece``.
    """
    body = closing_body(request, outcome, words, more, groups)
    # Read, then written on the condition that it is still this run's: nobody else counts on it meanwhile.
    seen = (book.store.get("state", {"key": request.lock}) or {}) if outcome in DID_NOT_HELP else {}
    pieces = [*also, *(piece for gate in gates for piece in gate.closing(request, groups, outcome, seen))]
    if unless_cancelled:
        key = {"key": request.lock}
        pieces.append(Piece(table="state", key=key, gate="cancel", condition=Absent("cancel")))
    try:
        return book.write("closing", body, pieces, aside)
    except ConditionFailed as failed:
        if failed.of("cancel") is not None and failed.of("lock") is None:
            raise
        return book.write("closing", body, also, aside)
