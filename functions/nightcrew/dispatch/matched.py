"""What became of a signal: the match, its candidates, and the words for each end."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal, NamedTuple

from nightcrew.admission.policy import Binding, Level, Policy, Setting, Settings
from nightcrew.authoring.runbook import Runbook
from nightcrew.signals import Metric, Signal

Kind = Literal["chosen", "several", "none"]

Reason = Literal[
    "bound",  # chosen by a binding
    "tagged",  # chosen by the alarm's own tags
    "triggered",  # chosen by a trigger
    "several",  # more than one answer
    "ok",
    "insufficient-data",
    "query",  # the alarm-level event beside its contributors'
    "muted",
    "suppressed",
    "unknown-runbook",  # bound or tagged to one that is not in the catalog
    "not-by-tag",  # tagged to one that only a person or policy may name
    "target-tracking",
    "composite",  # nothing bound, and no metrics of its children at hand
    "no-metric",
    "no-direction",
    "no-trigger",
]


class Candidate(NamedTuple):
    """A runbook that could answer, and its parameters as text; ``metric`` is where they came from, if from one."""

    runbook: str
    parameters: Mapping[str, str]
    metric: Metric | None = None


class Match(NamedTuple):
    """What became of a signal. ``runbook`` is there where one was ``chosen``, ``candidates`` where there are any."""

    kind: Kind
    reason: Reason
    why: str
    """A sentence for people."""
    symptom: str
    account: str
    """Where the resource is: the metric's own account where the alarm watches another one."""
    runbook: str | None = None
    parameters: Mapping[str, str] = MappingProxyType({})
    metric: Metric | None = None
    candidates: tuple[Candidate, ...] = ()
    autonomy_limit: Setting[Level] | None = None
    """A ceiling that the signal itself sets."""
    binding: Binding | None = None
    until: datetime | None = None
    """When what stands in the way ends by itself (a mute rule)."""

    def abroad(self, account: str, home: str) -> str | None:
        """Why an alarm of ``account`` may not ask for this: who may make an alarm in one account must not be able to
        have something done in another. Nightcrew's own account, ``home``, may. None where nothing stands against it.
        """
        if account in {self.account, home}:
            return None
        return f"an alarm of account {account} cannot ask for a run in account {self.account}"

    def settings(self, policy: Policy, runbook: Runbook, signal: Signal) -> Settings:
        """What policy lets the ``runbook`` do, called with the match's parameters, for this ``signal``: the same at
        night, for who looks at an event, and in the report on coverage.
        """
        return policy.settings_for(
            runbook.name,
            runbook.family,
            runbook.risk,
            alarm_tags=signal.tags,
            region=signal.region,
            account=self.account,
            binding=self.binding,
            limit=self.autonomy_limit,
        )
