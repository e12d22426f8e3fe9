"""What ran, what was refused and what runs now; and the story of one run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from nightcrew.api.desk import Desk
from nightcrew.api.resources import arns_of, the_one
from nightcrew.api.times import since as moment_of
from nightcrew.api.times import until as end_of
from nightcrew.errors import BadInput, Unknown
from nightcrew.knowledge.lessons import lessons
from nightcrew.ledger.chain import Chain
from nightcrew.ledger.entries import RECORDS
from nightcrew.ledger.history import Page, Row, history, running
from nightcrew.ledger.rows import RUNNING
from nightcrew.ledger.store import Store
from nightcrew.ledger.whose import started_by

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
    person: str | None = None
    until: datetime | None = None


def found(store: Store, now: datetime, wanted: Wanted) -> tuple[list[Row], Page]:
    """What runs now, on the first page; and the page of what ended. Raises BadInput, Unreachable."""
    about = {name: getattr(wanted, name) for name in ("resource", "runbook", "symptom")}
    page = Page((), None)
    if wanted.until is not None and wanted.until >= now:
        wanted = replace(wanted, until=None)  # what runs will end before then, too
    if wanted.outcome != RUNNING:
        rest = {name: getattr(wanted, name) for name in ("outcome", "person", "since", "until", "limit", "after")}
        page = history(store, now=now, **about, **rest)
    open_now: list[Row] = []
    if wanted.until is None and wanted.after is None and wanted.outcome in (None, RUNNING):
        open_now = [row for row in running(store) if _is(row, about) and _by(row, wanted.person)]
    return open_now, page


def runs(desk: Desk, wanted: Wanted, since: str | None = None, until: str | None = None) -> dict[str, Any]:
    """A page of them, as JSON. Raises BadInput."""
    open_now, page = asked_for(desk, wanted, since, until)
    return {
        "running": [row_data(row) for row in open_now],
        "runs": [row_data(row) for row in page.rows],
        "after": page.after,
    }


def asked_for(desk: Desk, wanted: Wanted, since: str | None = None, until: str | None = None) -> tuple[list[Row], Page]:
    """What runs now, and a page of what ended; ``since`` and ``until`` are as people write them (of a day, the whole
    day is part), and a resource may be its name. Raises BadInput.
    """
    now = desk.clock.now()
    resource = wanted.resource
    if resource is not None:
        resource = named(desk, resource, wanted.runbook)
    if wanted.outcome is not None and wanted.outcome not in OUTCOMES:
        raise BadInput("outcome", wanted.outcome, f"one of {', '.join(OUTCOMES)}")
    span = {
        "since": moment_of(since, now, "since"),
        "until": end_of(until, now, "until") if until is not None else None,
    }
    return found(desk.store, now, Wanted(**{**vars(wanted), "resource": resource, **span}))


def named(desk: Desk, resource: str, runbook: str | None = None, field: str = "resource") -> str:
    """The ARN that a resource's name means. Raises BadInput where it says too little."""

    def met(arn: str) -> bool:
        return bool(history(desk.store, now=desk.clock.now(), resource=arn, limit=1).rows)

    return the_one(resource, arns_of(resource, desk.catalog, desk.who, runbook, field=field), met, field=field)


def run(desk: Desk, id: str) -> dict[str, Any]:  # noqa: A002  it is the run's
    """One run: when it began and ended, or by which gate it was refused; its entries as they stand, whether their
    chain is consistent, how long it may hold its locks, and what people learned of it. Raises Unknown.
    """
    chain = story(desk, id)
    learned = [each.to_dict() for each in lessons(desk.store, run=id)]
    end = chain.closing
    return {
        **chain.to_dict(),
        "started": chain.entries[0].at if chain.entries else None,
        "ended": end.at if end is not None else None,
        "seconds": chain.took,
        "lease": chain.lease,
        "gate": end.body.get("gate") if end is not None else None,
        "lessons": learned,
    }


def story(desk: Desk, id: str) -> Chain:  # noqa: A002  it is the run's
    """Its chain, verified as it stands in the ledger. Raises Unknown."""
    chain = Chain.read(id, desk.store)
    if chain.entries and chain.entries[0].kind in RECORDS:
        raise Unknown(f"there is no run {id}: it is a {chain.entries[0].kind}")
    return chain


def _is(row: Row, wanted: Mapping[str, str | None]) -> bool:
    return all(value is None or getattr(row, name) == value for name, value in wanted.items())


def _by(row: Row, person: str | None) -> bool:
    return person is None or started_by(person, row.symptom, row.actor)


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
