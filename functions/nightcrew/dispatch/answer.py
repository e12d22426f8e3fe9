"""What became of a signal, or of a person's wish."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

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
