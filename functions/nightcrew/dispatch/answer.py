"""What became of a signal, or of a person's wish."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from nightcrew.clock import stamp

Kind = Literal["admitted", "refused", "suggested", "left"]
"""``admitted``: a run was started (or was found started). ``refused``: by a gate. ``suggested``: several runbooks
could answer. ``left``: nothing was to be done, ``words`` say why."""


@dataclass(frozen=True)
class Answer:
    """One decision, for whoever asked."""

    kind: Kind
    words: str
    run: str | None = None
    runbook: str | None = None
    resource: str | None = None
    gate: str | None = None
    reason: str | None = None
    until: datetime | None = None
    figures: dict[str, Any] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """What there is to say of it beside its words, as JSON. The run's parameters are not in it: the ledger has
        them, without its secrets.
        """
        told = {
            "run": self.run,
            "runbook": self.runbook,
            "resource": self.resource,
            "gate": self.gate,
            "reason": self.reason,
            "until": stamp(self.until) if self.until else None,
            "figures": self.figures,
        }
        return {name: value for name, value in told.items() if value}
