"""The one body that both engines run: take hold, call the runbook, verify, close. Whatever ends it, the run closes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nightcrew.admission.abandon import abandon
from nightcrew.admission.approvals import ApprovalDesk
from nightcrew.admission.closing import close
from nightcrew.admission.follow_ups import Due, keep
from nightcrew.admission.guard import RunGuard
from nightcrew.admission.opened import request_of
from nightcrew.admission.request import Request
from nightcrew.authoring.endings import Cancelled, Ending
from nightcrew.authoring.follow_up import FollowUp
from nightcrew.authoring.live import LiveRun
from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.steps import BeyondUse, StepFailed, Steps
from nightcrew.authoring.watching import Watching
from nightcrew.authoring.work import Work
from nightcrew.aws.cloud import Cloud
from nightcrew.clock import moment
from nightcrew.engine.application import prove_application
from nightcrew.engine.approving import approve_first, people_wanted
from nightcrew.engine.cure import PERMISSIONS, cured
from nightcrew.engine.holding import Held, take_hold
from nightcrew.engine.installation import Installation
from nightcrew.engine.news import kind_of_end, of_end
from nightcrew.engine.patience import patiently
from nightcrew.engine.trying_again import follow_refusal
from nightcrew.errors import Refused, Unknown, Unreachable
from nightcrew.ledger.book import Book, FencedOff
from nightcrew.ledger.cases import HELPED
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import opening, tail
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed

KEEPS_ITS_CHANGES = (*HELPED, "ineffective", "worse")
"""Outcomes after which nothing is undone: a cancel that came before the closing must not find them."""


@dataclass
class Verdict:
    """How a run ended: for its closing entry."""

    outcome: str
    words: str
    more: dict[str, Any] = field(default_factory=dict)


def carry_out(run_id: str, steps: Steps, installation: Installation) -> dict[str, Any]:
    """Carry out an admitted run, from wherever a former invocation left it. Returns ``{"run", "outcome", "words"}``."""
    try:
        closing = _carry_out(run_id, steps, installation)
    except BeyondUse as engine:
        # No step can be taken any more: the run is closed from the ledger's tail.
        why = f"the durable engine gave up: {engine}"[:300]
        closing = abandon(run_id, installation.store, installation.clock, why, told=True)
    except FencedOff:
        closed = tail(installation.store, run_id)
        if closed is None or closed.kind != "closing":
            raise
        closing = closed
    ended = {"run": run_id, "outcome": str(closing.body["outcome"]), "words": str(closing.body["words"])}
    told = {**ended, **{name: closing.body[name] for name in ("runbook", "resource", "started")}}
    installation.tell("closed", told)
    installation.tell_people(kind_of_end(closing.body), of_end(run_id, closing.body))
    return ended


def _carry_out(run_id: str, steps: Steps, installation: Installation) -> Entry:
    entry = _open(run_id, steps, installation)
    request = request_of(entry)
    try:
        runbook = installation.catalog[request.runbook].called(request.parameters)
    except Unknown as unknown:
        return abandon(run_id, installation.store, installation.clock, f"in this version {unknown}", told=True)
    cloud = installation.clouds(runbook.name, runbook.permissions, request.resource, runbook.family)
    cloud = cloud.held_to(runbook.own(request.resource))
    run = LiveRun(_work(entry, request, runbook, steps, cloud, installation))
    held = take_hold(run, request, runbook, installation)
    if held.refused is not None:
        told = {name: held.refused[name] for name in ("gate", "figures", "until") if name in held.refused}
        verdict = Verdict("refused", held.refused["words"], told)
    else:
        verdict = _run(run, request, runbook, installation, held)

    def closing(end: Verdict) -> Entry:
        more = {"facts": list(run.facts), "changes": run.changes, **end.more}
        stays = end.outcome in KEEPS_ITS_CHANGES
        return patiently(
            lambda: (
                close(
                    *(request, held.groups, end.outcome, end.words, more, run.work.book),
                    unless_cancelled=stays,
                    aside=_aside(run, runbook),
                ).entry
            ),
            installation.clock,
        )

    try:
        closed = closing(verdict)
    except ConditionFailed as failed:
        # Cancelled since it last asked. The flag stays until the run is closed: after a crash it comes here again.
        cancelled = failed.of("cancel")
        words = str((cancelled.old or {})["cancel"]) if cancelled is not None else str(failed)
        closed = closing(_ended(run, Cancelled.outcome, words, None, undoes=True))
    if held.refused is not None:
        follow_refusal(installation, request, _refusal(held.refused))
    return closed


def _aside(run: LiveRun, runbook: Runbook) -> dict[str, str]:
    """What the closing is counted by, and does not hold: see ``engine/counting``."""
    return {"family": runbook.family, **({"first_change": run.first_change} if run.first_change else {})}


def _refusal(told: Mapping[str, Any]) -> Refused:
    until = moment(told["until"]) if "until" in told else None
    return Refused(told["gate"], told["words"], figures=told["figures"], until=until)


def _open(run_id: str, steps: Steps, installation: Installation) -> Entry:
    """The opening entry: read once, kept in a checkpoint, since each invocation needs it."""

    def body() -> dict[str, Any] | None:
        entry = opening(installation.store, run_id)
        return entry.to_item() if entry is not None else None

    try:
        item = steps.repeat("open", body)
    except StepFailed as failed:
        raise Unreachable(f"the opening entry of run {run_id} cannot be read: {failed}") from failed
    if item is None:
        raise Unknown(f"there is no run {run_id}: nothing was admitted under that id")
    return Entry.from_item(item)


def _run(run: LiveRun, request: Request, runbook: Runbook, installation: Installation, held: Held) -> Verdict:
    """Ask where people must agree, call the runbook, and judge: no run ends well without a proof after its last
    change.
    """
    wanted = people_wanted(runbook, held.level)
    try:
        if wanted:
            approve_first(run, request, runbook, wanted, lambda: _known(request, installation, held))
        words = str(runbook.function(run, **runbook.form.validate(request.parameters)) or "")
        run.raise_if_ended()
        verdict = _judge(run, request, installation, held, words)
        if verdict.outcome not in ("ineffective", "worse"):
            return verdict
        return _ended(run, verdict.outcome, verdict.words, None, undoes=runbook.undo_if_ineffective)
    except Ending as end:
        undoes = end.undoes or (end.outcome == "ineffective" and runbook.undo_if_ineffective)
        return _ended(run, end.outcome, end.words, end.error, undoes=undoes)
    except Exception as slip:  # noqa: BLE001  an author's slip is a failed run, and what it changed is taken back
        return _ended(run, "failed", f"the runbook itself failed: {type(slip).__name__}: {slip}", None, undoes=True)


def _known(request: Request, installation: Installation, held: Held) -> dict[str, Any]:
    group = held.groups[0] if held.groups else None
    return installation.known(resource=request.resource, group=group, symptom=request.symptom, runbook=request.runbook)


def _judge(run: LiveRun, request: Request, installation: Installation, held: Held, words: str) -> Verdict:
    if not run.proofs:
        if not run.changes:
            return Verdict("not_applicable", words or "there was nothing to do")
        return Verdict("ineffective", f"nothing was proved after the last change ({words})")
    if held.health_url:
        prove_application(run, held.health_url, request.settings.ok_within.value, installation.web)
    if request.alarm is None or request.alarm.event:
        # Of an event nobody says that it is over: the runbook's own proofs are all there is.
        return Verdict("succeeded", words)
    # The alarm may be elsewhere than what it is about: an account that watches others has it.
    cloud = installation.clouds("nightcrew", PERMISSIONS, request.alarm.arn, "")
    outcome, why = cured(run, request, request.alarm, installation, cloud)
    return Verdict(outcome, f"{words}; {why}")


def _ended(run: LiveRun, outcome: str, words: str, error: Mapping[str, Any] | None, *, undoes: bool) -> Verdict:
    more: dict[str, Any] = {}
    if undoes:
        report = run.unwind()
        more = {key: value for key, value in report.items() if value}
    elif run.undos.left:
        more = {"not_undone": [{"title": title, "words": "left as it is"} for title in run.undos.left]}
    if error:
        more["error"] = dict(error)
    return Verdict(outcome, words, more)


def _work(
    entry: Entry, request: Request, runbook: Runbook, steps: Steps, cloud: Cloud, installation: Installation
) -> Work:
    def watch(kind: str, what: dict[str, Any]) -> None:
        installation.tell(kind, {"run": request.run, "runbook": request.runbook, "resource": request.resource, **what})

    store, clock = installation.store, installation.clock
    return Work(
        run=request.run,
        resource=request.resource,
        started=request.at,
        deadline=request.deadline,
        steps=steps,
        cloud=cloud,
        book=Book(store, clock, request.run, entry.number, entry.hash),
        approval=request.settings.approval.value,
        guard=RunGuard(request.run, request.runbook, request.resource, store, clock),
        desk=ApprovalDesk(request, store, clock, installation.tell_people),
        answer=installation.answer,
        follow_up=_keeper(request, store),
        clock=clock,
        secrets=runbook.secret,
        watching=Watching(watch),
    )


def _keeper(request: Request, store: Store) -> Callable[[str, FollowUp], None]:
    def follow_up(name: str, what: FollowUp) -> None:
        kept = {
            "title": what.title,
            "parameters": dict(what.parameters),
            "resource": request.resource,
            "run": request.run,
            "by": request.by,
        }
        keep(store, Due(name, "later", what.due, what.runbook, request.actor, kept))

    return follow_up
