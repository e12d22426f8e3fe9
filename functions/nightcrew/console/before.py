"""What a person should know before a start: who must approve it, what would refuse it now; and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nightcrew.admission.settings import Settings
from nightcrew.api.desk import Desk, Home
from nightcrew.api.standing import Stands, settings_of, standing
from nightcrew.api.told import told
from nightcrew.authoring.runbook import Runbook
from nightcrew.engine.approving import people_wanted
from nightcrew.errors import Refused

TO_DO = {
    "halt": "Somebody halted this on purpose: ask them. Whoever may operate can lift it, at the top of each page.",
    "lock": "One run at a time works on a resource: wait for the other one's end, or ask it to stop on its page.",
    "cool-down": "Look at what the last change did. After the cool-down it may start again.",
    "chain": "The remedies so far did not help: look for the cause, or take another runbook.",
    "breaker": "It did not help several times in a row: look at its last runs. After the pause one trial may start.",
    "freeze": "Changes are frozen here: wait for its end. Who keeps the policy can make an exception.",
    "budget": "Enough of the group is being worked on: wait until it is whole again.",
    "autonomy": "Policy does not let it run here. Who keeps the policy can change that.",
}
"""By gate: what somebody does who is refused."""


@dataclass(frozen=True)
class Before:
    """``people`` must approve, ``because`` of policy's line where it is policy that says so."""

    risk: str
    people: int
    because: str
    refuses: tuple[Stands, ...] = ()

    @property
    def data_loss(self) -> bool:
        """Whether data may be lost."""
        return self.risk == "data-loss"


def before(runbook: Runbook, settings: Settings, refuses: tuple[Stands, ...] = ()) -> Before:
    """What policy says about a person's start of this runbook, as it is called."""
    people = people_wanted(runbook, settings.autonomy.value)
    return Before(runbook.risk, people, settings.autonomy.because, refuses)


def before_any(desk: Desk, runbook: Runbook, where: Home) -> Before:
    """Of no resource in particular, and of the worst risk where each call says its own. It asks no table."""
    return before(runbook, settings_of(desk.policy, runbook, f"arn:aws::{where.region}:{where.account}:"))


def before_start(desk: Desk, runbook: Runbook, resource: str) -> Before:
    """On this resource, and how the gates stand now: they are asked again at the start."""
    stands = standing(desk.store, desk.policy, resource, [runbook], desk.clock.now())
    settings = settings_of(desk.policy, runbook, resource)
    return before(runbook, settings, tuple(each for each in stands if each.refuses))


_SAID = frozenset({"run", "lease", "item"})
"""Figures that stand there in words of their own, or are the tables' matter."""


@dataclass(frozen=True)
class Refusal:
    """What a gate said: ``run`` stands in the way, or is the refusal's own entry in the history."""

    gate: str
    words: str
    until: datetime | None
    run: str | None
    figures: Mapping[str, Any]
    to_do: str


def refusal(refused: Refused) -> Refusal:
    """For a page."""
    figures = {name: value for name, value in told(refused.figures).items() if name not in _SAID}
    return Refusal(
        refused.gate, refused.words, refused.until, refused.run, figures, TO_DO.get(refused.gate, "Look at why first.")
    )
