"""A restore drill of policy: which restore is tried, how often, and what it must reach."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

TARGETS = ("rto", "rpo")
"""The parameters of a drill that policy sets itself."""


@dataclass(frozen=True)
class Drill:
    """``runbook`` with these parameters, ``every`` so often; ``rto`` and ``rpo`` are what it must reach at most.

    ``account`` and ``region`` are the resource's, where they are not Nightcrew's own.
    """

    number: int
    runbook: str
    every: timedelta
    parameters: Mapping[str, str] = field(default_factory=dict)
    rto: timedelta | None = None
    rpo: timedelta | None = None
    account: str | None = None
    region: str | None = None
    line: int = 0

    @property
    def given(self) -> dict[str, Any]:
        """What the runbook is started with: its parameters, and the targets as text."""
        targets = {"rto": self.rto, "rpo": self.rpo}
        told = {name: f"{int(aim.total_seconds())}s" for name, aim in targets.items() if aim is not None}
        return {**self.parameters, **told}

    @property
    def key(self) -> str:
        """What its schedule is kept under: another drill has another, another target or another time has not."""
        same = json.dumps([self.runbook, dict(self.parameters), self.account, self.region], sort_keys=True)
        return hashlib.sha256(same.encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"drills[{self.number}] ({self.runbook})"
