"""What follows a refusal: a second try when its gate ends by itself, or a person is told.

CloudWatch sends an event only when an alarm changes state: a refused alarm would be forgotten.
"""

from collections.abc import Callable

from nightcrew.admission.follow_ups import Due, keep
from nightcrew.admission.gates.claim import claim_key
from nightcrew.admission.request import Request
from nightcrew.engine.installation import Installation
from nightcrew.errors import Refused

FOR_PEOPLE = ("chain", "breaker")
"""Gates that refuse because remedies did not help: trying again is not the answer, a person is."""


def nothing_better() -> str:
    """There is no better runbook, as far as is known."""
    return ""


def follow_refusal(
    installation: Installation, request: Request, refusal: Refused, better: Callable[[], str] = nothing_better
) -> None:
    """Keep the signal for its second try, or tell people: once of equal refusals, or a storm would be told as one.

    ``better`` is asked only where people are told that remedies did not help: which other runbook did, in a sentence.
    """
    alarm = request.alarm
    if alarm is None or (refusal.gate == "autonomy" and refusal.figures.get("autonomy") != "suggest"):
        return
    if refusal.until is not None and refusal.gate not in FOR_PEOPLE and not alarm.again:
        what = {
            "runbook": request.runbook,
            "parameters": dict(request.parameters),
            "resource": request.resource,
            "symptom": request.symptom,
            "alarm": alarm.to_dict(),
            "tags": dict(request.tags),
            "autonomy": [str(request.settings.autonomy.value), request.settings.autonomy.because],
            "gate": refusal.gate,
        }
        name = claim_key(alarm.claim)["key"]
        keep(installation.store, Due(name, "retry", refusal.until, request.runbook, request.actor, what))
        return
    if refusal.repeated:
        return
    asked = {"event" if alarm.event else "alarm": alarm.name}
    told = {"runbook": request.runbook, "resource": request.resource, "actor": request.actor}
    words = "; ".join(filter(None, [refusal.words, better() if refusal.gate in FOR_PEOPLE else ""]))
    installation.tell_people(
        "refused", {**told, **asked, "gate": refusal.gate, "words": words, "figures": refusal.figures}
    )
