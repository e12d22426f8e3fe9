"""Error budgets for people: what is left, how fast it burns, what limits follow, and what remediation gave back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.text import Text

from nightcrew.admission.error_budget import ErrorBudget
from nightcrew.admission.policy import Policy
from nightcrew.cli.output import Output
from nightcrew.cli.tables import listed
from nightcrew.clock import stamp
from nightcrew.durations import in_words
from nightcrew.knowledge.objectives.gave_back import GaveBack
from nightcrew.knowledge.objectives.objective import Objective
from nightcrew.knowledge.statistics.people import ESTIMATE

_OUTCOMES = {"OK": "succeeded", "WARNING": "ineffective", "BREACHED": "failed"}


@dataclass(frozen=True)
class Told:
    """``given_back`` by the objective's ARN, for those of which policy says what they are about."""

    now: datetime
    objectives: Sequence[Objective]
    policy: Policy
    given_back: Mapping[str, GaveBack]

    def limits(self, each: Objective) -> list[tuple[ErrorBudget, bool]]:
        """The lines of policy about it, and whether they hold now: what has no data counts as spent."""
        lines = [line for line in self.policy.error_budgets if line.slo in (each.name, each.arn)]
        return [(line, each.left is None or 100 * each.left < line.below) for line in lines]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"at": stamp(self.now), "objectives": [self._one(each) for each in self.objectives]}

    def _one(self, each: Objective) -> dict[str, Any]:
        back = self.given_back.get(each.arn)
        limits = [
            {"because": str(line), "below": line.below, "autonomy": str(line.autonomy), "holds": holds}
            for line, holds in self.limits(each)
        ]
        return {**each.to_dict(), "limits": limits, "gave_back": back.to_dict() if back else None}


def show(told: Told, output: Output) -> None:
    """All of it."""
    if not told.objectives:
        output.print("There is no service level objective in this Region.")
        return
    rows = [
        [
            output.mark(_OUTCOMES.get(each.status, "not_applicable"), each.status.lower().replace("_", " ")),
            Text("–" if each.left is None else f"{100 * each.left:.0f} %".rjust(6)),
            Text(_amount(each)),
            Text(f"{each.goal:g} % in {in_words(each.interval)}"),
            Text(each.name),
        ]
        for each in told.objectives
    ]
    more = ["; ".join(_more(told, each)) for each in told.objectives]
    output.print(*listed(["budget", "left", "that is", "goal", "objective"], rows, output, more=more, cut=False))


def _amount(each: Objective) -> str:
    if each.remaining is None:
        return "–"
    if each.counts == "requests":
        return f"{each.remaining:,.0f} requests"
    length = in_words(timedelta(seconds=abs(each.remaining)))
    return length if each.remaining >= 0 else f"{length} overdrawn"


def _more(told: Told, each: Objective) -> Iterator[str]:
    rates = [f"{rate:g} over {in_words(window)}" for window, rate in sorted(each.burns.items()) if rate is not None]
    yield f"burns {', '.join(rates)}" if rates else "no figure of how fast it burns"
    for line, holds in told.limits(each):
        yield f"{'so at most' if holds else f'below {line.below} % at most'} {line.autonomy} ({line})"
    back = told.given_back.get(each.arn)
    if back is not None:
        estimated = f", {dict(back.sources)[ESTIMATE]} of them by estimate" if ESTIMATE in dict(back.sources) else ""
        runs = "1 run" if back.runs == 1 else f"{back.runs} runs"
        yield f"remediation gave back {in_words(timedelta(seconds=back.seconds))} in {runs}{estimated}"
