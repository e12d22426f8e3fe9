"""Halt, and lift: everything, a runbook, or an account."""

from nightcrew.api.desk import Desk
from nightcrew.api.halts import halt, lift
from nightcrew.api.people import Right
from nightcrew.console.answers import Answer, GoTo, Page
from nightcrew.console.asked import Asked
from nightcrew.console.at import At
from nightcrew.errors import BadInput, Unknown

WHY = "say why, for those who are stopped by it"


def form(desk: Desk, asked: Asked) -> Answer:
    """What is to be halted, and why."""
    given = {name: asked.wanted(name) or "" for name in ("runbook", "account")}
    return _form(desk, {**given, "reason": ""})


def halted(desk: Desk, asked: Asked) -> Answer:
    """Halt it; a value that is not allowed is said at its field."""
    given = {name: asked.given(name) for name in ("runbook", "account")}
    try:
        halt(desk, reason=asked.must("reason", WHY), **given)
    except (BadInput, Unknown) as error:
        typed = {name: asked.given(name) or "" for name in ("runbook", "account", "reason")}
        wrong = {error.field: error.allowed} if isinstance(error, BadInput) else {"runbook": str(error)}
        return _form(desk, typed, wrong, status=422)
    return GoTo("/console", said="halted")


def lifted(desk: Desk, asked: Asked) -> Answer:
    """Set it free again."""
    lift(desk, runbook=asked.given("runbook"), account=asked.given("account"))
    return GoTo("/console", said="lifted")


def _form(desk: Desk, given: dict[str, str], wrong: dict[str, str] | None = None, status: int = 200) -> Page:
    values = {"runbooks": sorted(desk.catalog), "given": given, "wrong": wrong or {}}
    return Page("halt", "Halt", values, status)


PAGES = (
    At("GET", "/console/halt", form, Right.OPERATE),
    At("POST", "/console/halt", halted, Right.OPERATE),
    At("POST", "/console/halt/lift", lifted, Right.OPERATE),
)
