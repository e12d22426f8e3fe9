"""A backtest as JSON: version 1. docs/backtest.md describes it, and a test holds the two together."""

from dataclasses import dataclass
from typing import Any

from nightcrew.admission.policy import Policy
from nightcrew.dispatch.backtest.figures import AlarmFigures, Both, Figures, RunbookFigures, Tally
from nightcrew.dispatch.backtest.recorded import Recorded
from nightcrew.dispatch.backtest.replay import Played
from nightcrew.dispatch.backtest.supposing import Supposed
from nightcrew.dispatch.backtest.unknowns import supposed_words, unknowns

VERSION = 1


@dataclass(frozen=True)
class Backtest:
    """Everything about one backtest: what was read, what was decided twice, and the figures."""

    recorded: Recorded
    policy: Policy
    supposed: Supposed
    by_policy: Played
    if_auto: Played
    figures: Figures

    @property
    def suppositions(self) -> list[str]:
        """In words, what was supposed."""
        return list(supposed_words(self.supposed, {each.name: each.takes for each in self.figures.runbooks}))

    @property
    def unknowns(self) -> list[str]:
        """In words, what could not be known."""
        return list(unknowns(self.recorded, self.policy, self.if_auto))

    def to_dict(self) -> dict[str, Any]:
        """The document; times as ``datetime``, for whoever writes it."""
        figures = self.figures
        return {
            "version": VERSION,
            "source": self.recorded.source,
            "since": self.recorded.since,
            "until": self.recorded.until,
            "policy": {"file": self.policy.file, "version": self.policy.version},
            "supposed": {
                "outcome": self.supposed.outcome,
                "takes_seconds": self.supposed.takes.total_seconds() if self.supposed.takes is not None else None,
                "words": self.suppositions,
            },
            "unknown": self.unknowns,
            "changes": len(self.recorded.changes),
            "alarms_fired": sum(each.fired > 0 for each in figures.alarms),
            "alarms_quiet": figures.quiet,
            "alarms_gone": dict(self.recorded.gone),
            "fired": figures.fired,
            "in_peoples_hands": figures.lasted.to_dict(),
            **_both(figures.tallies),
            "gates": [
                {
                    "gate": each.name,
                    "by_policy": each.by_policy,
                    "if_auto": each.if_auto,
                    "example": each.example.to_dict(),
                }
                for each in figures.gates
            ],
            "runbooks": [_runbook(each) for each in figures.runbooks],
            "alarms": [_alarm(each) for each in figures.alarms],
            "unknown_alarms": [each.name for each in figures.unknown],
            "decisions": {
                "by_policy": [each.to_dict() for each in self.by_policy.decisions],
                "if_auto": [each.to_dict() for each in self.if_auto.decisions],
            },
        }


def _runbook(each: RunbookFigures) -> dict[str, Any]:
    told = {"runbook": each.name, "alarms": each.alarms, "fired": each.fired, **_both(each.tallies)}
    return {**told, "in_peoples_hands": each.lasted.to_dict(), "takes_seconds": each.takes.total_seconds()}


def _alarm(each: AlarmFigures) -> dict[str, Any]:
    told = {"alarm": each.name, "fired": each.fired, "runbooks": list(each.runbooks), "why": each.why or None}
    return {**told, "in_peoples_hands": each.lasted.to_dict(), **_both(each.tallies)}


def _both(tallies: Both) -> dict[str, Any]:
    return {"by_policy": _tally(tallies.by_policy), "if_auto": _tally(tallies.if_auto)}


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "verdicts": tally.verdicts,
        "labels": tally.labels,
        "second_tries": tally.second,
        "people_told": tally.told,
        "at_stake_seconds": tally.at_stake.total_seconds(),
    }
