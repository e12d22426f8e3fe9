"""What a game day showed: each expectation with what came, what each gate said, and how long each part took."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nightcrew.admission.gates import GATES
from nightcrew.clock import stamp
from nightcrew.dispatch.gameday.allowed import Ready
from nightcrew.dispatch.gameday.watching import Seen
from nightcrew.errors import Unreachable
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import Piece

PASSED = "passed"


@dataclass(frozen=True)
class Expectation:
    """One thing that was expected, what came instead or as well, and whether it held."""

    what: str
    expected: str
    got: str
    held: bool

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Report:
    """``times`` are seconds; ``taken_back`` says how the fault was taken back, and ``left`` why it could not be."""

    name: str
    fault: str
    by: str
    policy: str
    began: str
    ended: str
    resource: str
    run: str | None
    runbook: str | None
    outcome: str | None
    words: str
    stopped: str | None
    expectations: tuple[Expectation, ...]
    gates: Mapping[str, str]
    times: Mapping[str, float]
    taken_back: str | None
    left: str | None = None
    notes: Sequence[str] = field(default=())

    @property
    def held(self) -> bool:
        """Whether all went as it should."""
        return all(each.held for each in self.expectations)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            **vars(self),
            "held": self.held,
            "expectations": [each.to_dict() for each in self.expectations],
            "gates": dict(self.gates),
            "times": dict(self.times),
            "notes": list(self.notes),
        }


def report(ready: Ready, seen: Seen, by: str, now: datetime, taken_back: str | None, left: str | None) -> Report:
    """Of what was seen."""
    return Report(
        name=ready.game_day.name,
        fault=str(ready.game_day.fault),
        by=by,
        policy=ready.request.policy,
        began=stamp(seen.since),
        ended=stamp(now),
        resource=ready.request.resource,
        run=seen.run,
        runbook=seen.runbook,
        outcome=seen.outcome,
        words=seen.words,
        stopped=seen.stopped,
        expectations=tuple(_expectations(ready, seen, now, taken_back, left)),
        gates=_gates(seen),
        times=_times(seen),
        taken_back=taken_back,
        left=left,
        notes=ready.notes,
    )


def _expectations(
    ready: Ready, seen: Seen, now: datetime, taken_back: str | None, left: str | None
) -> Iterator[Expectation]:
    game_day = ready.game_day
    fired = "it fired" if seen.fired else f"it stayed {seen.state or 'as it was'}"
    yield Expectation("alarm", game_day.alarm, fired, seen.fired is not None)
    chosen = seen.runbook or "none"
    yield Expectation("runbook", game_day.runbook, chosen, seen.runbook == game_day.runbook)
    outcome = seen.outcome or ("it has not ended" if seen.run else "no run")
    yield Expectation("outcome", game_day.outcome, outcome, seen.outcome == game_day.outcome)
    done = max(filter(None, (seen.ended, seen.ok)), default=now)
    took = int((done - seen.since).total_seconds())
    most = int(game_day.within.total_seconds())
    yield Expectation("time", f"{most} s at most", f"{took} s", seen.stopped is None and took <= most)
    yield Expectation("fault", "taken back", taken_back or f"NOT taken back: {left}", taken_back is not None)


def _gates(seen: Seen) -> dict[str, str]:
    """What each said, as far as that is known: who admits has asked all, and a refusal names the first that refused."""
    if seen.run is None:
        return {}
    admitted = not seen.run.startswith("refused-")
    said = {gate.name: PASSED for gate in GATES} if admitted else {}
    return {**said, seen.gate: seen.words} if seen.gate else said


def _times(seen: Seen) -> dict[str, float]:
    steps = (
        ("fault to ALARM", seen.since, seen.fired),
        ("ALARM to decision", seen.fired, seen.decided),
        ("decision to end", seen.decided, seen.ended),
        ("fault to OK", seen.since, seen.ok),
    )
    return {name: max(0.0, round((b - a).total_seconds(), 3)) for name, a, b in steps if a and b}


def keep(store: Store, told: Report) -> None:
    """The last one of its name. Raises Unreachable, Conflict."""
    sets = {"report": json.dumps(told.to_dict(), ensure_ascii=False), "at": told.began}
    store.transact([Piece(table="state", key=_key(told.name), gate="game day", sets=sets)])


def last(store: Store, names: Sequence[str]) -> list[dict[str, Any] | None]:
    """The last report of each, as JSON; None where it was never played. Raises Unreachable."""
    if not names:
        return []
    found: list[dict[str, Any] | None] = []
    for first in range(0, len(names), 100):
        items = store.get_all("state", [_key(name) for name in names[first : first + 100]])
        found += [None if item is None else _read(item) for item in items]
    return found


def _read(item: Mapping[str, Any]) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(str(item["report"]))
    except (KeyError, ValueError) as error:
        raise Unreachable(f"the report {item.get('key')} cannot be read: {error}") from error
    return told


def _key(name: str) -> dict[str, str]:
    return {"key": f"gameday-report#{name}"}
