"""What recall knows, in few words: for who is asked to approve, and for who is told that nothing helped."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from nightcrew.clock import stamp
from nightcrew.durations import in_words
from nightcrew.ledger.rows import BY_HAND
from nightcrew.ledger.store import Store

if TYPE_CHECKING:
    from nightcrew.knowledge.lessons import Lesson
    from nightcrew.knowledge.recall.recall import Remembered
    from nightcrew.knowledge.recall.record import Record

SHOWN = 3
MOST_WORDS = 160


def brief(
    store: Store, now: datetime, *, resource: str, group: str | None, symptom: str, runbook: str
) -> dict[str, Any]:
    """``words``, a sentence, and the best ``cases``, ``records`` and ``lessons``; ``similar`` symptoms, a
    ``suggestion``. JSON, small enough for a question's item. Raises Unreachable.
    """
    from nightcrew.knowledge.recall.recall import recall  # an executor whose runs ask nobody needs none of it

    found = recall(store, now, resource=resource, group=group, symptom=symptom, runbook=runbook)
    own = next((each for each in found.records if each.runbook == runbook), None)
    said = [_said(runbook, symptom, own, similar=bool(found.similar))]
    if found.suggestion is not None:
        said.append(found.suggestion.words)
    made = {
        "words": "; ".join(said),
        "cases": [_case(each) for each in found.cases[:SHOWN]],
        "records": [each.to_dict() for each in found.records[:SHOWN]],
        "similar": list(found.similar),
        "lessons": [_lesson(each) for each in found.lessons[:SHOWN]],
        "suggestion": found.suggestion.to_dict() if found.suggestion is not None else None,
    }
    return {name: value for name, value in made.items() if value}


def _said(runbook: str, symptom: str, record: "Record | None", *, similar: bool) -> str:
    what = "with similar symptoms" if similar else "with this symptom"
    if symptom.startswith(BY_HAND):
        what = "when it was started by hand"
    if record is None:
        return f"nothing is known of {runbook} {what}"
    took = f", median {in_words(record.median)}" if record.median is not None else ""
    return f"{runbook} helped {what} {record.cured} of {record.tried} times{took}"


def _case(told: "Remembered") -> dict[str, Any]:
    kept = ("run", "runbook", "resource", "symptom", "outcome", "seconds", "why")
    plain = told.to_dict()
    about = {name: plain[name] for name in kept if plain[name] not in (None, [])}
    return {**about, "ended": plain["ended"], "words": _cut(told.words)}


def _lesson(told: "Lesson") -> dict[str, Any]:
    return {"words": _cut(told.words), "author": told.author, "at": stamp(told.at)}


def _cut(text: str) -> str:
    return text if len(text) <= MOST_WORDS else text[: MOST_WORDS - 1] + "…"
