"""Words and filters together: words look in all lessons and endings, the filters choose among the best matches."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.api.runs import named
from nightcrew.api.search import search
from nightcrew.api.times import until as end_of
from nightcrew.console.under_way import STANDINGS
from nightcrew.errors import BadInput
from nightcrew.knowledge.search.search import MOST
from nightcrew.ledger.whose import is_called

ALIKE = ("runbook", "symptom", "outcome", "resource")
"""What a filter must equal; a lesson has only its symptom."""


def found(desk: Desk, typed: Mapping[str, str]) -> dict[str, Any]:
    """What ``search`` answers, of which only what fits the other filters is kept; ``looked`` is how many matches were
    looked at. Raises BadInput, Unreachable.
    """
    _check(typed)
    try:
        answer = search(desk, typed["words"], since=typed.get("since"), limit=MOST)
    except BadInput as error:
        raise BadInput(error.field.lower(), error.value, error.allowed) from error
    alike = {name: typed[name] for name in ALIKE if name in typed}
    if "resource" in alike:
        alike["resource"] = named(desk, alike["resource"], alike.get("runbook"))
    now = desk.clock.now()
    until = end_of(typed.get("until"), now, "until") if "until" in typed else None
    kept = [each for each in answer["found"] if _fits(each, alike, typed.get("person"), until)]
    return {**answer, "found": kept, "looked": len(answer["found"]), "narrowed": len(typed) > 1}


def _check(typed: Mapping[str, str]) -> None:
    outcome = typed.get("outcome")
    if outcome is not None and outcome not in STANDINGS:
        raise BadInput("outcome", outcome, f"one of {', '.join(STANDINGS)}")


def _fits(each: Mapping[str, Any], alike: Mapping[str, str], person: str | None, until: datetime | None) -> bool:
    if any(each[name] != text for name, text in alike.items()):
        return False
    if person is not None and not is_called(person, str(each["who"])):
        return False
    return until is None or each["at"] < until
