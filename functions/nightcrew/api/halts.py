"""What is halted; and halting and setting free again."""

import re
from typing import Any

from nightcrew.admission.halting import halt_name, lift_halt, set_halt
from nightcrew.admission.halting import halts as on_now
from nightcrew.api.desk import Desk
from nightcrew.api.idempotency import Key
from nightcrew.api.people import Right
from nightcrew.errors import BadInput
from nightcrew.ledger.transaction import ConditionFailed

MOST_REASON = 1000
"""Characters: it stands on each page, and all halts share one item, in which there must be room for the next one."""


def halts(desk: Desk) -> list[dict[str, Any]]:
    """What is halted now."""
    return [data(name, value) for name, value in sorted(on_now(desk.store).items())]


def halt(
    desk: Desk, *, reason: str, runbook: str | None = None, account: str | None = None, key: str | None = None
) -> list[dict[str, Any]]:
    """Halt everything, or a runbook, or an account; answers what is halted then. With a ``key`` it is done once: what
    somebody lifted meanwhile stays lifted. Raises BadInput, Unknown.
    """
    by = desk.actor(Right.OPERATE)
    name = _name(runbook, account)
    if not reason.strip():
        raise BadInput("reason", reason, "say why, for those who are stopped by it")
    if len(reason) > MOST_REASON:
        raise BadInput("reason", f"{len(reason)} characters", f"it must have {MOST_REASON} characters at most")
    if runbook is not None and name not in on_now(desk.store):
        _ = desk.catalog[runbook]  # a slip in its name would halt nothing
    now, given = desk.clock.now(), Key("once-halt", by, key or "", {"halt": name, "reason": reason})
    try:
        set_halt(desk.store, name, by=by, reason=reason, now=now, beside=[given.piece(now)] if key is not None else ())
    except ConditionFailed as failed:
        given.stood_for(failed)
    return halts(desk)


def lift(desk: Desk, *, runbook: str | None = None, account: str | None = None) -> list[dict[str, Any]]:
    """Set it free again; answers what is still halted. Lifting what is not halted changes nothing. Raises BadInput,
    Unknown.
    """
    desk.person.must(Right.OPERATE)
    name = _name(runbook, account)
    if runbook is not None and name not in on_now(desk.store):
        _ = desk.catalog[runbook]
    lift_halt(desk.store, name)
    return halts(desk)


def _name(runbook: str | None, account: str | None) -> str:
    if account is not None and not re.fullmatch(r"[0-9]{12}", account):
        raise BadInput("account", account, "it must be an account's id, of 12 digits")
    if runbook is not None and account is not None:
        raise BadInput("account", account, "one at a time: everything, a runbook or an account")
    return halt_name(runbook=runbook, account=account)


def data(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """A halt as JSON."""
    kind, _, which = name.partition("|")
    return {"what": kind, "name": which or None, **{key: value.get(key) for key in ("by", "reason", "at")}}
