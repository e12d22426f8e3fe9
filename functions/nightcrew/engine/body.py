"""The one body that both engines run: take hold, call the runbook, verify, close. Whatever ends it, the run closes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nightcrew.admission.abandon import abandon
from nightcrew.admission.closing import close
from nightcrew.admission.guard import RunGuard
from nightcrew.admission.hold import hold
from nightcrew.admission.opened import request_of
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level, Setting
from nightcrew.authoring.endings import Ending
from nightcrew.authoring.live import LiveRun
from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.steps import BeyondUse, StepFailed, Steps
from nightcrew.authoring.watching import Watching
from nightcrew.authoring.work import Work
from nightcrew.aws.arns import Surroundings, beside
from nightcrew.aws.calls import Call
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.clock import Clock, stamp
from nightcrew.engine.cure import PERMISSIONS, cured
from nightcrew.engine.installation import Installation
from nightcrew.errors import Conflict, Refused, Unknown, Unreachable
from nightcrew.ledger import chance
from nightcrew.ledger.book import Book, FencedOff
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import opening, tail

PATIENCE = 8
"""How often hold and closing are tried, with waits that add up to two minutes."""

T = TypeVar("T")


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
        closing = abandon(run_id, installation.store, installation.clock, f"the durable engine gave up: {engine}"[:300])
    except FencedOff:
        closed = tail(installation.store, run_id)
        if closed is None or closed.kind != "closing":
            raise
        closing = closed
    ended = {"run": run_id, "outcome": str(closing.body["outcome"]), "words": str(closing.body["words"])}
    installation.tell("closed", {**ended, **{name: closing.body[name] for name in ("runbook", "resource", "started")}})
    return ended


def _carry_out(run_id: str, steps: Steps, installation: Installation) -> Entry:
    entry = _open(run_id, steps, installation)
    request = request_of(entry)
    if request.runbook not in installation.catalog:
        return abandon(run_id, installation.store, installation.clock, f"this version has no runbook {request.runbook}")
    runbook = installation.catalog[request.runbook]
    cloud = installation.clouds(runbook.name, runbook.permissions, request.resource)
    run = LiveRun(_work(entry, request, runbook, steps, cloud, installation))
    groups: list[str] = []
    refused = _hold(run, request, runbook, installation, groups)
    verdict = (
        Verdict("refused", refused["words"], {"gate": refused["gate"], "figures": refused["figures"]})
        if refused
        else None
    )
    verdict = verdict or _run(run, request, runbook, installation)
    more = {"facts": list(run.facts), "changes": run.changes, **verdict.more}

    def closing() -> Entry:
        return close(request, groups, verdict.outcome, verdict.words, more, run.work.book).entry

    return _patiently(closing, installation.clock)


def _patiently(write: Callable[[], T], clock: Clock) -> T:
    """What is written, however often it meets a conflict or gets no reply: two minutes long, since without it nothing
    else can be done. It may be written twice; its own condition keeps it from counting twice.
    """
    for tries in range(1, PATIENCE):
        try:
            return write()
        except (Conflict, Unreachable):
            clock.sleep(min(2.0**tries, 30.0))
    return write()


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


def _run(run: LiveRun, request: Request, runbook: Runbook, installation: Installation) -> Verdict:
    """Call the runbook and judge: no run ends well without a proof after its last change."""
    try:
        words = str(runbook.function(run, **runbook.form.validate(request.parameters)) or "")
        run.raise_if_ended()
        return _judge(run, request, installation, words)
    except Ending as end:
        undoes = end.undoes or (end.outcome == "ineffective" and runbook.undo_if_ineffective)
        return _ended(run, end.outcome, end.words, end.error, undoes=undoes)
    except Exception as slip:  # noqa: BLE001  an author's slip is a failed run, and what it changed is taken back
        return _ended(run, "failed", f"the runbook itself failed: {type(slip).__name__}: {slip}", None, undoes=True)


def _judge(run: LiveRun, request: Request, installation: Installation, words: str) -> Verdict:
    if not run.proofs:
        if not run.changes:
            return Verdict("not_applicable", words or "there was nothing to do")
        return Verdict("ineffective", f"nothing was proved after the last change ({words})")
    if request.alarm is None:
        return Verdict("succeeded", words)
    cloud = installation.clouds("nightcrew", PERMISSIONS, request.resource)
    outcome, why = cured(run, request.alarm, request.settings.ok_held.value, cloud)
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


def _hold(
    run: LiveRun, request: Request, runbook: Runbook, installation: Installation, groups: list[str]
) -> dict[str, Any] | None:
    """The first step: look up groups and tags, take the groups' locks. The refusal, where there is one."""

    def body() -> dict[str, Any]:
        try:
            around = _surroundings(request, runbook, run.work.cloud)
        except CallFailed as failed:
            words = f"its surroundings could not be looked up: {failed.code}: {failed.message}"
            return {"refused": {"gate": "hold", "words": words, "figures": failed.to_dict()}}
        held = [beside(request.resource, *group.split(":", 1)) for group in around.groups]
        allowed, clock = _allowed(request, runbook, around, installation), run.work.clock
        try:
            _patiently(lambda: hold(request, held, allowed, installation.store, clock.now()), clock)
        except Refused as refusal:
            return {"refused": {"gate": refusal.gate, "words": refusal.words, "figures": refusal.figures}}
        # Two journals that carry out one run may see the same at the same time: this tells their entries apart.
        return {"held": held, "at": stamp(clock.now()), "journal": chance.token()}

    try:
        seen = run.work.steps.repeat("hold", body)
    except StepFailed as failed:
        return {"gate": "hold", "words": str(failed), "figures": {}}
    if "refused" in seen:
        refused: dict[str, Any] = seen["refused"]
        return refused
    groups += seen["held"]
    run.facts.append(seen)
    return None


