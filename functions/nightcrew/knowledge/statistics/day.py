"""One day of the ledger, rolled up: what ended in it, in groups of what is alike. A day is a UTC day."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from nightcrew.aws.arns import DRILL
from nightcrew.aws.drills import PREFIX
from nightcrew.clock import moment, stamp


@dataclass(frozen=True)
class Count:
    """Runs, or refusals, that are alike: ``number`` of them. What is not known is "".

    ``seconds`` has one figure for each run, and none for a refusal: for a cured one from the alarm's change of state to
    its OK, else from opening to closing. ``asked`` has one for each answer that a person gave in these runs: from the
    question to the answer. ``gate`` is a refusal's. ``family`` is known of runs only.
    """

    runbook: str
    family: str
    resource: str
    symptom: str
    outcome: str
    gate: str
    number: int
    seconds: tuple[float, ...] = ()
    asked: tuple[float, ...] = ()

    @property
    def drill(self) -> bool:
        """Whether they are restore drills, or clear away what one left: they remedy nothing. A drill holds an ARN of
        its own; of refusals that are told without their resources the runbook's name says it.
        """
        return self.resource.endswith(DRILL) or self.runbook.startswith(PREFIX)


@dataclass(frozen=True)
class Lasted:
    """One alarm that policy let Nightcrew only observe (``level`` "observe") or suggest for, and that ended by itself
    or by people's hands: from ``began``, for so many ``seconds``. ``runbook`` would have answered it.
    """

    runbook: str
    resource: str
    symptom: str
    alarm: str
    level: str
    began: datetime
    seconds: float


@dataclass(frozen=True)
class Day:
    """Everything that ended on one day. ``reads`` is how many requests it took to know it; what was read for several
    days together is counted with the first of them.
    """

    day: date
    counts: tuple[Count, ...] = ()
    lasted: tuple[Lasted, ...] = ()
    reads: int = field(default=0, compare=False)

    @property
    def runs(self) -> int:
        """How many were carried out: refusals are none."""
        return sum(each.number for each in self.counts if each.outcome != "refused")

    def to_text(self) -> str:
        """As it is kept: ASCII, and the same text for the same day."""
        counts = [[*vars(each).values()] for each in self.counts]
        lasted = [[*({**vars(each), "began": stamp(each.began)}).values()] for each in self.lasted]
        told = {"day": self.day.isoformat(), "counts": counts, "lasted": lasted}
        return json.dumps(told, separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_text(cls, text: str, reads: int = 0) -> "Day":
        """What ``to_text`` wrote. Raises ValueError, TypeError, KeyError where it is something else."""
        told: Mapping[str, Any] = json.loads(text)
        counts = (_count(*one) for one in told["counts"])
        lasted = (_lasted(*one) for one in told["lasted"])
        return cls(date.fromisoformat(told["day"]), tuple(counts), tuple(lasted), reads)


def _count(*told: Any) -> Count:
    *texts, number, seconds, asked = told
    runbook, family, resource, symptom, outcome, gate = texts
    return Count(runbook, family, resource, symptom, outcome, gate, number, tuple(seconds), tuple(asked))


def _lasted(*told: Any) -> Lasted:
    runbook, resource, symptom, alarm, level, began, seconds = told
    return Lasted(runbook, resource, symptom, alarm, level, moment(began), seconds)
