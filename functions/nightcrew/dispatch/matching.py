"""Which runbook answers a signal, with which parameters; or why none does.

In this order: a binding of policy, the alarm's own tags, the runbooks' triggers (events that are no alarms:
``matching_events``). Several answers and nothing that
chooses between them: all are suggested, none is started. What is not matched says why, in a word for code and in a
sentence for people.

No AWS call is made here, and nothing is validated: parameters stay text, and the runbook's form decides about them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from nightcrew.admission.policy import Binding, Level, Policy, Setting, tag_limit
from nightcrew.authoring.triggers import Alarm, Trigger, TriggerIndex
from nightcrew.clock import stamp
from nightcrew.dispatch.matched import Candidate, Match, Reason
from nightcrew.dispatch.matching_events import match_event
from nightcrew.signals import Metric, Signal, symptom_of
from nightcrew.spelling import one_of

__all__ = ["MATH", "Candidate", "Children", "Match", "Reason", "RunbookLike", "Watching", "match"]

RUNBOOK_TAG = "nightcrew:runbook"
PARAMETER_TAG = "nightcrew:param:"

MATH = Setting(
    Level.APPROVE, "metric math: the direction is the expression's, and need not be that of the metric under it"
)
"""The ceiling for a runbook that a trigger finds under an expression: errors divided by requests are high when requests
are low, too. A binding or a tag says that the runbook is meant, and has no such ceiling."""


class RunbookLike(Protocol):
    """What matching wants to know of a runbook."""

    @property
    def name(self) -> str: ...
    @property
    def triggers(self) -> tuple[Trigger, ...]: ...
    @property
    def said_at_call(self) -> tuple[str, ...]: ...


class Watching(Protocol):
    """What an alarm under a composite watches, and on which side of its threshold it is; a Signal is one."""

    @property
    def form(self) -> str: ...
    @property
    def metrics(self) -> tuple[Metric, ...]: ...
    @property
    def direction(self) -> str | None: ...


Children = Callable[[Sequence[str]], Sequence[Watching]]
"""Looks up alarms by ARN. It is asked for the children of a composite only where they can matter."""


def match(
    signal: Signal,
    index: TriggerIndex,
    policy: Policy,
    known: Mapping[str, RunbookLike],
    *,
    children: Children | None = None,
) -> Match:
    """Match a signal. ``known`` is the catalog by name; ``index`` has the triggers of the same runbooks.

    The signal's tags are taken as they are: where they did not come with the event, look them up before.
    """
    if signal.happening is not None:
        return match_event(signal, signal.happening, index.events, policy, known)
    if signal.state != "ALARM" or signal.form == "query" or signal.muted_until or signal.suppressed_by:
        return _left_alone(signal)
    binding = policy.binding_for(signal.name)
    if binding is not None:
        return _named(signal, binding.runbook, binding.parameters, known, children=children, binding=binding)
    if signal.tags and RUNBOOK_TAG in signal.tags:
        return _named(signal, signal.tags[RUNBOOK_TAG], _tagged_parameters(signal.tags), known, children=children)
    if signal.target_tracking:
        return _none(
            signal, "target-tracking", "a scaling policy made this alarm and answers it; bind it to say otherwise"
        )
    if signal.form == "composite":
        return _by_children(signal, index, children)
    return _by_triggers(signal, (signal,), index)


def _left_alone(signal: Signal) -> Match:
    if signal.state == "OK":
        return _none(signal, "ok", "the alarm is OK: nothing to remedy")
    if signal.state != "ALARM":
        return _none(signal, "insufficient-data", "the alarm has too little data to say that anything is wrong")
    if signal.form == "query":
        return _none(
            signal, "query", "this alarm watches many series: its contributors answer for it, each by its own event"
        )
    if signal.muted_until is not None:
        return _none(signal, "muted", f"a mute rule holds until {stamp(signal.muted_until)}", until=signal.muted_until)
    return _none(signal, "suppressed", f"the alarm's actions are suppressed by {signal.suppressed_by}")


def _named(
    signal: Signal,
    runbook: str,
    given: Mapping[str, str],
    known: Mapping[str, RunbookLike],
    *,
    children: Children | None,
    binding: Binding | None = None,
) -> Match:
    """The way of a binding or a tag: somebody named the runbook, and the metric fills what they did not name."""
    by = str(binding) if binding else f"the alarm's tag {RUNBOOK_TAG}"
    if runbook not in known:
        why = f"{by} names {runbook}, which is not in the catalog: {one_of(known, runbook)}"
        return _none(signal, "unknown-runbook", why, binding=binding)
    if binding is None and known[runbook].said_at_call:
        why = f"{by} names {runbook}, which does whatever its parameters say: only policy or a person may name it"
        return _none(signal, "not-by-tag", why)
    candidates = _filled(signal, known[runbook], given, children)
    if len(candidates) > 1:
        # Only what tells them apart: what was given is not checked yet, and could be a secret that belongs elsewhere.
        what = "; ".join(_parameters(each, given) for each in candidates)
        why = f"{by} names {runbook}, and the metrics name several resources ({what}): all suggested, none started"
        return _several(signal, candidates, why, binding)
    return _chosen(signal, candidates[0], f"{by} names {runbook}", binding)


def _filled(
    signal: Signal, runbook: RunbookLike, given: Mapping[str, str], children: Children | None
) -> tuple[Candidate, ...]:
    """What was given, and from the dimensions what is missing of what the runbook's triggers take from them.

    The metric's name does not matter here: somebody said that this alarm is answered by this runbook, and a dimension
    ``InstanceId`` is an instance's id in whatever metric it stands.
    """
    wanted = [
        [(name, dimension) for name, dimension in trigger.parameters.items() if name not in given]
        for trigger in runbook.triggers
        if isinstance(trigger, Alarm)
    ]
    metrics = signal.metrics
    if any(wanted) and children is not None and signal.form == "composite":
        metrics = tuple(metric for child in children(signal.children) for metric in child.metrics)
    found = _distinct(
        Candidate(
            runbook.name, {**given, **{name: metric.dimensions[dimension] for name, dimension in missing}}, metric
        )
        for metric in metrics
        for missing in wanted
        if missing and all(dimension in metric.dimensions for _, dimension in missing)
    )
    only = metrics[0] if len(metrics) == 1 else None
    return found or (Candidate(runbook.name, dict(given), only),)


def _by_children(signal: Signal, index: TriggerIndex, children: Children | None) -> Match:
    if children is None or not signal.children:
        return _none(signal, "composite", "nothing binds this composite alarm, and its children answer for themselves")
    return _by_triggers(signal, children(signal.children), index)


def _by_triggers(signal: Signal, watching: Sequence[Watching], index: TriggerIndex) -> Match:
    found = [
        (Candidate(answer.runbook, answer.take(metric), metric), each)
        for each in watching
        for metric in each.metrics
        for answer in index.find(metric, each.direction)
    ]
    if not found:
        return _nothing_found(signal, watching, index)
    if len(found) > 1:
        candidates = _distinct(candidate for candidate, _ in found)
        if len(candidates) > 1:
            what = "; ".join(f"{each.runbook} {_parameters(each)}" for each in candidates)
            why = f"several answers and no binding that chooses ({what}): all suggested, none started"
            return _several(signal, candidates, why)
    return _triggered(signal, *found[0])


def _nothing_found(signal: Signal, watching: Sequence[Watching], index: TriggerIndex) -> Match:
    seen = [(metric, each.direction) for each in watching for metric in each.metrics]
    if not seen:
        return _none(
            signal,
            "no-metric",
            "the alarm does not tell which metric it watches; a binding or a tag can name a runbook",
        )
    for metric, direction in seen:
        if direction is None and (index.find(metric, "high") or index.find(metric, "low")):
            why = f"neither reason nor figures tell whether {metric.namespace} {metric.name} is too high or too low"
            return _none(signal, "no-direction", why)
    why_not = dict.fromkeys(index.why_not(metric, direction) for metric, direction in seen)
    return _none(signal, "no-trigger", "; ".join(why_not))


# The ends.


def _triggered(signal: Signal, candidate: Candidate, watching: Watching) -> Match:
    metric = candidate.metric
    asked = signal if watching is signal else replace(signal, direction=watching.direction)
    return Match(
        kind="chosen",
        reason="triggered",
        why=f"{candidate.runbook} answers {metric.namespace} {metric.name}, {watching.direction}" if metric else "",
        symptom=symptom_of(asked, metric),
        account=_account(signal, metric),
        runbook=candidate.runbook,
        parameters=candidate.parameters,
        metric=metric,
        candidates=(candidate,),
        autonomy_limit=_limit(signal, MATH if watching.form == "expression" else None),
    )


def _chosen(signal: Signal, candidate: Candidate, why: str, binding: Binding | None) -> Match:
    return Match(
        kind="chosen",
        reason="bound" if binding else "tagged",
        why=why,
        symptom=symptom_of(signal, _own(signal)),
        account=_account(signal, candidate.metric),
        runbook=candidate.runbook,
        parameters=candidate.parameters,
        metric=candidate.metric,
        candidates=(candidate,),
        autonomy_limit=_limit(signal),
        binding=binding,
    )


def _several(signal: Signal, candidates: Sequence[Candidate], why: str, binding: Binding | None = None) -> Match:
    return Match(
        kind="several",
        reason="several",
        why=why,
        symptom=symptom_of(signal, _own(signal)),
        account=signal.account,
        candidates=tuple(candidates),
        autonomy_limit=_limit(signal),
        binding=binding,
    )


def _none(
    signal: Signal, reason: Reason, why: str, *, binding: Binding | None = None, until: datetime | None = None
) -> Match:
    symptom = symptom_of(signal, _own(signal))
    return Match("none", reason, why, symptom, signal.account, binding=binding, until=until)


def _own(signal: Signal) -> Metric | None:
    """The metric that the alarm is about; None where it is about several or none, and its name must do."""
    return signal.metrics[0] if len(signal.metrics) == 1 else None


def _account(signal: Signal, metric: Metric | None) -> str:
    if metric is not None:
        return metric.account or signal.account
    watched = {each.account for each in signal.metrics}
    return (watched.pop() if len(watched) == 1 else None) or signal.account


def _limit(signal: Signal, further: Setting[Level] | None = None) -> Setting[Level] | None:
    if not signal.tags:
        return further
    ceilings = [ceiling for ceiling in (tag_limit(signal.tags), further) if ceiling]
    return min(ceilings, key=lambda ceiling: ceiling.value, default=None)


def _distinct(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Without repeats: two triggers of one runbook, or two metrics, may name the same resource."""
    found: list[Candidate] = []
    for each in candidates:
        if not any(_same(each, other) for other in found):
            found.append(each)
    return tuple(found)


def _same(one: Candidate, other: Candidate) -> bool:
    return one[:2] == other[:2] and _whose(one) == _whose(other)


def _whose(candidate: Candidate) -> str | None:
    return candidate.metric.account if candidate.metric else None


def _tagged_parameters(tags: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(PARAMETER_TAG): value for key, value in tags.items() if key.startswith(PARAMETER_TAG)}


def _parameters(candidate: Candidate, given: Mapping[str, str] = MappingProxyType({})) -> str:
    return ", ".join(f"{name}={value}" for name, value in candidate.parameters.items() if name not in given)
