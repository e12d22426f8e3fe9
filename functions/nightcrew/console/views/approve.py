"""Approve: the question of a run as it stands now, and a person's yes or no to the plan that the page showed."""

from typing import Any

from nightcrew.admission.approvals import Approval, find, still_waits
from nightcrew.admission.persons import same_person
from nightcrew.api.approvals import approvals, over
from nightcrew.api.deciding import approve, decline
from nightcrew.api.desk import Desk
from nightcrew.api.people import Right
from nightcrew.clock import stamp
from nightcrew.console.answers import Answer, GoTo, Page
from nightcrew.console.asked import Asked
from nightcrew.console.at import At
from nightcrew.console.plan_lines import plan_lines
from nightcrew.console.words import path
from nightcrew.engine.approving import SHOWN
from nightcrew.errors import BadInput, Conflict, Refused, Unknown
from nightcrew.ledger.history import opening

HASH = 64
"""Characters of a plan's hash: the page that was shown has the whole one, and its beginning could be another's, too."""

LONGEST = 1000
ANOTHER_PLAN = "The plan is another one now than the one that you saw. Nothing was decided: look at it again."


def listed(desk: Desk, asked: Asked) -> Answer:
    """All that waits for a person."""
    del asked
    return Page("approvals", "Waits for a person", {"waiting": approvals(desk)})


def question(desk: Desk, asked: Asked) -> Answer:
    """One question: what is to be decided, or how it was. Raises Unknown."""
    return _page(desk, asked.place["run"])


def approved(desk: Desk, asked: Asked) -> Answer:
    """A yes to the plan that was shown. Twice is once."""
    run = asked.place["run"]
    try:
        reason = _reason(asked)
        plan = _plan(asked)
        if _agreed_before(desk, run, plan):
            return GoTo(path("runs", run), said="approved-half")
        done = approve(desk, run, plan=plan, reason=reason)
    except (BadInput, Refused, Conflict) as no:
        return _not_done(desk, asked, no)
    return GoTo(path("runs", run), said="approved-half" if done["outcome"] == "waiting" else "approved")


def declined(desk: Desk, asked: Asked) -> Answer:
    """A no, which has a reason."""
    run = asked.place["run"]
    try:
        asked.must("reason", "say why not: who asked for it reads this")
        decline(desk, run, reason=_reason(asked), plan=_plan(asked))
    except (BadInput, Refused, Conflict) as no:
        return _not_done(desk, asked, no)
    return GoTo(path("runs", run), said="declined")


def back(desk: Desk, asked: Asked) -> Answer:
    """A page that was sent has an address, too: whoever opens it anew sees the question."""
    del desk
    return GoTo(path("approvals", asked.place["run"]))


def _plan(asked: Asked) -> str:
    plan = asked.must("plan", "the hash of the plan that was shown")
    if len(plan) != HASH:
        raise BadInput("plan", plan, "the hash of the plan that was shown")
    return plan


def _reason(asked: Asked) -> str:
    reason = asked.given("reason") or ""
    if len(reason) > LONGEST:
        raise BadInput("reason", reason, f"it must have {LONGEST} characters at most")
    return reason


def _agreed_before(desk: Desk, run: str, plan: str) -> bool:
    """Whether this person said yes to this very question already, which waits for another person: sent twice."""
    asked = find(desk.store, run)
    here = asked is not None and asked.decided is None and asked.hash == plan
    return here and asked is not None and desk.actor(Right.APPROVE) in asked.approvers


def _not_done(desk: Desk, asked: Asked, no: Exception) -> Page:
    """The question as it stands now, and why nothing was decided. Another plan is no slip of who typed."""
    run, typed = asked.place["run"], (asked.given("reason") or "")[:LONGEST]
    if isinstance(no, BadInput):
        if no.field == "plan":
            return _page(desk, run, note=ANOTHER_PLAN, typed=typed, status=409)
        return _page(desk, run, wrong={no.field: no.allowed}, typed=typed, status=422)
    words = no.words if isinstance(no, Refused) else str(no)
    return _page(desk, run, note=f"Nothing was decided by this: {words}.", typed=typed, status=409)


def _page(
    desk: Desk, run: str, *, note: str = "", wrong: dict[str, str] | None = None, typed: str = "", status: int = 200
) -> Page:
    asked = find(desk.store, run)
    if asked is None:
        raise Unknown(f"run {run} asks for no approval")
    began = opening(desk.store, run)
    body: dict[str, Any] = dict(began.body) if began is not None else {}
    told = asked.question
    mine = desk.person.actor
    values = {
        "asked": asked,
        "stands": _stands(desk, asked),
        "lines": plan_lines(told.get("lines", [])),
        "most": SHOWN,
        "seen": told.get("seen", []),
        "known": told.get("known", {}),
        "risk": desk.catalog.risk_of(asked.runbook, body.get("parameters", {})),
        "why": str(body.get("reason") or body.get("why") or ""),
        "own": same_person(mine, asked.requester),
        "agreed": any(same_person(mine, each) for each in asked.approvers),
        "note": note,
        "wrong": wrong or {},
        "typed": typed,
    }
    return Page("approve", f"Approve {asked.runbook}?", values, status)


def _stands(desk: Desk, asked: Approval) -> dict[str, Any]:
    """Whether it ``waits``; if not, in words why, in the order in which a decision is refused."""
    if asked.decided is not None:
        return {"waits": False, "decided": asked.decided, "words": ""}
    words = ""
    if over(desk.store, asked.run):
        words = "The run is over: there is nothing to decide any more."
    elif desk.clock.now() > asked.deadline:
        words = f"Its time was over at {stamp(asked.deadline)}: the run counts as declined, and nothing is changed."
    elif not still_waits(desk.store, asked):
        words = "The run was asked to stop: there is nothing to decide any more."
    return {"waits": not words, "decided": None, "words": words}


PAGES = (
    At("GET", "/console/approvals", listed),
    At("GET", "/console/approvals/{run}", question),
    At("GET", "/console/approvals/{run}/approve", back),
    At("GET", "/console/approvals/{run}/decline", back),
    At("POST", "/console/approvals/{run}/approve", approved, Right.APPROVE),
    At("POST", "/console/approvals/{run}/decline", declined, Right.APPROVE),
)
