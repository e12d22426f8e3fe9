"""Signal or person → request → admission → engine. Every start goes this way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.admission.admit import admit, started
from nightcrew.admission.request import AlarmSeen, Request
from nightcrew.authoring.runbook import Runbook
from nightcrew.clock import stamp
from nightcrew.dispatch.answer import Answer
from nightcrew.dispatch.ids import new_run_id
from nightcrew.dispatch.matching import Children, Match, match
from nightcrew.engine.installation import Installation
from nightcrew.errors import BadParameter, Refused
from nightcrew.signals import Signal, signal_from

Starter = Callable[[str], None]
"""Starts the execution of an admitted run, by its id, which is the execution's name: asking twice starts it once."""


@dataclass(frozen=True)
class Dispatcher:
    """Decides and starts. ``children`` looks up the alarms under a composite, where that can be done."""

    installation: Installation
    start: Starter
    children: Children | None = None
    new_id: Callable[[datetime], str] = new_run_id

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
        if matched.kind == "several":
            return self._told("suggested", Answer("suggested", matched.why, reason=matched.reason))
        if matched.runbook is None:
            return self._told("left", Answer("left", matched.why, reason=matched.reason))
        runbook = self.installation.catalog[matched.runbook]
        try:
            request = self._of_signal(signal, matched, runbook)
        except BadParameter as bad:
            words = f"{runbook.name} would answer, but {bad}"
            return self._told("left", Answer("left", words, runbook=runbook.name, reason="bad-parameter"))
        return self._admit(request)

    def person(
        self, name: str, parameters: Mapping[str, Any], *, actor: str, account: str, region: str, reason: str = ""
    ) -> Answer:
        """A person starts a runbook by hand. Raises Unknown, BadParameter, Refused's answer, Conflict, Unreachable."""
        runbook = self.installation.catalog[name]
        checked = runbook.form.validate(parameters)
        now = self.installation.clock.now()
        resource = runbook.arn(checked, account=account, region=region)
        settings = self.installation.policy.settings_for(
            runbook.name, runbook.family, runbook.risk, alarm_tags={}, region=region, account=account
        )
        return self._admit(
            Request(
                run=self.new_id(now),
                runbook=runbook.name,
                family=runbook.family,
                risk=runbook.risk,
                parameters=runbook.form.dump(checked),
                resource=resource,
                symptom=f"by hand:{runbook.name}",
                by="person",
                actor=actor,
                at=now,
                deadline=runbook.deadline,
                lease=runbook.lease(),
                settings=settings,
                policy=self.installation.policy.version,
                reason=reason,
                why="started by hand",
            )
        )

    def _of_signal(self, signal: Signal, matched: Match, runbook: Runbook) -> Request:
        checked = runbook.form.validate(matched.parameters)
        now = self.installation.clock.now()
        settings = self.installation.policy.settings_for(
            runbook.name,
            runbook.family,
            runbook.risk,
            alarm_tags=signal.tags,
            region=signal.region,
            account=matched.account,
            binding=matched.binding,
            limit=matched.autonomy_limit,
        )
        contributor = signal.contributor.id if signal.contributor else None
        return Request(
            run=self.new_id(now),
            runbook=runbook.name,
            family=runbook.family,
            risk=runbook.risk,
            parameters=runbook.form.dump(checked),
            resource=runbook.arn(checked, account=matched.account, region=signal.region),
            symptom=matched.symptom,
            by="alarm",
            actor=f"alarm: {signal.name}",
            at=now,
            deadline=runbook.deadline,
            lease=runbook.lease(),
            settings=settings,
            policy=self.installation.policy.version,
            alarm=AlarmSeen(signal.alarm, signal.name, signal.at, signal.claim, signal.reason, contributor),
            why=matched.why,
            tags=signal.tags,
        )

    def _admit(self, request: Request) -> Answer:
        store, clock = self.installation.store, self.installation.clock
        try:
            admitted = admit(request, store, clock)
        except Refused as refusal:
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
            return self._told("refused", answer)
        if not admitted.again:
            self.installation.tell("admitted", {"run": admitted.run, **_asked(request)})
        self.start(admitted.run)
        started(request, store)
        return Answer("admitted", request.why, run=admitted.run, runbook=request.runbook, resource=request.resource)

    def _told(self, kind: str, answer: Answer) -> Answer:
        told = {
            "run": answer.run,
            "runbook": answer.runbook,
            "resource": answer.resource,
            "gate": answer.gate,
            "reason": answer.reason,
            "until": stamp(answer.until) if answer.until else None,
            "figures": answer.figures,
        }
        self.installation.tell(kind, {**{name: value for name, value in told.items() if value}, "words": answer.words})
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
