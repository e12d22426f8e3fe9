"""Which runbook answers an event that is no alarm's: a binding of policy, then the runbooks' own triggers.

It has no tags, no metric and no direction. An event about several resources starts nothing: all are suggested.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from nightcrew.admission.policy import Binding, Policy
from nightcrew.authoring.events import Event, EventIndex
from nightcrew.authoring.triggers import Trigger
from nightcrew.dispatch.matched import Candidate, Match, Reason
from nightcrew.signals import Happening, Signal
from nightcrew.spelling import one_of

_SHOWN = 5


class Triggered(Protocol):
    """What matching wants to know of a runbook here."""

    @property
    def triggers(self) -> tuple[Trigger, ...]: ...


def match_event(
    signal: Signal, happening: Happening, index: EventIndex, policy: Policy, known: Mapping[str, Triggered]
) -> Match:
    """Match an event. ``known`` is the catalog by name; ``index`` has the triggers of the same runbooks."""
    binding = policy.binding_for(signal.name, "event")
    if binding is not None:
        return _bound(signal, happening, binding, known)
    found = [Candidate(each.runbook, each.parameters) for each in index.find(happening)]
    candidates = [each for number, each in enumerate(found) if each not in found[:number]]
    if not candidates:
        return _none(signal, "no-trigger", index.why_not(happening))
    if len(candidates) > 1:
        return _several(signal, candidates, "several answers and no binding that chooses")
    return _chosen(signal, candidates[0], "triggered", f"{candidates[0].runbook} answers {signal.name}")


def _bound(signal: Signal, happening: Happening, binding: Binding, known: Mapping[str, Triggered]) -> Match:
    """Somebody named the runbook; its own triggers fill what policy does not give."""
    runbook, given = binding.runbook, dict(binding.parameters)
    if runbook not in known:
        why = f"{binding} names {runbook}, which is not in the catalog: {one_of(known, runbook)}"
        return _none(signal, "unknown-runbook", why, binding)
    taken = [
        {**parameters, **given}
        for trigger in known[runbook].triggers
        if isinstance(trigger, Event) and trigger.mismatch(happening) is None
        for parameters in trigger.take(happening)
    ]
    candidates = [Candidate(runbook, each) for number, each in enumerate(taken) if each not in taken[:number]]
    if len(candidates) > 1:
        return _several(signal, candidates, f"{binding} names {runbook}, and the event is about several", binding)
    only = candidates[0] if candidates else Candidate(runbook, given)
    return _chosen(signal, only, "bound", f"{binding} names {runbook}", binding)


def _chosen(signal: Signal, only: Candidate, reason: Reason, why: str, binding: Binding | None = None) -> Match:
    return Match(
        kind="chosen",
        reason=reason,
        why=why,
        symptom=signal.name,
        account=signal.account,
        runbook=only.runbook,
        parameters=only.parameters,
        candidates=(only,),
        binding=binding,
    )


def _several(signal: Signal, candidates: Sequence[Candidate], why: str, binding: Binding | None = None) -> Match:
    given = binding.parameters if binding is not None else {}  # not checked yet: only what the event says is told
    named = [
        " ".join([each.runbook, *(f"{name}={value}" for name, value in each.parameters.items() if name not in given)])
        for each in candidates[:_SHOWN]
    ]
    more = f"; and {len(candidates) - _SHOWN} more" if len(candidates) > _SHOWN else ""
    words = f"{why} ({'; '.join(named)}{more}): all suggested, none started"
    return Match(
        "several", "several", words, signal.name, signal.account, candidates=tuple(candidates), binding=binding
    )


def _none(signal: Signal, reason: Reason, why: str, binding: Binding | None = None) -> Match:
    return Match("none", reason, why, signal.name, signal.account, binding=binding)
