"""What became of each ALARM in a backtest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from nightcrew.clock import stamp
from nightcrew.dispatch.answer import Answer

Verdict = Literal["run", "ask", "suggest", "observe", "refused", "unknown", "left", "over"]
"""``run``: a run starts. ``ask``: it starts, and waits for people first. ``suggest`` and ``observe``: policy lets it no
more than that. ``refused``: by a gate. ``unknown``: no runbook answers it. ``left``: something else answers it, or it
cannot be answered. ``over``: a second try found the alarm no longer in ALARM."""

UNKNOWN = ("no-trigger", "no-metric", "no-direction")
"""Reasons of a match that say: no runbook knows this alarm."""


@dataclass(frozen=True)
class Decision:
    """One decision on one ALARM; ``second`` where it is the second try after a gate's end."""

    at: datetime
    alarm: str
    verdict: Verdict
    words: str
    claim: str
    contributor: str | None = None
    runbook: str | None = None
    resource: str | None = None
    gate: str | None = None
    reason: str | None = None
    until: datetime | None = None
    run: str | None = None
    ends: datetime | None = None
    second: bool = False
    told: bool = False
    """People would have been told: what follows is theirs."""
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The verdict, with its gate or its reason: what is counted."""
        if self.verdict == "refused":
            return str(self.gate)
        return str(self.reason) if self.verdict in ("unknown", "left") else self.verdict

    def to_dict(self) -> dict[str, Any]:
        """As JSON; what does not apply is left out."""
        told = {name: value for name, value in vars(self).items() if value not in (None, False) and name != "claim"}
        told["at"] = stamp(self.at)
        told["figures"] = dict(self.figures)
        return told if self.figures else {name: value for name, value in told.items() if name != "figures"}


def verdict_of(answer: Answer, *, asks: bool) -> Verdict:
    """The verdict of an answer; ``asks`` where the run that it started asks people first."""
    if answer.kind == "admitted":
        return "ask" if asks else "run"
    if answer.kind == "suggested":
        return "suggest"
    if answer.kind == "refused":
        level = answer.figures.get("autonomy")
        if answer.gate == "autonomy" and level in ("observe", "suggest"):
            return "observe" if level == "observe" else "suggest"
        return "refused"
    return "unknown" if answer.reason in UNKNOWN else "left"
