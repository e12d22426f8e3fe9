"""What the API answers about the past, as the values that the same commands have elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from nightcrew.admission.follow_ups import Due
from nightcrew.api.standing import Stands
from nightcrew.api.why import Decision, Why
from nightcrew.clock import moment
from nightcrew.knowledge.statistics.figures import Figures, Saved
from nightcrew.knowledge.statistics.statistics import Proof, Recurring, Statistics

Told = Mapping[str, Any]


@dataclass(frozen=True)
class AnsweredFigures(Figures):
    """Figures as the API answers them: without the runs' own times, so with what came of these (``told``)."""

    told: Told = field(default_factory=dict)

    @property
    def median(self) -> float | None:
        """As it was answered."""
        return _number(self.told["median_seconds"])

    @property
    def p90(self) -> float | None:
        """As it was answered."""
        return _number(self.told["p90_seconds"])

    @property
    def people_median(self) -> float | None:
        """As it was answered."""
        return _number(self.told["people_median_seconds"])

    @property
    def sources(self) -> dict[str, int]:
        """As they were answered."""
        return dict(self.told["people_sources"])


def statistics_of(told: Told) -> Statistics:
    """Out of the answer of ``GET /statistics``."""
    return Statistics(
        since=date.fromisoformat(told["since"]),
        until=date.fromisoformat(told["until"]),
        by=str(told["by"]),
        total=_figures(told["total"]),
        groups=tuple(map(_figures, told["groups"])),
        weeks=tuple(map(_figures, told["weeks"])),
        gates=told["refused_by_gate"],
        symptoms=tuple(Recurring(**known(Recurring, each)) for each in told["symptoms"]),
        proofs=tuple(Proof(**{**known(Proof, each), "last": _day(each["last"])}) for each in told["old_proofs"]),
        drills=_figures(told["drills"]) if "drills" in told else Figures("drills"),
        reads=int(told["reads"]),
    )


def why_of(told: Told) -> Why:
    """Out of the answer of ``GET /why``."""
    decisions = tuple(map(_decision, told["decisions"]))
    about = [told["resource"]] if told["resource"] else list(dict.fromkeys(each.resource for each in decisions))
    again = [(moment(each["due"]), str(each["runbook"]), str(each["alarm"])) for each in told["second_tries"]]
    return Why(
        told["resource"],
        told["alarm"],
        decisions,
        {arn: [_stands(each) for each in told["now"] if each["resource"] == arn] for arn in about},
        {each["resource"]: str(each["words"]) for each in told["suggestions"]},
        {each["halt"]: {name: value for name, value in each.items() if name != "halt"} for each in told["halts"]},
        tuple(Due("", "retry", due, runbook, alarm, {}) for due, runbook, alarm in again),
    )


def known(kind: type[Any], told: Told) -> dict[str, Any]:
    """What a value of this kind has: a later installation may answer more."""
    return {each.name: told[each.name] for each in fields(kind) if each.name in told}


def _decision(told: Told) -> Decision:
    return Decision(**{**known(Decision, told), "at": _moment(told["at"]), "until": _moment(told["until"])})


def _figures(told: Told) -> Figures:
    saved = told["saved_of"]
    parts = {name.rsplit("_", 1)[0]: value for name, value in (saved or {}).items()}
    lost = Saved(**known(Saved, parts)) if saved else None
    return AnsweredFigures(str(told["name"]), told["outcomes"], int(told["refused"]), saved=lost, told=told)


def _stands(told: Told) -> Stands:
    return Stands(told["gate"], told["refuses"], told["words"], _moment(told["until"]), told["figures"])


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return moment(text) if text else None
