"""An error budget of policy: when little of it is left, less runs by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from nightcrew.admission.policy_item import Item, Place, Wrong, asked_at_admission
from nightcrew.admission.selecting import Subject, When
from nightcrew.admission.settings import Level


@dataclass(frozen=True)
class ErrorBudget(Item):
    """Below ``below`` percent left of the budget of ``slo`` (a service level objective's name or ARN), what ``when``
    covers, and ``but`` does not, may do no more by itself than ``autonomy``. Without ``when`` that is everything.

    ``resources`` are patterns of ARNs: what the objective is about, for reports of what remediation gave back.
    """

    SECTION: ClassVar[str] = "error_budgets"

    slo: str
    below: int
    autonomy: Level
    when: When = field(default_factory=When)
    but: When = field(default_factory=When)
    resources: tuple[str, ...] = ()

    def covers(self, subject: Subject) -> bool:
        """Whether it limits this start."""
        if self.but.given and self.but.covers(subject):
            return False
        return self.when.covers(subject)

    @property
    def called(self) -> str:
        return self.slo

    @property
    def runbooks(self) -> Mapping[Place, str | None]:
        return {("when", "runbook"): self.when.runbook, ("except", "runbook"): self.but.runbook}

    def wrong(self, earlier: Sequence[Self]) -> Iterator[Wrong]:
        del earlier  # one objective may have several, each below another share
        if self.autonomy is Level.AUTO:
            yield ("autonomy",), "auto", "observe, suggest or approve: a budget may only lower autonomy"
        yield from asked_at_admission("when", self.when)
        yield from asked_at_admission("except", self.but)
