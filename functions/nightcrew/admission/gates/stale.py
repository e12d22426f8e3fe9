"""stale: a signal that comes too late is not acted on: the night has gone on without it.

A dead-letter queue that is redriven days later must start nothing.
"""

from datetime import datetime

from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.request import Request
from nightcrew.clock import stamp
from nightcrew.durations import in_words
from nightcrew.errors import Refused


class Stale(Gate):
    """Refuses a signal that is older than policy allows."""

    name = "stale"

    def look(self, request: Request, now: datetime) -> Refused | None:
        limit = request.settings.stale
        if request.alarm is None or now - request.alarm.at <= limit.value:
            return None
        what = "the event" if request.alarm.event else "the alarm's change"
        words = f"{what} is {in_words(now - request.alarm.at)} old; {in_words(limit.value)} is the most"
        figures = {
            "at": stamp(request.alarm.at),
            "stale_seconds": int(limit.value.total_seconds()),
            "because": limit.because,
        }
        return Refused("stale", f"{words} ({limit.because})", figures=figures)
