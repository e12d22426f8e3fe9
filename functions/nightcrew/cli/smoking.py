"""A made-up alarm on its way through a stack: how long each part takes, and where it hangs."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightcrew.authoring.catalog import Catalog
from nightcrew.cli.doctoring.examination import examine
from nightcrew.cli.doctoring.finding import Finding
from nightcrew.cli.doctoring.patient import ASKING, Patient
from nightcrew.cli.made_up import PARAMETER, RUNBOOK, MadeUp, there
from nightcrew.cli.stack import Stack
from nightcrew.ledger.history import Row, history

LOOKS = timedelta(seconds=0.5)
"""Between looks at the ledger: each is one query."""

_LINKS = ("rules", "queues", "intake", "policy", "alarms")
"""What the doctor is asked about, where nothing was decided in time."""


@dataclass(frozen=True)
class Passed:
    """What a made-up alarm came to. ``set``: until it was in ALARM; ``decided``: from then until its decision was read
    from the ledger. ``row`` is what stands there, None where it hangs.
    """

    alarm: str
    set: timedelta
    decided: timedelta
    row: Row | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON, seconds with their fractions."""
        row = self.row
        told = row and {"run": row.run, "outcome": row.outcome, "gate": row.gate, "words": row.words, "at": row.ended}
        return {"alarm": self.alarm, "set": self.set, "decided": self.decided, "decision": told}


def through(stack: Stack, made: MadeUp, catalog: Catalog, within: timedelta) -> Passed:
    """Send it, and wait until it is decided, or ``within`` is over. The alarm is gone afterwards.

    Raises NotHere where nothing was sent, Unreachable where AWS does not answer, or the alarm may still be there.
    """
    made.check(stack.policy, catalog, stack.clock)
    runbook, clock = catalog[RUNBOOK], stack.clock
    resource = runbook.arn(runbook.form.validate({PARAMETER: made.queue}), account=made.account, region=made.region)
    began = clock.now()
    with there(made, stack.clients("cloudwatch", ASKING)):
        sent = clock.now()
        while True:
            rows = history(stack.store, now=clock.now(), resource=resource, limit=1).rows
            now = clock.now()
            if rows or now - sent >= within:
                return Passed(made.alarm, sent - began, now - sent, rows[0] if rows else None)
            clock.sleep(LOOKS.total_seconds())


def where(patient: Patient) -> list[Finding]:
    """What the doctor finds on the way of an alarm."""
    return [found for name in _LINKS for found in examine(patient, name) if found.state != "ok"]
