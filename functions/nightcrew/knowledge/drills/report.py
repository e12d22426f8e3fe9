"""Each drill of policy with its last result and its next start; what was drilled by hand; what AWS Backup tested."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nightcrew.admission.drill import Drill
from nightcrew.clock import stamp
from nightcrew.knowledge.drills.restore_testing import RestoreTest
from nightcrew.knowledge.drills.result import Result

LATE = timedelta(days=1)
"""How much later than its time a drill may be before it is said."""


@dataclass(frozen=True)
class Line:
    """A drill: of policy, by hand, or both. ``next`` is its next start, where one is kept."""

    drill: Drill | None
    resource: str
    last: Result | None
    next: datetime | None = None

    def stands(self, now: datetime) -> str:
        """The last one's verdict, or "late" where it met its targets too long ago, or "not drilled"."""
        if self.last is None:
            return "not drilled"
        late = self.drill is not None and now - self.last.started > self.drill.every + LATE
        return "late" if self.last.verdict == "met" and late else self.last.verdict

    @property
    def targets(self) -> Mapping[str, timedelta]:
        """Those of policy now; else those that the last one was given."""
        if self.drill is None:
            return self.last.targets if self.last else {}
        said = {"rto": self.drill.rto, "rpo": self.drill.rpo}
        return {name: aim for name, aim in said.items() if aim is not None}


@dataclass(frozen=True)
class Report:
    """All of it, as of a moment. ``unread`` is why AWS Backup's own results are not in it, where they are not."""

    now: datetime
    lines: Sequence[Line]
    tested: Sequence[RestoreTest] = ()
    unread: str = ""

    @property
    def well(self) -> bool:
        """Whether each drill of policy met its targets, and lately."""
        return all(each.stands(self.now) == "met" for each in self.lines if each.drill is not None)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; lengths in seconds."""
        return {
            "at": stamp(self.now),
            "well": self.well,
            "drills": [self._one(each) for each in self.lines],
            "restore_testing": [each.to_dict() for each in self.tested],
            "unread": self.unread,
        }

    def _one(self, each: Line) -> dict[str, Any]:
        drill = each.drill
        of_policy = (
            {"runbook": drill.runbook, "parameters": dict(drill.parameters), "every": drill.every.total_seconds()}
            if drill is not None
            else None
        )
        return {
            "policy": of_policy,
            "resource": each.resource,
            "stands": each.stands(self.now),
            "targets": {name: int(aim.total_seconds()) for name, aim in each.targets.items()},
            "next": stamp(each.next) if each.next else None,
            "last": each.last.to_dict() if each.last else None,
        }


def lines_of(
    drills: Iterable[tuple[Drill, str]], results: Iterable[Result], starts: Mapping[str, datetime | None]
) -> list[Line]:
    """A line for each drill of policy (with the ARN that it holds), in its order; then what else was drilled."""
    last = {(each.runbook, each.resource): each for each in reversed(list(results))}
    made = [
        Line(drill, resource, last.pop((drill.runbook, resource), None), starts.get(drill.key))
        for drill, resource in drills
    ]
    others = sorted(last.values(), key=lambda each: each.started, reverse=True)
    return [*made, *(Line(None, each.resource, each) for each in others)]
