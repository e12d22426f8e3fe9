"""Signal or person → request → admission → engine. Every start goes this way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from nightcrew.admission.admit import admit, refusal_run, settled
from nightcrew.admission.alarms import note_another, ok
from nightcrew.admission.error_budgets import Budgets, limited
from nightcrew.admission.freezes import Calendar, frozen
from nightcrew.admission.known import known
from nightcrew.admission.observed import note_end
from nightcrew.admission.proof import proven
from nightcrew.admission.request import AlarmSeen, Request
from nightcrew.admission.settings import Level, Settings
from nightcrew.authoring.runbook import Runbook
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.decided import Decided
from nightcrew.dispatch.ids import new_run_id
from nightcrew.dispatch.matching import Children, Match, match
from nightcrew.dispatch.suggesting import better, suggested
from nightcrew.engine.installation import Installation
from nightcrew.engine.trying_again import follow_refusal
from nightcrew.errors import BadParameter, Refused
from nightcrew.ledger.rows import BY_HAND
from nightcrew.signals import Signal, signal_from

Starter = Callable[[str], None]
"""Starts the execution of an admitted run, by its id, which is the execution's name: asking twice starts it once."""


@dataclass(frozen=True)
class Dispatcher:
    """Decides and starts. ``children`` looks up the alarms under a composite, where that can be done. ``home`` is
    Nightcrew's own account: its alarms may watch others; those of another account may be about that account only.
    """

    installation: Installation
    start: Starter
    children: Children | None = None
    calendar: Calendar | None = None
    budgets: Budgets | None = None
    new_id: Callable[[datetime], str] = new_run_id
    decided: Decided = field(default_factory=Decided)
    home: str | None = None

    def event(self, event: Mapping[str, Any]) -> Answer:
        """An EventBridge event. Raises BadEvent; Conflict and Unreachable where it should be tried again."""
        return self.signal(signal_from(event))

    def match(self, signal: Signal) -> Match:
        """Which runbook answers, and why."""
        catalog = self.installation.catalog
        return match(signal, catalog.index, self.installation.policy, catalog, children=self.children)

    def signal(self, signal: Signal) -> Answer:
        """Answer one signal: once, whoever delivers it and however often."""
        self.installation.tell("signal", _told(signal))
        matched = self.match(signal)
        if matched.reason == "ok":
            return self._told("left", self._ok(signal, matched))
        if matched.kind == "several":
            return self._told("suggested", Answer("suggested", matched.why, reason=matched.reason))
        if matched.runbook is None:
            answer = suggested(self.installation, signal, matched, self.decided)
            if answer is not None:
                return self._told("suggested", answer)
            return self._told("left", Answer("left", matched.why, reason=matched.reason))
        words = matched.abroad(signal.account, self.home) if self.home is not None else None
        if words is not None:
            return self._told("left", Answer("left", words, runbook=matched.runbook, reason="foreign-account"))
        runbook = self.installation.catalog[matched.runbook]
        try:
            request = self._of_signal(signal, matched, runbook)
        except BadParameter as bad:
            words = f"{runbook.name} would answer, but {bad}"
            return self._told("left", Answer("left", words, runbook=runbook.name, reason="bad-parameter"))
        return self.admit(request)

    def _ok(self, signal: Signal, matched: Match) -> Answer:
        """An alarm's OK answers the run that waits for it; or says how long an alarm lasted that was only observed."""
        contributor = signal.contributor.id if signal.contributor else None
        store, clock = self.installation.store, self.installation.clock
        item = ok(store, signal.alarm, contributor, signal.at) or {}
        if "waiting" in item:
            self.installation.answer(str(item["waiting"]), {"ok": True})
        note_end(store, item, signal.at, clock.now())  # last: no run waits for a figure
        if "waiting" not in item:
            return Answer("left", matched.why, reason=matched.reason)
        return Answer("left", "the alarm is OK: the run that waited for it goes on", reason=matched.reason)

    def person(
        self, name: str, parameters: Mapping[str, Any], *, actor: str, account: str, region: str, reason: str = ""
    ) -> Answer:
        """A person starts a runbook by hand. Raises Unknown, BadParameter, Conflict, Unreachable."""
        asked = self.asked_by_person(name, parameters, actor=actor, account=account, region=region, reason=reason)
        return self.admit(asked)

    def asked_by_person(
        self, name: str, parameters: Mapping[str, Any], *, actor: str, account: str, region: str, reason: str
    ) -> Request:
        """A person's request, not decided yet. Raises Unknown, BadParameter."""
        runbook = self.installation.catalog[name].called(parameters)
        settings = self.installation.policy.settings_for(
            runbook.name, runbook.family, runbook.risk, alarm_tags={}, region=region, account=account
        )
        asked = self._request(runbook, parameters, settings, account=account, region=region)
        symptom = f"{BY_HAND}{runbook.name}"
        return replace(asked, symptom=symptom, actor=actor, reason=reason, why="started by hand")

    def _request(
        self, runbook: Runbook, parameters: Mapping[str, Any], settings: Settings, *, account: str, region: str
    ) -> Request:
        checked = runbook.form.validate(parameters)
        now = self.installation.clock.now()
        # A person's time to answer is not the runbook's: it is added where an approval is asked for.
        asks = runbook.risk == "data-loss" or settings.autonomy.value is Level.APPROVE
        patience = settings.approval.value if asks else timedelta(0)
        return Request(
            run=self.new_id(now),
            runbook=runbook.name,
            family=runbook.family,
            risk=runbook.risk,
            parameters=runbook.form.dump(checked),
            resource=runbook.arn(checked, account=account, region=region),
            symptom="",
            by="person",
            actor="",
            at=now,
            deadline=runbook.deadline + patience,
            lease=runbook.lease() + patience,
            settings=settings,
            policy=self.installation.policy.version,
        )

    def _of_signal(self, signal: Signal, matched: Match, runbook: Runbook) -> Request:
        runbook = runbook.called(matched.parameters)
        settings = matched.settings(self.installation.policy, runbook, signal)
        asked = self._request(runbook, matched.parameters, settings, account=matched.account, region=signal.region)
        contributor = signal.contributor.id if signal.contributor else None
        event = signal.event if signal.happening is not None else None
        what, about = ("event", asked.resource) if event else ("alarm", signal.alarm)
        seen = AlarmSeen(about, signal.name, signal.at, signal.claim, signal.reason, contributor, event)
        return replace(
            asked,
            by=what,
            actor=f"{what}: {signal.name}",
            symptom=matched.symptom,
            alarm=seen,
            why=matched.why,
            tags=signal.tags,
        )

    def foreseen(self, signal: Signal, matched: Match) -> Request:
        """What a signal that matched would ask of the gates, with what is looked up for them. Decides nothing.

        Raises BadParameter, Unknown, Unreachable.
        """
        asked = self._of_signal(signal, matched, self.installation.catalog[str(matched.runbook)])
        return self._look_up(known(asked, self.installation.store).request)

    def admit(self, request: Request) -> Answer:
        """Decide and start. A refusal is an answer; Conflict and Unreachable are raised, to be tried again."""
        store, clock = self.installation.store, self.installation.clock
        earlier = self.decided.by(request.alarm.claim) if request.alarm else None
        if earlier is not None:
            what = request.alarm.words if request.alarm else "this"
            words = f"{what} was answered already, by {earlier}"
            return self._refused(request, Refused("claim", words, figures={"run": earlier}, run=earlier))
        try:
            admitted = admit(request, store, clock, self._look_up)
        except Refused as refusal:
            return self._refused(request, refusal)
        # Told again to be sure: who was admitted before and is started only now may have died before the news.
        self.installation.tell("admitted", {"run": admitted.run, **_asked(request)})
        self.installation.tell_people("opened", {"run": admitted.run, **_asked(request)})
        self.start(admitted.run)
        settled(request, store)
        self._keep(request, admitted.run)
        return Answer("admitted", request.why, run=admitted.run, runbook=request.runbook, resource=request.resource)

    def _look_up(self, request: Request) -> Request:
        """Which freezes cover it, and what error budgets and proofs let it do: others are asked only about a signal
        that nobody decided before.
        """
        installation, now = self.installation, self.installation.clock.now()
        freezes = frozen(installation.policy, request, now, self.calendar)
        asked = limited(installation.policy, replace(request, frozen=freezes), now, self.budgets)
        return proven(asked, now)

    def _refused(self, request: Request, refusal: Refused) -> Answer:
        answer = Answer(
            "refused",
            refusal.words,
            run=refusal.run,
            runbook=request.runbook,
            resource=request.resource,
            gate=refusal.gate,
            until=refusal.until,
            figures=refusal.figures,
        )
        if request.alarm is not None and refusal.gate == "lock":
            note_another(self.installation.store, request, str(refusal.figures["run"]), self.installation.clock.now())
        if refusal.gate != "claim":
            follow_refusal(self.installation, request, refusal, lambda: better(self.installation, request))
            settled(request, self.installation.store)
        self._keep(request, str(refusal.run) if refusal.gate == "claim" else refusal_run(refusal, request))
        return self._told("refused", answer)

    def _keep(self, request: Request, run: str) -> None:
        if request.alarm is not None:
            self.decided.keep(request.alarm.claim, run)

    def _told(self, kind: str, answer: Answer) -> Answer:
        self.installation.tell(kind, {**answer.facts(), "words": answer.words})
        return answer


def _told(signal: Signal) -> dict[str, Any]:
    told = {"alarm": signal.name, "state": signal.state, "reason": signal.reason, "form": signal.form}
    if not signal.metrics:
        return told
    metric = signal.metrics[0]
    return {**told, "metric": f"{metric.namespace} {metric.name}", "dimensions": dict(metric.dimensions)}


def _asked(request: Request) -> dict[str, Any]:
    autonomy = request.settings.autonomy
    return {
        "runbook": request.runbook,
        "resource": request.resource,
        "parameters": dict(request.parameters),
        "why": request.why,
        "actor": request.actor,
        "autonomy": [str(autonomy.value), autonomy.because],
        "by": request.by,
        **({"reason": request.reason} if request.reason else {}),
    }
