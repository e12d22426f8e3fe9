"""One run, or one refusal, as its entries tell it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from nightcrew.knowledge.names import named
from nightcrew.knowledge.postmortem.moment import Moment
from nightcrew.knowledge.postmortem.moments import moments
from nightcrew.ledger.cases import HELPED
from nightcrew.ledger.chain import Chain

ASKED_BY_ALARM, ASKED_BY_EVENT = "alarm: ", "event: "


@dataclass(frozen=True)
class Told(Chain):
    """A chain whose first entry can be read; ``breaks`` say where it was touched."""

    @property
    def began(self) -> datetime:
        """When it was admitted, or refused."""
        return self.entries[0].at

    @property
    def ended(self) -> datetime | None:
        """When it was closed."""
        return self.closing.at if self.closing else None

    @property
    def runbook(self) -> str:
        """Which runbook."""
        return str(self.opening.get("runbook", "?"))

    @property
    def resource(self) -> str:
        """Its resource's ARN."""
        return str(self.opening.get("resource", "?"))

    @property
    def symptom(self) -> str:
        """What it answers."""
        return str(self.opening.get("symptom", ""))

    @property
    def alarm(self) -> str | None:
        """The name of the alarm that asked for it."""
        actor = str(self.opening.get("actor", ""))
        return actor.removeprefix(ASKED_BY_ALARM) if actor.startswith(ASKED_BY_ALARM) else None

    @property
    def event(self) -> str | None:
        """The kind of the event, which is no alarm's, that asked for it."""
        actor = str(self.opening.get("actor", ""))
        return actor.removeprefix(ASKED_BY_EVENT) if actor.startswith(ASKED_BY_EVENT) else None

    @property
    def trouble(self) -> str:
        """What it is about: its alarm, else its resource. Runs about the same come one after the other."""
        return self.alarm or self.resource

    @property
    def sounded(self) -> datetime:
        """When its alarm turned; of a refusal, and of what people started, when it was asked for."""
        return min((each.at for each in self.of("alarm")), default=self.began)

    @property
    def ending(self) -> str:
        """How it ended, in the words of its ending."""
        return str(self.closing.body.get("words", "")) if self.closing else ""

    @property
    def words(self) -> str:
        """The same for a sentence: people by their names, and no full stop."""
        return named(self.ending).rstrip(".")

    @property
    def gate(self) -> str:
        """The gate that refused it, if one did."""
        return str(self.closing.body.get("gate") or "") if self.closing else ""

    @property
    def left(self) -> list[str]:
        """The changes that were not taken back although they were to be, or that nobody took back."""
        return [str(each.get("title", "?")) for each in self._ends("not_undone") if isinstance(each, Mapping)]

    @property
    def undone(self) -> list[str]:
        """The changes that were taken back."""
        return [*map(str, self._ends("undone"))]

    def _ends(self, name: str) -> list[Any]:
        found = self.closing.body.get(name) if self.closing else None
        return found if isinstance(found, list) else []

    @cached_property
    def moments(self) -> list[Moment]:
        """What happened in it."""
        return moments(self.entries)

    def of(self, *kinds: str) -> list[Moment]:
        """Its moments of these kinds."""
        return [each for each in self.moments if each.kind in kinds]

    @property
    def over(self) -> datetime | None:
        """When what it is about was seen to be over; None where its entries do not say so."""
        if self.outcome not in HELPED:
            return None
        seen = self.of("ok") or self.of("proved")
        return seen[-1].at if seen else self.ended
