"""What waits for a person."""

from typing import Any

from nightcrew.admission.approvals import Approval, waiting
from nightcrew.api.desk import Desk
from nightcrew.ledger.entries import ENDINGS, Entry
from nightcrew.ledger.history import opening, tail
from nightcrew.ledger.store import Store


def approvals(desk: Desk) -> list[dict[str, Any]]:
    """All that waits, the nearest deadline first."""
    found = waiting(desk.store, desk.clock.now())
    return [data(each, desk.store) for each in found if not over(desk.store, each.run)]


def resource_of(entry: Entry | None) -> str:
    """What a run is about, by its opening."""
    return str(entry.body.get("resource", "")) if entry is not None else ""


def over(store: Store, run: str) -> bool:
    """Whether a run has ended: a cancelled one's question stands until its deadline, and decides nothing any more."""
    last = tail(store, run)
    return last is not None and last.kind in ENDINGS


def data(approval: Approval, store: Store) -> dict[str, Any]:
    """What waits, as JSON."""
    question = approval.question
    return {
        "run": approval.run,
        "runbook": approval.runbook,
        "resource": resource_of(opening(store, approval.run)),
        "requester": approval.requester,
        "deadline": approval.deadline,
        "hash": approval.hash,
        "wanted": approval.wanted,
        "approvers": list(approval.approvers),
        "title": question.get("title"),
        "lines": question.get("lines", []),
        "seen": question.get("seen", []),
        "known": question.get("known", {}),
    }