def _allowed(request: Request, runbook: Runbook, around: Surroundings, installation: Installation) -> Setting[Level]:
    """What admission allowed, or less where a rule about the resource's tags says so: those are known only now."""
    _, _, _, region, account, _ = request.resource.split(":", 5)

    def by(tags: Mapping[str, str] | None) -> Setting[Level]:
        about = (runbook.name, runbook.family, runbook.risk)
        return installation.policy.settings_for(
            *about, alarm_tags={}, resource_tags=tags, region=region, account=account
        ).autonomy

    tagged = by(around.tags)
    lowered = tagged.value < by(None).value and tagged.value < request.settings.autonomy.value
    return tagged if lowered else request.settings.autonomy


def _surroundings(request: Request, runbook: Runbook, cloud: Cloud) -> Surroundings:
    lookup = runbook.form.resources[runbook.resource].lookup
    if lookup is None:
        return Surroundings()
    call = lookup.call(request.resource if lookup.by_arn else str(request.parameters[runbook.resource]))
    found = Surroundings()
    try:
        while True:
            answer = cloud.read(call).value
            page = lookup.read(answer)
            found = Surroundings((*found.groups, *page.groups), {**found.tags, **page.tags})
            if lookup.more is None or not answer.get(lookup.more):
                return found
            call = Call(call.service, call.operation, {**call.parameters, lookup.more: answer[lookup.more]})
    except CallFailed as failed:
        if failed.kind == "missing":
            return Surroundings()
        raise


def _work(
    entry: Entry, request: Request, runbook: Runbook, steps: Steps, cloud: Cloud, installation: Installation
) -> Work:
    def watch(kind: str, what: dict[str, Any]) -> None:
        installation.tell(kind, {"run": request.run, "runbook": request.runbook, "resource": request.resource, **what})

    store, clock = installation.store, installation.clock
    return Work(
        run=request.run,
        started=request.at,
        deadline=runbook.deadline,
        steps=steps,
        cloud=cloud,
        book=Book(store, clock, request.run, entry.number, entry.hash),
        guard=RunGuard(request.run, request.lock, store, clock),
        clock=clock,
        secrets=runbook.secret,
        watching=Watching(watch),
    )
