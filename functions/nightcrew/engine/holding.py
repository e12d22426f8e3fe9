"""Hold, as the executor's first step: look up what contains the resource and its tags, and take the groups' locks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from nightcrew.admission.hold import hold
from nightcrew.admission.request import Group, Request
from nightcrew.admission.settings import Level, Settings
from nightcrew.authoring.live import LiveRun
from nightcrew.authoring.runbook import Runbook
from nightcrew.authoring.steps import StepFailed
from nightcrew.aws.arns import DRILL, Surroundings, beside
from nightcrew.aws.calls import Call
from nightcrew.aws.cloud import CallFailed, Cloud
from nightcrew.clock import stamp
from nightcrew.engine.group_size import PERMISSIONS, size_of
from nightcrew.engine.installation import Installation
from nightcrew.engine.patience import patiently
from nightcrew.errors import Refused
from nightcrew.ledger import chance


@dataclass(frozen=True)
class Held:
    """What was taken, or why it was not. ``level`` is the autonomy that holds now, ``health_url`` the application's."""

    groups: tuple[str, ...] = ()
    level: Level = Level.AUTO
    health_url: str = ""
    refused: Mapping[str, Any] | None = None


def take_hold(run: LiveRun, request: Request, runbook: Runbook, installation: Installation) -> Held:
    """The first step. Its facts go into the next entry."""

    def body() -> dict[str, Any]:
        try:
            around = _surroundings(request, runbook, run.work.cloud)
            settings = _settings(request, runbook, around, installation)
            groups = [_group(request, path, settings, installation) for path in around.groups]
        except CallFailed as failed:
            words = f"its surroundings could not be looked up: {failed.code}: {failed.message}"
            return {"refused": {"gate": "hold", "words": words, "figures": failed.to_dict()}}
        clock = run.work.clock
        try:
            patiently(lambda: hold(request, groups, settings, installation.store, clock.now()), clock)
        except Refused as refusal:
            told = {"gate": refusal.gate, "words": refusal.words, "figures": refusal.figures}
            return {"refused": {**told, **({"until": stamp(refusal.until)} if refusal.until else {})}}
        # Two journals that carry out one run may see the same at the same time: the token tells their entries apart.
        # A drill restores nothing that serves anybody: how the application is says nothing of it.
        url = "" if request.resource.endswith(DRILL) else settings.health_url.value
        return {
            **({"health_url": url} if url else {}),
            "held": [each.arn for each in groups],
            "level": str(settings.autonomy.value),
            "policy": installation.policy.version,
            "at": stamp(clock.now()),
            "journal": chance.token(),
        }

    try:
        seen = run.work.steps.repeat("hold", body)
    except StepFailed as failed:
        seen = {"refused": {"gate": "hold", "words": str(failed), "figures": {}}}
    if "refused" in seen:
        return Held(refused=seen["refused"])
    run.facts.append(seen)
    return Held(tuple(seen["held"]), Level(seen["level"]), str(seen.get("health_url", "")))


def _settings(request: Request, runbook: Runbook, around: Surroundings, installation: Installation) -> Settings:
    """Budgets by policy as it is now; autonomy as admission allowed it, or less by a rule about the resource's tags."""
    _, _, _, region, account, _ = request.resource.split(":", 5)

    def by(tags: Mapping[str, str] | None) -> Settings:
        about = (runbook.name, runbook.family, runbook.risk)
        return installation.policy.settings_for(
            *about, alarm_tags={}, resource_tags=tags, region=region, account=account
        )

    tagged, admitted = by(around.tags), request.settings.autonomy
    lowered = tagged.autonomy.value < by(None).autonomy.value and tagged.autonomy.value < admitted.value
    return replace(tagged, autonomy=tagged.autonomy if lowered else admitted)


def _group(request: Request, path: str, settings: Settings, installation: Installation) -> Group:
    """A group with its size, which is asked for only where policy gives a part of it."""
    arn = beside(request.resource, *path.split(":", 1))
    parts = settings.budget_at_once.value.percent or settings.budget_hour.value.percent
    if not parts:
        return Group(arn)
    return Group(arn, size_of(path, installation.clouds("nightcrew", PERMISSIONS, request.resource, "")))


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
