"""What a runbook's runs allow: how often it was tried and helped lately, and the level that this is enough for.

One run that went well says little: the Wilson lower bound of the share that helped (``recall/record``) is what counts.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from nightcrew.admission.proof import LATELY, Proof
from nightcrew.admission.settings import Level
from nightcrew.knowledge.recall.record import TRIED, wilson_lower
from nightcrew.knowledge.statistics.day import Count, Day
from nightcrew.ledger.cases import HELPED


@dataclass(frozen=True)
class Bar:
    """What ``auto`` takes: so many runs within LATELY, and this lower bound of the share that helped."""

    runs: int
    lower: float


BARS: Mapping[str, Bar | None] = {
    "low": Bar(5, 0.5),  # 5 of 5 have a lower bound of 0.57: what goes wrong costs little
    "disruptive": Bar(10, 0.7),  # 10 of 10: 0.72; 14 of 15: 0.70
    "costly": Bar(10, 0.7),
    "data-loss": None,  # two people agree, whatever was seen
}
"""By risk. None: never by itself."""

SOME = 3
"""Runs that are enough to ask people with the runbook's own plan in hand, instead of only suggesting it."""


@dataclass(frozen=True)
class Earned:
    """Of one ``runbook``, on what has ``tag`` (``service=checkout``) or on everything (None). ``allows`` is the most
    that the evidence is enough for; ``missing`` what the next level wants.
    """

    runbook: str
    tag: str | None
    proof: Proof
    allows: Level
    missing: str

    @property
    def lower(self) -> float:
        """The Wilson lower bound, 95 %, of the share that helped."""
        return wilson_lower(self.proof.helped, self.proof.tried)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "runbook": self.runbook,
            "tag": self.tag,
            "tried": self.proof.tried,
            "helped": self.proof.helped,
            "lower": round(self.lower, 3),
            "last": self.proof.last.isoformat() if self.proof.last else None,
            "allows": str(self.allows),
            "missing": self.missing or None,
        }


def proof_of(days: Iterable[Day], runbook: str, today: date, ours: Callable[[Count], bool] = lambda _: True) -> Proof:
    """Of the runs that are ``ours``. ``days`` begin a year before, so that an old proof is found."""
    tried = helped = 0
    last: date | None = None
    for day in days:
        for each in day.counts:
            if each.runbook != runbook or each.outcome not in TRIED or not ours(each):
                continue
            lately = day.day > today - LATELY
            tried += each.number if lately else 0
            if each.outcome in HELPED:
                helped += each.number if lately else 0
                last = max(last or day.day, day.day)
    return Proof(today, last, tried, helped)


def earned(runbook: str, risk: str, proof: Proof, tag: str | None = None) -> Earned:
    """What this evidence allows."""
    allows, missing = _allows(risk, proof)
    return Earned(runbook, tag, proof, allows, missing)


def _allows(risk: str, proof: Proof) -> tuple[Level, str]:
    bar = BARS.get(risk)
    if proof.tried < SOME:
        return Level.SUGGEST, _more(SOME - proof.tried, Level.APPROVE)
    lower = wilson_lower(proof.helped, proof.tried)
    if not proof.helped:
        return Level.SUGGEST, "it never helped lately"
    if bar is None:
        return Level.APPROVE, ""
    if proof.tried < bar.runs:
        return Level.APPROVE, _more(bar.runs - proof.tried, Level.AUTO)
    if lower < bar.lower:
        return Level.APPROVE, f"a lower bound of {bar.lower:g} for auto"
    return Level.AUTO, ""


def _more(runs: int, level: Level) -> str:
    return f"{runs} more {'run' if runs == 1 else 'runs'} for {level}"


def by_tag(
    days: Collection[Day], runbook: str, risk: str, today: date, tags: Mapping[str, Mapping[str, str]], key: str
) -> list[Earned]:
    """By the values of one tag. ``tags`` are those of resources, by ARN; what is not there has no such tag."""
    values = {tags[each.resource][key] for day in days for each in day.counts if key in tags.get(each.resource, {})}
    found = []
    for value in sorted(values):

        def ours(each: Count, value: str = value) -> bool:
            return tags.get(each.resource, {}).get(key) == value

        proof = proof_of(days, runbook, today, ours)
        if proof.tried:
            found.append(earned(runbook, risk, proof, f"{key}={value}"))
    return found
