"""What somebody, or some alarm, asks for: a runbook on a resource, and everything that the gates decide by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nightcrew.admission.settings import Settings
from nightcrew.clock import stamp


@dataclass(frozen=True)
class AlarmSeen:
    """The alarm that asks: as the opening entry keeps it. ``claim`` is the identity of this one state change."""

    arn: str
    name: str
    at: datetime
    claim: str
    reason: str
    contributor: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As the ledger keeps it; the reason is cut, since CloudWatch repeats the whole history of datapoints in it."""
        kept = {
            "arn": self.arn,
            "name": self.name,
            "at": stamp(self.at),
            "claim": self.claim,
            "reason": self.reason[:300],
        }
        return {**kept, "contributor": self.contributor} if self.contributor else kept


@dataclass(frozen=True)
class Request:
    """One wish to start a run. ``by`` is how it came: "alarm" or "person"; ``actor`` is who."""

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

    @property
    def lock(self) -> str:
        """The key of the resource's item in ``state``."""
        return lock_key(self.resource)

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
            "ok_held": int(self.settings.ok_held.value.total_seconds()),
            "why": self.why,
        }
        if self.reason:
            body["reason"] = self.reason
        if self.alarm is not None:
            body["alarm"] = self.alarm.to_dict()
        return body


def lock_key(resource: str) -> str:
    """The key of a resource's, or a group's, item in ``state``."""
    return f"res#{resource}"
