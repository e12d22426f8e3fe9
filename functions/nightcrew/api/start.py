"""A person starts a runbook by hand: decided by the same gates as ever, carried out by the executor."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nightcrew.api.desk import Desk, Home
from nightcrew.api.idempotency import Key, kept
from nightcrew.api.people import Right
from nightcrew.authoring.runbook import Runbook
from nightcrew.dispatch.dispatcher import Dispatcher
from nightcrew.errors import Conflict, Refused
from nightcrew.ledger.entries import ENDINGS
from nightcrew.ledger.history import opening, tail

STARTED = "the stack's executor carries it out"


def start(
    desk: Desk, name: str, given: Mapping[str, Any], *, key: str, reason: str = "", where: Home | None = None
) -> dict[str, Any]:
    """Start it, once for each ``key`` of who asks. Raises Unknown, BadParameter, BadInput (the key stands for something
    else), Refused by a gate, Conflict, Unreachable.

    A refusal starts nothing, so the same key may ask again, and is decided anew.
    """
    actor, place = desk.actor(Right.OPERATE), where or desk.who
    runbook = desk.catalog[name]
    checked = runbook.form.validate(given)
    called = runbook.called(given)
    resource = called.arn(checked, account=place.account, region=place.region)
    asked = {"runbook": name, "parameters": runbook.form.dump(checked), "reason": reason, "resource": resource}
    door = desk.door
    now = desk.clock.now()
    run = kept(desk.store, now, Key("start", actor, key, asked), door.new_id(now))
    if opening(desk.store, run) is None:
        _decide(replace(door, new_id=lambda _: run), runbook, given, actor=actor, place=place, reason=reason)
    else:
        _again(door, run)
    return {"run": run, "outcome": "running", "words": STARTED, "runbook": name, "resource": resource}


def _decide(
    door: Dispatcher, runbook: Runbook, given: Mapping[str, Any], *, actor: str, place: Home, reason: str
) -> None:
    where = {"account": place.account, "region": place.region}
    try:
        answer = door.person(runbook.name, given, actor=actor, reason=reason, **where)
    except Conflict:
        run = door.new_id(door.installation.clock.now())
        if opening(door.installation.store, run) is None:
            raise
        _again(door, run)  # the same request, sent twice at the same moment: the other one opened it
        return
    if answer.kind != "admitted":
        raise Refused(str(answer.gate), answer.words, figures=answer.figures, until=answer.until, run=answer.run)


def _again(door: Dispatcher, run: str) -> None:
    """Whoever opened it may have died before it was started; an execution of that name starts once."""
    last = tail(door.installation.store, run)
    if last is not None and last.kind not in ENDINGS:
        door.start(run)
