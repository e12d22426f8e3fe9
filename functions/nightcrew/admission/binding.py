"""A binding of policy: which runbook answers alarms, or events, of a name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import ClassVar, Self

from nightcrew.admission.policy_item import Item, Place, Wrong
from nightcrew.admission.settings import Level


@dataclass(frozen=True)
class Binding(Item):
    """Alarms of this name (a pattern: ``*``, ``?``, ``[ab]``; case counts) are answered by that runbook.

    Or events: then ``of`` is "event", and the pattern that of an event's name, like ``aws.rds:*:RDS-EVENT-0007``.
    """

    SECTION: ClassVar[str] = "bindings"

    alarm: str
    runbook: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    autonomy: Level | None = None
    of: str = "alarm"

    @cached_property
    def prefix(self) -> str:
        """The pattern up to its first wildcard: most alarms are told apart by it, without a regular expression."""
        ends = [at for at in (self.alarm.find(wild) for wild in "*?[") if at >= 0]
        return self.alarm[: min(ends, default=len(self.alarm))]

    def answers(self, alarm: str) -> bool:
        return alarm.startswith(self.prefix) and fnmatchcase(alarm, self.alarm)

    @property
    def called(self) -> str:
        return f"{self.of}: {self.alarm}"

    @property
    def runbooks(self) -> Mapping[Place, str | None]:
        return {("runbook",): self.runbook}

    def wrong(self, earlier: Sequence[Self]) -> Iterator[Wrong]:
        for other in earlier:
            if (other.of, other.alarm) == (self.of, self.alarm):
                yield (self.of,), self.alarm, f"it may stand once, and {other} binds it already"
