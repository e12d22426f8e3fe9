"""An error budget of policy: when little of it is left, less runs by itself."""

from dataclasses import dataclass, field

from nightcrew.admission.selecting import Subject, When
from nightcrew.admission.settings import Level


@dataclass(frozen=True)
class ErrorBudget:
    """Below ``below`` percent left of the budget of ``slo`` (a service level objective's name or ARN), what ``when``
    covers, and ``but`` does not, may do no more by itself than ``autonomy``. Without ``when`` that is everything.

    ``resources`` are patterns of ARNs: what the objective is about, for reports of what remediation gave back.
    """

    number: int
    slo: str
    below: int
    autonomy: Level
    when: When = field(default_factory=When)
    but: When = field(default_factory=When)
    resources: tuple[str, ...] = ()
    line: int = 0

    def covers(self, subject: Subject) -> bool:
        """Whether it limits this start."""
        if self.but.given and self.but.covers(subject):
            return False
        return not self.when.given or self.when.covers(subject)

    def __str__(self) -> str:
        return f"error_budgets[{self.number}] ({self.slo})"
