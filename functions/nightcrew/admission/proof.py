"""When a runbook last proved that it helps, and how often it did lately: what ``auto`` rests on, where policy says so.

The day's job counts it from the ledger and keeps it in an item of its own, so that it need not be allowed to touch the
breaker's; a start reads both in one request. A day is a UTC day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from nightcrew.admission.ceilings import under
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level, Setting
from nightcrew.ledger.transaction import Piece

LATELY = timedelta(days=90)
"""Of which days ``tried`` and ``helped`` are."""

ENOUGH = 3
"""Runs, before their share says anything."""


@dataclass(frozen=True)
class Proof:
    """``last`` is the day of the last run that helped, None where none did in a year; of LATELY before ``counted`` so
    many runs were ``tried``, and so many ``helped``.
    """

    counted: date
    last: date | None
    tried: int
    helped: int

    def piece(self, runbook: str) -> Piece:
        """What keeps it. Later counts replace earlier ones."""
        item = {"key": f"proof#{runbook}", "counted": self.counted.isoformat(), "tried": self.tried}
        last = {"last": self.last.isoformat()} if self.last else {}
        return Piece("state", proof_key(runbook), gate="proof", put={**item, "helped": self.helped, **last})

    @classmethod
    def of(cls, item: Mapping[str, Any] | None) -> "Proof | None":
        """Of a runbook's item; None where nothing was counted yet."""
        if item is None:
            return None
        last = item.get("last")
        return cls(
            date.fromisoformat(str(item["counted"])),
            date.fromisoformat(str(last)) if last else None,
            int(item["tried"]),
            int(item["helped"]),
        )


def proof_key(runbook: str) -> dict[str, str]:
    """The key of what a runbook proved, in ``state``."""
    return {"key": f"proof#{runbook}"}


def proven(request: Request, now: datetime) -> Request:
    """The request, at most under ``approve`` where policy wants a proof that is old, fails, or was never seen."""
    if request.settings.autonomy.value is not Level.AUTO:
        return request
    return under(request, _ceilings(request, now.date()))


def _ceilings(request: Request, today: date) -> Iterator[Setting[Level]]:
    age, share, seen = request.settings.proof_age, request.settings.proof_share, request.proof
    if age.value:
        last = seen.last if seen else None
        if last is None:
            yield Setting(Level.APPROVE, f"proof_age of {age.because}: it was never seen to help here")
        elif today - last > age.value:
            days = (today - last).days
            yield Setting(Level.APPROVE, f"proof_age of {age.because}: it last helped on {last}, {days} days ago")
    if share.value and seen and seen.tried >= ENOUGH and 100 * seen.helped < share.value * seen.tried:
        told = f"it helped {seen.helped} of {seen.tried} times in {LATELY.days} days, less than {share.value} %"
        yield Setting(Level.APPROVE, f"proof_share of {share.because}: {told}")
