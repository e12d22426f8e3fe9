"""cool-down: a resource that was just changed is left alone for a while, so that a cure can show, and nothing flaps.

It starts at the change: not at the opening (a run that did not apply would count), nor at the closing (a crashed one
would not).
"""

from collections.abc import Sequence
from datetime import datetime

from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.request import Request
from nightcrew.clock import moment, stamp
from nightcrew.durations import in_words
from nightcrew.errors import Refused
from nightcrew.ledger.conditions import Absent, AtMost
from nightcrew.ledger.transaction import Failure, Piece


class CoolDown(Gate):
    """Refuses when the resource was changed less than policy's minutes ago."""

    name = "cool-down"

    def opening(self, request: Request, now: datetime) -> Sequence[Piece]:
        since = stamp(now - request.settings.cool_down.value)
        rested = Absent("changed_at") | AtMost("changed_at", since)
        return [Piece(table="state", key={"key": request.lock}, gate=self.name, condition=rested)]

    def refused(self, request: Request, failure: Failure, now: datetime) -> Refused:
        changed = moment(str((failure.old or {})["changed_at"]))
        limit = request.settings.cool_down
        words = (
            f"it was changed {in_words(now - changed)} ago; the cool-down is {in_words(limit.value)} ({limit.because})"
        )
        figures = {
            "changed_at": stamp(changed),
            "cool_down_seconds": int(limit.value.total_seconds()),
            "because": limit.because,
        }
        return Refused("cool-down", words, figures=figures, until=changed + limit.value)
