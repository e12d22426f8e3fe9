"""What would answer an alarm: a runbook, several, nearly one, or none; and what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from nightcrew.admission.policy import Policy
from nightcrew.admission.settings import Level, Setting
from nightcrew.authoring.catalog import Catalog
from nightcrew.authoring.triggers import Alarm
from nightcrew.dispatch.backtest.account import has_contributors
from nightcrew.dispatch.backtest.recorded import RecordedAlarm
from nightcrew.dispatch.coverage.firing import ANY_SERIES, firing
from nightcrew.dispatch.matching import Children, Match, match
from nightcrew.errors import BadEvent, BadParameter
from nightcrew.signals import Signal

Kind = Literal["answered", "nearly", "none", "left"]
"""``answered``: a runbook answers it. ``nearly``: one would, if what is ``missing`` were there. ``none``: no runbook
knows what it watches. ``left``: something else answers it."""

_LEFT = ("target-tracking", "muted", "suppressed")
_NEAR = {
    "several": "a binding in policy that chooses",
    "no-direction": "a threshold that tells whether the metric is too high or too low",
    "unknown-runbook": "a runbook of the name that it is bound to",
    "not-by-tag": "a binding in policy: a tag may not name this runbook",
    "composite": "a binding in policy, or a runbook for one of the alarms under it",
    "no-metric": "a binding in policy, or a tag, that names a runbook",
}


@dataclass(frozen=True)
class Standing:
    """How one alarm stands. ``autonomy`` is what policy lets the runbook do, and by which line; ``account`` is where it
    would act. ``open`` are the parameters that each series of a query fills with its own: they are ``*`` in the
    ``resource``.
    """

    alarm: str
    kind: Kind
    why: str
    runbook: str | None = None
    resource: str | None = None
    autonomy: Setting[Level] | None = None
    missing: str | None = None
    metric: str | None = None
    others: tuple[str, ...] = field(default=())
    account: str | None = None
    open: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        level = {"level": str(self.autonomy.value), "because": self.autonomy.because} if self.autonomy else None
        return {
            "alarm": self.alarm,
            "kind": self.kind,
            "why": self.why,
            "runbook": self.runbook,
            "resource": self.resource,
            "autonomy": level,
            "missing": self.missing,
            "metric": self.metric,
            "others": list(self.others),
            "open": list(self.open),
        }


def standing(
    alarm: RecordedAlarm,
    now: datetime,
    catalog: Catalog,
    policy: Policy,
    children: Children | None = None,
    home: str | None = None,
) -> Standing:
    """How it stands now: it is let fire, and matched as at night. ``children`` are the alarms under a composite;
    ``home`` is Nightcrew's own account, where that is another one than the alarm's.
    """
    try:
        signal = firing(alarm, now, has_contributors(alarm.described))
    except BadEvent as bad:
        return Standing(alarm.name, "none", f"it cannot be read: {bad}", missing="an alarm that watches something")
    found = match(signal, catalog.index, policy, catalog, children=children)
    metric = _metric(signal)
    if found.runbook is not None:
        return _answered(alarm, signal, found, catalog, policy, home or signal.account)
    if found.kind == "several":
        others = tuple(dict.fromkeys(each.runbook for each in found.candidates))
        return Standing(alarm.name, "nearly", found.why, missing=_NEAR["several"], metric=metric, others=others)
    if found.reason in _LEFT:
        return Standing(alarm.name, "left", found.why, metric=metric)
    near = _nearest(signal, catalog) if found.reason == "no-trigger" else ()
    if near:
        return Standing(alarm.name, "nearly", found.why, missing=found.why, metric=metric, others=near)
    missing = _NEAR.get(found.reason)
    return Standing(alarm.name, "nearly" if missing else "none", found.why, missing=missing, metric=metric)


def _answered(
    alarm: RecordedAlarm, signal: Signal, found: Match, catalog: Catalog, policy: Policy, home: str
) -> Standing:
    runbook = catalog[str(found.runbook)]
    near = Standing(alarm.name, "nearly", found.why, runbook.name, metric=_metric(signal), account=found.account)
    if (abroad := found.abroad(signal.account, home)) is not None:
        return replace(near, missing=f"an alarm in Nightcrew's own account, {home}, or in {found.account}: {abroad}")
    open_ = tuple(name for name, value in found.parameters.items() if value == ANY_SERIES)
    try:
        # Each series has a value of its own there; an example tells whether the rest would do.
        given = {**found.parameters, **{name: runbook.form.example(name) or ANY_SERIES for name in open_}}
        called = runbook.called(given)
        checked = runbook.form.validate(given)
        whole = {**checked, **dict.fromkeys(open_, "*")}
        resource = called.arn(whole, account=found.account, region=signal.region)
    except BadParameter as bad:
        return replace(near, missing=f"its parameter {bad.field}: {bad.allowed}")
    settings = found.settings(policy, called, signal)
    return replace(near, kind="answered", resource=resource, autonomy=settings.autonomy, open=open_)


def _nearest(signal: Signal, catalog: Catalog) -> tuple[str, ...]:
    """The runbooks that answer the same metric, of another direction or by other dimensions."""
    watched = {(metric.namespace, metric.name) for metric in signal.metrics}
    near = [
        runbook.name
        for runbook in catalog.values()
        for trigger in runbook.triggers
        if isinstance(trigger, Alarm) and (trigger.namespace, trigger.metric) in watched
    ]
    return tuple(dict.fromkeys(near))


def _metric(signal: Signal) -> str | None:
    names: Mapping[str, None] = dict.fromkeys(f"{each.namespace} {each.name}" for each in signal.metrics)
    return ", ".join(names) or None
