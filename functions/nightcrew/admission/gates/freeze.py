"""freeze: a change freeze of policy, or of an SSM Change Calendar, covers the start."""

from datetime import datetime

from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.request import Request
from nightcrew.clock import stamp
from nightcrew.errors import Refused


class Freeze(Gate):
    """Refuses while a freeze holds. Which ones cover the request was looked up before, and stands in the request."""

    name = "freeze"

    def look(self, request: Request, now: datetime) -> Refused | None:
        if not request.frozen:
            return None
        longest = max(request.frozen, key=lambda freeze: freeze.until)
        words = f"{longest.name}: no changes until {stamp(longest.until)}"
        return Refused(
            "freeze", words, figures={"freeze": longest.name, "until": stamp(longest.until)}, until=longest.until
        )
