"""What is remembered of the like."""

from typing import Any

from nightcrew.api.desk import Desk
from nightcrew.api.resources import arns_of
from nightcrew.api.runs import named
from nightcrew.errors import BadInput
from nightcrew.knowledge.recall import recall as remembering
from nightcrew.ledger.cases import kind_of
from nightcrew.ledger.history import history


def recall(
    desk: Desk,
    *,
    resource: str | None = None,
    symptom: str | None = None,
    run: str | None = None,
    error: str | None = None,
    limit: int = 5,
) -> dict[str, Any]:
    """The most similar past runs, each runbook's record, what people wrote, and what is suggested. Raises BadInput,
    Unknown, Unreachable.
    """
    if not any((resource, symptom, run, error)):
        raise BadInput("resource", None, "name a resource, a symptom, a run or an error")
    arn = _meant(desk, resource) if resource is not None else None
    now = desk.clock.now()
    found = remembering.recall(desk.store, now, resource=arn, symptom=symptom, run=run, error=error, limit=limit)
    return found.to_json()


def _meant(desk: Desk, text: str) -> str:
    """Of several resources that may have this name the one that was worked on: another kind has another past."""
    arns = arns_of(text, desk.catalog, desk.who, field="resource")
    arn = named(desk, text)
    if len(arns) > 1 and not history(desk.store, now=desk.clock.now(), resource=arn, limit=1).rows:
        what = ", ".join(sorted({kind_of(each) for each in arns}))
        raise BadInput("resource", text, f"nothing ever ran on it, and it may be any of {what}: give the ARN")
    return arn
