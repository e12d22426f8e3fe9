"""Close: one transaction releases, counts and writes the closing entry. It happens once, whoever closes."""

from collections.abc import Mapping, Sequence
from typing import Any

from nightcrew.admission.gates import GATES, Gate
from nightcrew.admission.request import Request
from nightcrew.clock import stamp
from nightcrew.ledger.book import Book, Written
from nightcrew.ledger.transaction import ConditionFailed


def closing_body(request: Request, outcome: str, words: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a closing entry. No time of its own in it: a second closing must say the same."""
    return {
        "runbook": request.runbook,
        "resource": request.resource,
        "symptom": request.symptom,
        "outcome": outcome,
        "started": stamp(request.at),
        "actor": request.actor,
        "words": words,
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
) -> Written:
    """Write the closing entry and release what the run held.

    Where the lock is another run's by now there is nothing of ours to release, and the entry is written alone. Raises
    FencedOff where somebody else closed the run with other words; Conflict, Unreachable: nothing was written.
    """
    body = closing_body(request, outcome, words, more)
    pieces = [piece for gate in gates for piece in gate.closing(request, groups, outcome)]
    try:
        return book.write("closing", body, pieces)
    except ConditionFailed:
        return book.write("closing", body)
