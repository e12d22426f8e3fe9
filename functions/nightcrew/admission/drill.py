"""A restore drill of policy: which restore is tried, how often, and what it must reach."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Self

from nightcrew.admission.policy_item import Item, Place, Wrong

TARGETS = ("rto", "rpo")
"""The parameters of a drill that policy sets itself."""


@dataclass(frozen=True)
class Drill(Item):
    """``runbook`` with these parameters, ``every`` so often; ``rto`` and ``rpo`` are what it must reach at most.

    ``account`` and ``region`` are the resource's, where they are not Nightcrew's own.
    """

    SECTION: ClassVar[str] = "drills"

    runbook: str
    every: timedelta
    parameters: Mapping[str, str] = field(default_factory=dict)
    rto: timedelta | None = None
    rpo: timedelta | None = None
    account: str | None = None
    region: str | None = None

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

    @property
    def called(self) -> str:
        return self.runbook

    @property
    def runbooks(self) -> Mapping[Place, str | None]:
        return {("runbook",): self.runbook}

    def wrong(self, earlier: Sequence[Self]) -> Iterator[Wrong]:
        for name in TARGETS:
            if name in self.parameters:
                yield ("parameters",), name, f"it is no parameter here: say {name} beside runbook and every"
        for other in earlier:
            if other.key == self.key:
                yield ("runbook",), self.runbook, f"it may stand once: {other} drills the same"
