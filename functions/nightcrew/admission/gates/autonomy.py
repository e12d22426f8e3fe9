"""autonomy: what policy lets this runbook do by itself, on this resource.

``observe``: write down what would have run. ``suggest``: that, and tell people. ``approve``: a person says yes first.
``auto``: run.
"""

from datetime import datetime

from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level, Setting
from nightcrew.errors import Refused

_WORDS = {
    "write down": "policy lets it only observe: this would have run",
    "suggest": "policy lets it only suggest: start it by hand",
}


class Autonomy(Gate):
    """Refuses a start below what policy asks for. A person who starts a runbook by hand is the one who decides."""

    name = "autonomy"

    def look(self, request: Request, now: datetime) -> Refused | None:
        del now
        return too_low(request.settings.autonomy, by_person=request.by == "person")


def too_low(allowed: Setting[Level], *, by_person: bool) -> Refused | None:
    """The refusal that a level asks for, at admission and once more at hold, when the resource's tags are known.

    ``approve`` refuses nothing: the run opens, and its first step asks.
    """
    start = allowed.value.start(by_person=by_person)
    if start in {"run", "ask"}:
        return None
    figures = {"autonomy": str(allowed.value), "because": allowed.because}
    return Refused("autonomy", f"{_WORDS[start]} ({allowed.because})", figures=figures)
