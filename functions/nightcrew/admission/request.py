"""What somebody, or some alarm, asks for: a runbook on a resource, and everything that the gates decide by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from nightcrew.admission.selecting import Subject
from nightcrew.admission.settings import Settings
from nightcrew.clock import moment, stamp
from nightcrew.signals.signal import claim_of

if TYPE_CHECKING:
    from nightcrew.admission.proof import Proof

MOST_REASON = 150
"""Characters of an alarm's reason that the ledger keeps."""

SECOND = "#2"
"""The end of a second try's claim: there is no third."""


@dataclass(frozen=True)
class AlarmSeen:
    """The alarm that asks: as the opening entry keeps it. ``claim`` is the identity of this one state change.

    Or an event that is no alarm's: then ``event`` is its id, ``name`` its kind, and ``arn`` the run's resource. It has
    no state: nobody can ask whether it still holds, and no OK follows it.
    """

    arn: str
    name: str
    at: datetime
    claim: str
    reason: str
    contributor: str | None = None
    event: str | None = None

    @property
    def again(self) -> bool:
        """Whether this is the second try of a signal that was refused."""
        return self.claim.endswith(SECOND)

    @property
    def counted(self) -> tuple[str, str | None]:
        """What its changes are counted under: the alarm and the contributor, or the resource and the kind of event."""
        return self.arn, self.name if self.event else self.contributor

    @property
    def words(self) -> str:
        """What was decided, for people."""
        return "this event" if self.event else "this state change of the alarm"

    def to_dict(self) -> dict[str, Any]:
        """As the ledger keeps it: without what follows from the rest, and the reason cut, since CloudWatch repeats the
        datapoints in it.
        """
        kept = {"arn": self.arn, "name": self.name, "at": stamp(self.at), "reason": self.reason[:MOST_REASON]}
        if self.claim != claim_of(self.arn, self.contributor, self.at):
            kept["claim"] = self.claim
        if self.event:
            kept["event"] = self.event
        return {**kept, "contributor": self.contributor} if self.contributor else kept

    @classmethod
    def from_dict(cls, kept: Mapping[str, str]) -> "AlarmSeen":
        """Read back from the ledger, or from what waits for its second try."""
        arn, at, contributor = kept["arn"], moment(kept["at"]), kept.get("contributor")
        claim = kept.get("claim", claim_of(arn, contributor, at))
        return cls(arn, kept["name"], at, claim, kept["reason"], contributor, kept.get("event"))


@dataclass(frozen=True)
class Group:
    """What contains a resource; ``size`` is how many members it has, where that could be seen."""

    arn: str
    size: int | None = None


@dataclass(frozen=True)
class Frozen:
    """A change freeze that covers the request."""

    name: str
    until: datetime


@dataclass(frozen=True)
class Request:
    """One wish to start a run. ``by`` is how it came: "alarm", "event", "person" or "follow-up"; ``actor`` is who.

    ``changes``, ``failures``, ``proof`` and ``frozen`` were looked up before: when the alarm changed its state lately,
    how often the runbook failed in a row, what it proved, and which freezes cover it. ``break_glass`` marks a run that
    nobody could admit: why, by whom, and what could not be asked.
    """

    run: str
    runbook: str
    family: str
    risk: str
    parameters: Mapping[str, Any]
    resource: str
    symptom: str
    by: str
    actor: str
    at: datetime
    deadline: timedelta
    lease: timedelta
    settings: Settings
    policy: str
    reason: str = ""
    alarm: AlarmSeen | None = None
    why: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[datetime, ...] = ()
    failures: int = 0
    frozen: tuple[Frozen, ...] = ()
    proof: "Proof | None" = None
    break_glass: Mapping[str, Any] | None = None

    @property
    def lock(self) -> str:
        """The key of the resource's item in ``state``."""
        return lock_key(self.resource)

    @property
    def subject(self) -> Subject:
        """What policy's selections are asked about."""
        return Subject.at_admission(self.runbook, self.family, self.risk, self.resource, self.tags)

    def opening(self) -> dict[str, Any]:
        """The body of the opening entry: what the executor needs, and why the run may be."""
        body: dict[str, Any] = {
            "runbook": self.runbook,
            "parameters": dict(self.parameters),
            "resource": self.resource,
            "symptom": self.symptom,
            "by": self.by,
            "actor": self.actor,
            "deadline": int(self.deadline.total_seconds()),
            "lease": stamp(self.at + self.lease),
            "policy": self.policy,
            "autonomy": [str(self.settings.autonomy.value), self.settings.autonomy.because],
            "ok": [int(each.value.total_seconds()) for each in (self.settings.ok_within, self.settings.ok_held)],
            "approval": int(self.settings.approval.value.total_seconds()),
            "chain_within": int(self.settings.chain_within.value.total_seconds()),
            "why": self.why,
        }
        if self.settings.from_chat.value is not Settings().from_chat.value:
            body["from_chat"] = str(self.settings.from_chat.value)
        if self.failures:
            body["failures"] = self.failures
        if self.reason:
            body["reason"] = self.reason
        if self.alarm is not None:
            body["alarm"] = self.alarm.to_dict()
        if self.tags:
            body["tags"] = dict(self.tags)
        if self.break_glass is not None:
            body["break_glass"] = dict(self.break_glass)
        return body


def lock_key(resource: str) -> str:
    """The key of a resource's, or a group's, item in ``state``."""
    return f"res#{resource}"
