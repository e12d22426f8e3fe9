"""Another runbook than the usual one, where it has a clearly better record here. It is suggested, and never started."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nightcrew.durations import in_words
from nightcrew.knowledge.recall.record import Record

GOOD = 0.4
"""A record is good from this lower bound on: 3 of 3, 5 of 6, 6 of 8, 8 of 11."""

ENOUGH = 5
"""How often the usual one must have been tried before its record can be called poor."""

CLEARLY = 0.2
"""How much higher the other's lower bound must be; and it must be above what the usual one reached at all."""


@dataclass(frozen=True)
class Suggestion:
    """``record`` is the suggested runbook's, ``usual`` that of the one that it would stand for, if there is one.

    ``symptoms`` are those that the records are about, where they are only similar to what was asked about.
    """

    runbook: str
    record: Record
    usual: Record | None = None
    symptoms: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """A sentence for people."""
        where = f"a similar symptom ({self.symptoms[0]})" if self.symptoms else "this symptom"
        better = f"{self.runbook} helped with {where} {_often(self.record)}"
        return f"{better}; {self.usual.runbook} only {_often(self.usual)}" if self.usual is not None else better

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "runbook": self.runbook,
            "words": self.words,
            "record": self.record.to_dict(),
            "usual": self.usual.to_dict() if self.usual is not None else None,
            "symptoms": list(self.symptoms),
        }


def suggestion(records: Sequence[Record], usual: str | None, symptoms: tuple[str, ...] = ()) -> Suggestion | None:
    """What these records, best first, suggest. ``usual`` is the runbook that would run; None where none would.

    None where no record is good, or the usual one is tried too seldom to be judged, or is not clearly worse.
    """
    best = next((each for each in records if each.runbook != usual and each.lower >= GOOD), None)
    if best is None:
        return None
    if usual is None:
        return Suggestion(best.runbook, best, None, symptoms)
    known = next((each for each in records if each.runbook == usual), None)
    if known is None or known.tried < ENOUGH:
        return None
    if best.lower < known.lower + CLEARLY or best.lower <= known.rate:
        return None
    return Suggestion(best.runbook, best, known, symptoms)


def _often(record: Record) -> str:
    median = f" (median {in_words(record.median)})" if record.median is not None else ""
    return f"{record.cured} of {record.tried} times{median}"
