"""Run a runbook: a form from its schema, then the plan, then the start. Nothing starts that was not planned before."""

import secrets
from typing import Any
from urllib.parse import urlencode

from nightcrew.api import runbooks, start
from nightcrew.api.desk import Desk
from nightcrew.api.idempotency import HEADER
from nightcrew.api.people import Right
from nightcrew.console.answers import Answer, GoTo, Page
from nightcrew.console.asked import Asked
from nightcrew.console.at import At
from nightcrew.console.before import before_any, before_start, refusal
from nightcrew.console.filled import Filled
from nightcrew.console.form import field_name, fields
from nightcrew.console.plan_lines import plan_lines
from nightcrew.console.words import path
from nightcrew.errors import BadInput, BadParameter, Refused

ANEW = "What was started from that page was another request: this one was not. Plan it anew."


def form(desk: Desk, asked: Asked) -> Answer:
    """What it takes, filled in from the address. It does nothing."""
    runbook = desk.catalog[asked.place["name"]]
    return _form(desk, Filled.of(runbook, asked.query), {})


def plan(desk: Desk, asked: Asked) -> Answer:
    """What it would do now, with the key that one start from this page has, however often it is sent."""
    filled = Filled.of(desk.catalog[asked.place["name"]], asked.form)
    if filled.wrong:
        return _form(desk, filled, filled.wrong, status=422)
    where = filled.where(desk.who)
    try:
        made = runbooks.plan(desk, filled.runbook.name, filled.values, where)
    except BadInput as bad:
        return _form(desk, filled, _at_its_field(bad), status=422)
    called = filled.runbook.called(filled.values)
    values = {
        "planned": made,
        "lines": plan_lines(made["lines"]),
        "changes": sum(line["verb"] == "change" for line in made["lines"]),
        "before": before_start(desk, called, made["resource"]),
        **_once_more(filled),
        "key": secrets.token_urlsafe(18),
    }
    return Page("plan", f"Plan of {filled.runbook.name}", values)


def started(desk: Desk, asked: Asked) -> Answer:
    """Start it, once for the page's key; then to its page. A gate that refuses says why, and until when."""
    filled = Filled.of(desk.catalog[asked.place["name"]], asked.form)
    key = asked.must("key", "the key that stands in the form")
    if filled.wrong:
        return _form(desk, filled, filled.wrong, status=422)
    where, name = filled.where(desk.who), filled.runbook.name
    try:
        run = start.start(desk, name, filled.values, key=key, reason=filled.reason, where=where)
    except Refused as refused:
        values = {"refused": refusal(refused), **_once_more(filled), "key": key}
        return Page("refused", f"{name} was refused", values, 409)
    except BadInput as bad:
        if bad.field != HEADER:
            return _form(desk, filled, _at_its_field(bad), status=422)
        return _form(desk, filled, {"start": ANEW}, status=409)
    return GoTo(path("runs", run["run"]), said="started")


def back(desk: Desk, asked: Asked) -> Answer:
    """A page that was sent has an address, too: whoever opens it anew begins at the form."""
    del desk
    return GoTo(path("runbooks", asked.place["name"], "run"))


def _form(desk: Desk, filled: Filled, wrong: dict[str, str], status: int = 200) -> Page:
    runbook = filled.runbook
    shown = fields(runbook, filled.told if wrong else filled.texts)
    own = {"account", "region", "reason", *(each.name for each in shown)}
    values = {
        "here": "catalog",
        "runbook": runbook,
        "fields": shown,
        "wrong": wrong,
        "others": {name: words for name, words in wrong.items() if name not in own},
        "unknown": filled.unknown if not wrong else (),
        "about": {"account": "", "region": "", "reason": "", **filled.about},
        "home": desk.who,
        "before": before_any(desk, runbook, filled.where(desk.who) if not wrong else desk.who),
    }
    return Page("start", f"Run {runbook.name}", values, status)


def _once_more(filled: Filled) -> dict[str, Any]:
    """The same to be sent again."""
    at = path("runbooks", filled.runbook.name, "run")
    return {
        "here": "catalog",
        "runbook": filled.runbook,
        "again": filled.again,
        "reason": filled.reason,
        "change": f"{at}?{urlencode(filled.again)}" if filled.again else at,
    }


def _at_its_field(bad: BadInput) -> dict[str, str]:
    name = bad.field.partition(".")[0]
    return {field_name(name) if isinstance(bad, BadParameter) else name: bad.allowed}


PAGES = (
    At("GET", "/console/runbooks/{name}/run", form, Right.OPERATE),
    At("GET", "/console/runbooks/{name}/plan", back, Right.OPERATE),
    At("GET", "/console/runbooks/{name}/start", back, Right.OPERATE),
    At("POST", "/console/runbooks/{name}/plan", plan, Right.OPERATE),
    At("POST", "/console/runbooks/{name}/start", started, Right.OPERATE),
)
