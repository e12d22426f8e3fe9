"""Autonomy by evidence, for people: what each runbook did, what that allows, what policy says, and what to promote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rich.text import Text

from nightcrew.admission.policy import Policy
from nightcrew.admission.settings import Level
from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.output import Output
from nightcrew.cli.tables import listed
from nightcrew.clock import stamp
from nightcrew.knowledge.autonomy.earned import Earned
from nightcrew.knowledge.autonomy.promotion import Promotion
from nightcrew.knowledge.autonomy.proposing import level_of


@dataclass(frozen=True)
class Told:
    """Everything that is told. ``where`` are the Region and the account for which policy is asked."""

    now: datetime
    earned: Sequence[Earned]
    policy: Policy
    catalog: Catalog
    where: tuple[str, str]
    promotions: Sequence[Promotion]

    def level(self, each: Earned) -> Level:
        """What policy says now."""
        return level_of(self.policy, self.catalog[each.runbook], *self.where, each.tag)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "at": stamp(self.now),
            "runbooks": [{**each.to_dict(), "policy": str(self.level(each))} for each in self.earned],
            "promotions": [each.to_dict() for each in self.promotions],
        }


def show(told: Told, output: Output) -> None:
    """All of it."""
    if not told.earned:
        output.print("No runbook ran yet: there is no evidence of anything.")
        return
    rows = [
        [
            Text(f"{each.proof.helped} of {each.proof.tried}".rjust(9)),
            Text(f"{each.lower:.2f}".rjust(5)),
            Text(_ago(each.proof.last, told.now.date())),
            Text(str(told.level(each))),
            _allowed(each, told, output),
            Text(each.runbook if each.tag is None else f"  {each.tag}"),
        ]
        for each in told.earned
    ]
    headings = ["   helped", "lower", "last", "policy", "evidence", "runbook"]
    output.print(*listed(headings, rows, output, more=[each.missing for each in told.earned], beside="missing"))
    if told.promotions:
        output.print("", Text("What the evidence is enough for", style="bold"))
        for each in told.promotions:
            about = f" on {each.tag[0]}={each.tag[1]}" if each.tag else ""
            output.print(Text(f"  {each.runbook}{about}: {each.now} → {each.level} ({each.why})"))


def _allowed(each: Earned, told: Told, output: Output) -> Text:
    """Whether policy lets it do more than was seen, less, or just that."""
    level = told.level(each)
    outcome = "succeeded" if level == each.allows else "waiting" if level < each.allows else "warning"
    return output.mark(outcome, str(each.allows))


def _ago(last: date | None, today: date) -> str:
    if last is None:
        return "never"
    days = (today - last).days
    return "today" if days == 0 else f"{days} d ago"
