"""What ran, what was refused and what runs now; and the story of one run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from nightcrew.api.desk import Desk
from nightcrew.api.resources import arns_of, the_one
from nightcrew.api.secrets import hidden_of
from nightcrew.api.times import since as moment_of
from nightcrew.errors import BadInput, Unknown
from nightcrew.knowledge.lessons import lessons
from nightcrew.ledger.chain import Chain
from nightcrew.ledger.entries import RECORDS
from nightcrew.ledger.history import Page, Row, history, running
from nightcrew.ledger.rows import RUNNING
from nightcrew.ledger.store import Store

Outcome = Literal[
    "cured",
    "succeeded",
    "ineffective",
    "worse",
    "failed",
    "not_applicable",
    "refused",
    "declined",
    "cancelled",
    "running",
]
OUTCOMES: tuple[str, ...] = get_args(Outcome)


@dataclass(frozen=True)
class Wanted:
    """Which runs: what is None does not matter. ``after`` is the cursor of the page before."""

    resource: str | None = None
    runbook: str | None = None
    symptom: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    limit: int = 20
    after: str | None = None


def found(store: Store, now: datetime, wanted: Wanted) -> tuple[list[Row], Page]:
    """What runs now, on the first page; and the page of what ended. Raises BadInput, Unreachable."""
    about = {name: getattr(wanted, name) for name in ("resource", "runbook", "symptom")}
    page = Page((), None)
    if wanted.outcome != RUNNING:
        rest = {name: getattr(wanted, name) for name in ("outcome", "since", "limit", "after")}
        page = history(store, now=now, **about, **rest)
    open_now: list[Row] = []
    if wanted.after is None and wanted.outcome in (None, RUNNING):
        open_now = [row for row in running(store) if _is(row, about)]
    return open_now, page


def runs(desk: Desk, wanted: Wanted, since: str | None = None) -> dict[str, Any]:
    """A page of them; ``since`` is as people write it, and a resource may be its name. Raises BadInput."""
    now = desk.clock.now()
    resource = wanted.resource
    if resource is not None:
        resource = named(desk, resource, wanted.runbook)
    if wanted.outcome is not None and wanted.outcome not in OUTCOMES:
        raise BadInput("outcome", wanted.outcome, f"one of {', '.join(OUTCOMES)}")
    asked = Wanted(**{**vars(wanted), "resource": resource, "since": moment_of(since, now, "since")})
    open_now, page = found(desk.store, now, asked)
    return {
        "running": [row_data(row) for row in open_now],
        "runs": [row_data(row) for row in page.rows],
        "after": page.after,
    }


def named(desk: Desk, resource: str, runbook: str | None = None, field: str = "resource") -> str:
    """The ARN that a resource's name means. Raises BadInput where it says too little."""

    def met(arn: str) -> bool:
        return bool(history(desk.store, now=desk.clock.now(), resource=arn, limit=1).rows)

    return the_one(resource, arns_of(resource, desk.catalog, desk.who, runbook, field=field), met, field=field)


def run(desk: Desk, id: str) -> dict[str, Any]:  # noqa: A002  it is the run's
    """One run: when it began and ended, or by which gate it was refused; its entries as they stand, whether their
    chain is consistent, how long it may hold its locks, and what people learned of it. Raises Unknown.
    """
    chain = Chain.read(id, desk.store)
    if chain.entries and chain.entries[0].kind in RECORDS:
        raise Unknown(f"there is no run {id}: it is a {chain.entries[0].kind}")
    learned = [each.to_dict() for each in lessons(desk.store, run=id)]
    told = hidden_of(chain.to_dict(), desk.catalog, str(chain.opening.get("runbook", "")))
    end = chain.closing
    return {
        **told,
        "started": chain.entries[0].at if chain.entries else None,
        "ended": end.at if end is not None else None,
        "seconds": chain.took,
        "lease": chain.lease,
        "gate": end.body.get("gate") if end is not None else None,
        "lessons": learned,
    }


def _is(row: Row, wanted: Mapping[str, str | None]) -> bool:
    return all(value is None or getattr(row, name) == value for name, value in wanted.items())


def row_data(row: Row) -> dict[str, Any]:
    """A run as JSON."""
    return {
        "run": row.run,
        "runbook": row.runbook,
        "resource": row.resource,
        "symptom": row.symptom,
        "outcome": row.outcome,
        "gate": row.gate,
        "started": row.started,
        "ended": row.ended,
        "seconds": row.duration.total_seconds() if row.duration is not None else None,
        "actor": row.actor,
        "words": row.words,
        "lease": row.lease,
        "break_glass": row.break_glass,
    }
