"""The catalog: what each runbook is, what it takes, what it may do, its record, and what it would do now."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from botocore.exceptions import ClientError

from nightcrew.api.desk import Desk, Home
from nightcrew.api.people import Right
from nightcrew.api.runs import row_data
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.inputs import parameters
from nightcrew.authoring.outline import outline
from nightcrew.authoring.page import answers, changing, shortly
from nightcrew.authoring.plan import plan as planned
from nightcrew.authoring.proved import proved
from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.triggers import Alarm, Trigger
from nightcrew.errors import BadInput
from nightcrew.knowledge.recall.record import TRIED, wilson_lower
from nightcrew.ledger.cases import HELPED
from nightcrew.ledger.history import Row, history

LOOKED_AT = 100


def runbooks(catalog: Catalog) -> list[dict[str, Any]]:
    """All of them, each in a few facts."""
    return [listed(each) for each in catalog.values()]


def runbook(desk: Desk, name: str) -> dict[str, Any]:
    """One: its page, the JSON Schema of its form, and its record. Raises Unknown."""
    found = desk.catalog[name]
    return {**page(found), "form": schema(found), "record": record(desk, name)}


def schema(runbook: Runbook) -> dict[str, Any]:
    """The JSON Schema of its parameters, drafted 2020-12."""
    return runbook.form.model.model_json_schema()


def record(desk: Desk, name: str) -> dict[str, Any]:
    """How its last runs ended, out of the last ``LOOKED_AT`` in the ledger, refusals among them: one query."""
    return record_of(history(desk.store, now=desk.clock.now(), runbook=name, limit=LOOKED_AT).rows)


def record_of(rows: Sequence[Row]) -> dict[str, Any]:
    """How these ended, the newest first."""
    tried = [row for row in rows if row.outcome in TRIED]
    helped = [row for row in tried if row.outcome in HELPED]
    took = [row.duration.total_seconds() for row in helped if row.duration is not None]
    return {
        "tried": len(tried),
        "cured": len(helped),
        "lower": round(wilson_lower(len(helped), len(tried)), 3),
        "median": round(median(took), 3) if took else None,
        "last": row_data(tried[0]) if tried else None,
    }


def plan(desk: Desk, name: str, given: Mapping[str, Any], where: Home | None = None) -> dict[str, Any]:
    """What it would do now: it reads, with what Nightcrew may, and changes nothing. Raises Unknown, BadParameter,
    BadInput where Nightcrew may not read there.
    """
    desk.person.must(Right.OPERATE)
    found, place = desk.catalog[name], where or desk.who
    checked = found.form.validate(given)
    called = found.called(given)
    resource = called.arn(checked, account=place.account, region=place.region)
    cloud = desk.door.installation.clouds(called.name, called.permissions, resource, called.family)
    try:
        made = planned(called, dict(checked), resource, cloud, desk.clock)
    except ClientError as error:  # a call's own failure is the plan's outcome: this is the role that was not to be had
        words = "Nightcrew may not read there: plan it with rights of your own, nightcrew run --plan"
        raise BadInput("account", place.account, words) from error
    return made.to_dict()


def listed(runbook: Runbook) -> dict[str, Any]:
    """A runbook in a few facts."""
    return {
        "name": runbook.name,
        "title": runbook.title,
        "family": runbook.family,
        "families": list(runbook.families),
        "risk": runbook.risk,
        "said_at_call": list(runbook.said_at_call),
        "triggers": [_trigger(each) for each in runbook.triggers],
        "permissions": list(runbook.permissions),
        "changes": changing(runbook),
        "undo": outline(runbook).undone,
        "by_hand_seconds": int(runbook.by_hand.total_seconds()),
        "deadline_seconds": int(runbook.deadline.total_seconds()),
    }


def _trigger(trigger: Trigger) -> dict[str, Any]:
    said = {"words": answers(trigger), "short": shortly(trigger)}
    if not isinstance(trigger, Alarm):
        return {
            **said,
            "source": trigger.source,
            "detail_type": trigger.kind,
            "parameters": {name: str(path) for name, path in trigger.parameters.items()},
            "where": {path: list(texts) for path, texts in trigger.where.items()},
        }
    return {
        **said,
        "namespace": trigger.namespace,
        "metric": trigger.metric,
        "direction": trigger.direction,
        "parameters": dict(trigger.parameters),
        "where": dict(trigger.where),
    }


def page(runbook: Runbook) -> dict[str, Any]:
    """Its page, as facts."""
    steps = outline(runbook)
    return {
        **listed(runbook),
        "page": runbook.page,
        "lease_seconds": int(runbook.lease().total_seconds()),
        "parameters": [each.to_dict() for each in parameters(runbook.form)],
        "actions": list(runbook.actions),
        "requires": steps.requires,
        "changes": [each.to_dict() for each in steps.changes],
        "proofs": steps.proofs,
        "later": [{"title": title, "runbook": name} for title, name in steps.later],
        "parts": list(steps.parts),
        "undo_if_ineffective": runbook.undo_if_ineffective,
        "secret": sorted(runbook.secret),
        "proved_on": proved(runbook).to_dict(),
    }
