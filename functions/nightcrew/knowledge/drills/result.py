"""What a drill came to, from its run's chain: the figures that it measured, and how they stand to its targets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nightcrew.aws.drills import MEASURED, PREFIX, misses
from nightcrew.clock import moment, stamp
from nightcrew.durations import duration
from nightcrew.ledger.cases import HELPED
from nightcrew.ledger.entries import Entry
from nightcrew.ledger.history import Row, entries, history
from nightcrew.ledger.store import Store

NOT_DRILLED = ("refused", "declined", "not_applicable", "cancelled", "planned")
"""Outcomes of a run that says nothing of the backup."""

MOST = 100
"""Runs of one runbook that are looked back on."""


@dataclass(frozen=True)
class Result:
    """One drill. ``rto`` and ``rpo`` are seconds, None where it did not come to measure; ``targets`` those that it was
    given; ``verdict`` is "met", "missed", "failed" or "not drilled".
    """

    run: str
    runbook: str
    resource: str
    parameters: Mapping[str, Any]
    outcome: str
    words: str
    started: datetime
    rto: int | None = None
    rpo: int | None = None
    as_of: str | None = None
    targets: Mapping[str, timedelta] = field(default_factory=dict)

    @property
    def missed(self) -> list[str]:
        """The targets that it missed."""
        if self.rto is None:
            return []
        return misses({"rto": self.rto, "rpo": self.rpo}, self.targets.get("rto"), self.targets.get("rpo"))

    @property
    def verdict(self) -> str:
        """How it stands."""
        if self.outcome in HELPED:
            return "met"
        if self.outcome in NOT_DRILLED:
            return "not drilled"
        return "missed" if self.missed else "failed"

    def to_dict(self) -> dict[str, Any]:
        """As JSON; lengths in seconds."""
        return {
            "run": self.run,
            "runbook": self.runbook,
            "resource": self.resource,
            "outcome": self.outcome,
            "words": self.words,
            "started": stamp(self.started),
            "rto": self.rto,
            "rpo": self.rpo,
            "as_of": self.as_of,
            "targets": {name: int(aim.total_seconds()) for name, aim in self.targets.items()},
            "missed": self.missed,
            "verdict": self.verdict,
        }


def result_of(chain: Sequence[Entry]) -> Result | None:
    """From the chain of a run that has ended; None of any other, and of one that is no drill."""
    if not chain or chain[-1].kind not in {"closing", "refusal"}:
        return None
    opening, closing = chain[0].body, chain[-1].body
    if not str(opening["runbook"]).startswith(PREFIX):
        return None
    found = _measured(fact for entry in chain for fact in entry.body.get("facts", ()))
    parameters: Mapping[str, Any] = opening.get("parameters", {})
    return Result(
        run=chain[0].run,
        runbook=str(opening["runbook"]),
        resource=str(opening["resource"]),
        parameters=parameters,
        outcome=str(closing["outcome"]),
        words=str(closing["words"]),
        started=moment(str(closing["started"])),
        rto=found.get("rto"),
        rpo=found.get("rpo"),
        as_of=found.get("as_of"),
        targets={name: duration(str(parameters[name])) for name in ("rto", "rpo") if parameters.get(name)},
    )


def latest(store: Store, now: datetime, runbooks: Iterable[str], since: timedelta) -> list[Result]:
    """The last drill of each resource, by these runbooks, the newest first: a query for each runbook, and one for each
    that is found. One that was refused stands only where none was ever carried out. Raises Unreachable.
    """
    rows: dict[tuple[str, str], Row] = {}
    for runbook in runbooks:
        for row in history(store, now=now, runbook=runbook, since=now - since, limit=MOST).rows:
            known = rows.setdefault((runbook, row.resource), row)
            if known.outcome in NOT_DRILLED and row.outcome not in NOT_DRILLED:
                rows[runbook, row.resource] = row
    found = [result for row in rows.values() if (result := result_of(entries(store, row.run))) is not None]
    return sorted(found, key=lambda each: each.started, reverse=True)


def _measured(facts: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next((fact["value"] for fact in facts if fact.get("proved") == MEASURED and fact.get("met")), {})
