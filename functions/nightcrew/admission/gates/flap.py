"""flap: an alarm that comes and goes is not answered each time: something else is wrong with it, or with what it
watches. An event that is no alarm's is counted for each resource and kind: what happens to it again and again.
"""

from collections.abc import Sequence
from datetime import datetime

from nightcrew.admission.alarms import changed
from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.request import Request
from nightcrew.durations import in_words
from nightcrew.errors import Refused
from nightcrew.ledger.transaction import Piece


class Flap(Gate):
    """Refuses when the alarm changed state more often than policy allows. Each decision on it counts it, on the alarm's
    own item.
    """

    name = "flap"

    def look(self, request: Request, now: datetime) -> Refused | None:
        most, span = request.settings.flap_changes, request.settings.flap_within
        seen = {*request.changes, *([request.alarm.at] if request.alarm and not request.alarm.again else [])}
        recent = sorted(change for change in seen if now - change < span.value)
        if len(recent) <= most.value:
            return None
        what = "it happened" if request.alarm and request.alarm.event else "the alarm changed state"
        often = f"{what} {len(recent)} times in {in_words(span.value)}"
        words = f"{often}; {most.value} is the most ({most.because})"
        figures = {"changes": len(recent), "most": most.value, "within_seconds": int(span.value.total_seconds())}
        # When enough of them are old enough that no more than `most` count.
        return Refused("flap", words, figures=figures, until=recent[len(recent) - most.value - 1] + span.value)

    def deciding(self, request: Request, run: str, now: datetime) -> Sequence[Piece]:
        return [changed(request.alarm, request.changes, now)] if request.alarm else ()
