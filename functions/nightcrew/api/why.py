"""Why something was done to a resource, or for an alarm or an event, or was not; and how the gates stand now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from nightcrew.admission.follow_ups import Due
from nightcrew.admission.follow_ups import listed as due_later
from nightcrew.admission.halting import halts
from nightcrew.admission.policy import Policy
from nightcrew.api.resources import Where, arns_of, the_one
from nightcrew.api.standing import Stands, standing
from nightcrew.authoring.catalog import Catalog
from nightcrew.clock import Clock, moment
from nightcrew.errors import BadInput
from nightcrew.knowledge.recall.unanswered import better_than
from nightcrew.ledger.entries import ENDINGS
from nightcrew.ledger.history import Row, history, opening, running, tail
from nightcrew.ledger.store import Store

PAGES = 10
"""How many pages of the ledger are searched for an alarm: the indexes know runs, resources and symptoms."""


class Ground(Protocol):
    """A ledger, its time, and where a bare name is meant."""

    @property
    def store(self) -> Store: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def who(self) -> Where: ...


@dataclass(frozen=True)
class Decision:
    """One run or refusal, with what decided it."""

    run: str
    at: datetime | None
    outcome: str
    runbook: str
    resource: str
    actor: str
    words: str
    why: str
    gate: str | None
    figures: dict[str, Any]
    until: datetime | None
    policy: str | None
    autonomy: list[str] | None
    break_glass: dict[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Why:
    """What was decided, newest first; by resource how its gates stand ``now``, and which runbook has a ``better``
    record; what is halted, and what ``waits`` to be tried once more.
    """

    resource: str | None
    alarm: str | None
    decisions: tuple[Decision, ...]
    now: Mapping[str, Sequence[Stands]]
    better: Mapping[str, str]
    halts: Mapping[str, dict[str, Any]]
    waits: tuple[Due, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "resource": self.resource,
            "alarm": self.alarm,
            "decisions": [each.to_dict() for each in self.decisions],
            "now": [{"resource": arn, **each.to_dict()} for arn, told in self.now.items() for each in told],
            "suggestions": [{"resource": arn, "words": words} for arn, words in self.better.items()],
            "halts": [{"halt": name, **value} for name, value in sorted(self.halts.items())],
            "second_tries": [{"due": due.due, "runbook": due.runbook, "alarm": due.actor} for due in self.waits],
        }


def why(
    ground: Ground,
    catalog: Catalog,
    policy: Callable[[], Policy],
    what: str,
    limit: int = 10,
    field: str = "RESOURCE|ALARM",
) -> Why:
    """About a resource by its ARN or its name, an alarm by its name or ARN, or an event by its name. Raises BadInput,
    Unreachable.
    """
    now = ground.clock.now()
    resource, alarm = _meant(what, catalog, ground, now, field)
    found = _of_resource(ground, resource, limit, now) if resource else _of_alarm(ground, str(alarm), limit, now)
    decisions = tuple(_decision(ground, row) for row in found)
    about = [resource] if resource else list(dict.fromkeys(each.resource for each in decisions))
    return Why(
        resource,
        alarm,
        decisions,
        {arn: _standing(ground, catalog, policy, arn, found, now) for arn in about},
        {arn: words for arn in about if (words := _better(ground, arn, found, now))},
        halts(ground.store),
        tuple(
            due
            for due in due_later(ground.store, "retry")
            if due.what.get("resource") == resource or due.actor in _by(alarm)
        ),
    )


def _meant(what: str, catalog: Catalog, ground: Ground, now: datetime, field: str) -> tuple[str | None, str | None]:
    """The resource's ARN, or the alarm's name. A name that could be both is what the ledger knows. Raises BadInput."""
    parts = what.split(":", 6)
    if parts[0] == "arn" and len(parts) == 7 and parts[2] == "cloudwatch":
        return None, parts[6]
    if parts[0] == "arn":
        if len(parts) < 6:
            raise BadInput(field, what, "it must be an ARN, a resource's name or an alarm's name")
        return what, None
    try:
        arns = arns_of(what, catalog, ground.who)
    except BadInput:
        return None, what

    def known(arn: str) -> bool:
        ran = history(ground.store, now=now, resource=arn, limit=1).rows
        return bool(ran or ground.store.get("state", {"key": f"res#{arn}"}))

    met = [arn for arn in arns if known(arn)]
    if met:
        return the_one(what, met, known), None
    # No resource of that name was ever worked on: an alarm, if one of that name came; else what it fits best.
    if _of_alarm(ground, what, 1, now) or len(arns) > 1:
        return None, what
    return arns[0], None


def _of_resource(ground: Ground, resource: str, limit: int, now: datetime) -> list[Row]:
    open_now = [row for row in running(ground.store) if row.resource == resource]
    return [*open_now, *history(ground.store, now=now, resource=resource, limit=limit).rows][:limit]


def _of_alarm(ground: Ground, name: str, limit: int, now: datetime) -> list[Row]:
    """By who asked, which the indexes hold cut short: so each that may be it is looked up."""
    found: list[Row] = [row for row in running(ground.store) if _may_be(row, name) and _is(ground, row, name)]
    after: str | None = None
    for _ in range(PAGES):
        page = history(ground.store, now=now, limit=100, after=after)
        found += [row for row in page.rows if _may_be(row, name) and _is(ground, row, name)]
        after = page.after
        if after is None or len(found) >= limit:
            break
    return found[:limit]


def _by(alarm: str | None) -> tuple[str, str]:
    return f"alarm: {alarm}", f"event: {alarm}"


def _may_be(row: Row, alarm: str) -> bool:
    if row.actor.startswith("…"):
        return any(each.endswith(row.actor[1:]) for each in _by(alarm))
    return row.actor in _by(alarm)


def _is(ground: Ground, row: Row, alarm: str) -> bool:
    first = opening(ground.store, row.run)
    return first is not None and first.body.get("actor") in _by(alarm)


def _decision(ground: Ground, row: Row) -> Decision:
    """The row, with what its entries say whole."""
    first, last = opening(ground.store, row.run), tail(ground.store, row.run)
    body = dict(first.body) if first is not None else {}
    end = dict(last.body) if last is not None and last.kind in ENDINGS else {}
    until = end.get("until")
    return Decision(
        run=row.run,
        at=row.started or row.ended,
        outcome=row.outcome,
        runbook=row.runbook,
        resource=row.resource,
        actor=str(body.get("actor", row.actor)),
        words=str(end.get("words", "")),
        why=str(body.get("reason") or body.get("why", "")),
        gate=end.get("gate"),
        figures=dict(end.get("figures") or {}),
        until=moment(str(until)) if until else None,
        policy=body.get("policy"),
        autonomy=list(body["autonomy"]) if "autonomy" in body else None,
        break_glass=dict(body["break_glass"]) if "break_glass" in body else None,
    )


def _standing(
    ground: Ground, catalog: Catalog, policy: Callable[[], Policy], resource: str, found: Sequence[Row], now: datetime
) -> list[Stands]:
    names = dict.fromkeys(row.runbook for row in found if row.resource == resource)
    runbooks = [catalog[name] for name in names if name in catalog]
    return standing(ground.store, policy(), resource, runbooks, now)


def _better(ground: Ground, resource: str, found: Sequence[Row], now: datetime) -> str:
    """Another runbook that has a clearly better record for what the resource had last: one read."""
    last = next((row for row in found if row.resource == resource and row.symptom and row.gate != "match"), None)
    if last is None:
        return ""
    suggested = better_than(ground.store, last.runbook, str(last.symptom), now)
    return suggested.words if suggested is not None else ""
