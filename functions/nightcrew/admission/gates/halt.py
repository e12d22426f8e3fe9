"""halt: somebody stopped everything, a runbook, or an account. It holds at admission and before every change of a run.

The halt stands on eight equal items, one of which each resource asks: every start and every change of everybody would
else meet on one item, and AWS would answer most of them with a conflict.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.request import Request
from nightcrew.errors import Refused
from nightcrew.ledger.conditions import Absent
from nightcrew.ledger.transaction import Failure, Piece

SHARDS = 8
ALL = "all"


def shard_of(resource: str) -> dict[str, str]:
    """The key of the halt's item that this resource asks."""
    return {"key": f"halt#{hashlib.sha256(resource.encode()).digest()[0] % SHARDS}"}


def names_for(runbook: str, resource: str) -> tuple[str, str, str]:
    """The halts that cover a run: everything, its runbook, its resource's account."""
    return ALL, f"runbook|{runbook}", f"account|{resource.split(':')[4]}"


def halt_piece(runbook: str, resource: str) -> Piece:
    """Asks that no halt covers it."""
    everything, of_runbook, of_account = names_for(runbook, resource)
    free = Absent(everything) & Absent(of_runbook) & Absent(of_account)
    return Piece(table="state", key=shard_of(resource), gate="halt", condition=free)


def halting(item: dict[str, Any], runbook: str, resource: str) -> tuple[str, dict[str, Any]] | None:
    """The halt in an item that covers this run: its name, and who set it, when and why."""
    return next(((name, item[name]) for name in names_for(runbook, resource) if name in item), None)


def halt_words(name: str, halt: dict[str, Any]) -> str:
    """``everything is halted by ada: change freeze``."""
    what = "everything" if name == ALL else name.replace("|", " ")
    return f"{what} is halted by {halt.get('by', '?')}: {halt.get('reason', '')}"


class Halt(Gate):
    """Refuses while a halt covers it."""

    name = "halt"

    def opening(self, request: Request, now: datetime) -> Sequence[Piece]:
        return [halt_piece(request.runbook, request.resource)]

    def refused(self, request: Request, failure: Failure, now: datetime) -> Refused:
        name, halt = halting(dict(failure.old or {}), request.runbook, request.resource) or (ALL, {})
        return Refused("halt", halt_words(name, halt), figures={"halt": name, **halt})
