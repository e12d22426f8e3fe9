"""Admitted, ended, waited for: what tests of gates do with a request."""

from collections.abc import Callable
from datetime import UTC, datetime

from nightcrew.admission.admit import admit
from nightcrew.admission.closing import close
from nightcrew.admission.request import Request
from nightcrew.clock import StoppedClock
from nightcrew.errors import Refused
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening
from nightcrew.ledger.store import Store

Turned = Callable[..., Refused]
RESTART = "restart-ec2-instance"


def ended(request: Request, outcome: str, store: Store, clock: StoppedClock, groups: tuple[str, ...] = ()) -> None:
    """Admit it, and close it with this outcome."""
    admit(request, store, clock)
    entry = opening(store, request.run)
    assert entry is not None
    close(request, groups, outcome, "so it ended", {}, Book(store, clock, request.run, 0, entry.hash))


def after(refusal: Refused, clock: StoppedClock) -> None:
    """Let time pass until a refusal says that it ends."""
    assert refusal.until is not None
    clock.sleep((refusal.until - clock.now()).total_seconds())


def at(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
