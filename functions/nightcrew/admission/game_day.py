"""A game day of policy: which fault may be put into what, what is expected to follow, and what stops it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Self

from nightcrew.admission.policy_item import Item, Place, Wrong
from nightcrew.ledger.cases import CASES

FAULTS: Mapping[str, tuple[str, str]] = {
    "stop-instance": (r"i-[0-9a-f]{8,17}", "an instance's id"),
    "set-alarm": (r"[ -~]{1,255}", "an alarm's name"),
    "fis": (r"EXT[A-Za-z0-9]{4,60}", "the id of an AWS FIS experiment template, like EXT3kUxJ2wMjPj3d"),
}
"""The kinds of fault, and what each is put into: the pattern of its name, and that in words."""

OUTCOMES = (*CASES, "refused", "declined")
"""What a run may end as."""


@dataclass(frozen=True)
class Fault:
    """``kind`` is one of FAULTS; ``target`` names the instance, the alarm, or the experiment template."""

    kind: str
    target: str

    def __post_init__(self) -> None:
        if self.kind not in FAULTS or not re.fullmatch(FAULTS[self.kind][0], self.target, re.ASCII):
            raise ValueError(f"{self.kind}: {self.target}")

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"


@dataclass(frozen=True)
class GameDay(Item):
    """``fault`` is put into the account and Region; then ``alarm`` is to fire, ``runbook`` to answer it, and its run to
    end as ``outcome``, all ``within`` that time. An alarm of ``blocking`` in ALARM keeps it from being played, or
    stops it. ``region`` is None where it may be any.
    """

    SECTION: ClassVar[str] = "game_days"

    name: str
    fault: Fault
    alarm: str
    runbook: str
    outcome: str
    within: timedelta
    account: str
    region: str | None = None
    blocking: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        return self.name

    @property
    def runbooks(self) -> Mapping[Place, str | None]:
        return {("expects", "runbook"): self.runbook}

    def wrong(self, earlier: Sequence[Self]) -> Iterator[Wrong]:
        if self.alarm in self.blocking:
            yield ("blocking",), self.alarm, "another alarm than the one that is to fire"
        for other in earlier:
            if other.name == self.name:
                yield ("name",), self.name, f"it may stand once: {other} has it"
