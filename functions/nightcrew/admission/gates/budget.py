"""budget: how much of a group may be worked on at one time, and in a clock hour. Known at hold, when the group is.

At one time: the size of the group's set of holders, the same set that is the shared lock. In an hour: a counter of
its own, which lives for a day.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.gates.lock import member
from nightcrew.admission.request import Group, Request, lock_key
from nightcrew.clock import moment, stamp
from nightcrew.errors import Refused
from nightcrew.ledger.conditions import Absent, Below, Contains, SizeBelow
from nightcrew.ledger.transaction import Failure, Piece

DAY = timedelta(days=1)


class Budget(Gate):
    """Refuses when too many runs work on the group's members now, or did in this hour."""

    name = "budget"

    def holding(self, request: Request, groups: Sequence[Group], now: datetime) -> Sequence[Piece]:
        return [piece for group in groups for piece in self._of(request, group, now)]

    def _of(self, request: Request, group: Group, now: datetime) -> Sequence[Piece]:
        at_once = request.settings.budget_at_once.value.of(group.size)
        hourly = request.settings.budget_hour.value.of(group.size)
        room = Absent("holders") | SizeBelow("holders", at_once) | Contains("holders", member(request))
        counted = Absent("n") | Below("n", hourly)
        hour = {"key": f"hour#{group.arn}#{now:%Y-%m-%dT%H}"}
        expires = int((now + DAY).timestamp())
        return [
            Piece(table="state", key={"key": lock_key(group.arn)}, gate=self.name, condition=room),
            Piece(table="state", key=hour, gate=self.name, condition=counted, adds={"n": 1}, sets={"expires": expires}),
        ]

    def refused(self, request: Request, failure: Failure, now: datetime) -> Refused:
        old = failure.old or {}
        key = str(failure.piece.key["key"])
        if key.startswith("hour#"):
            next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            because = request.settings.budget_hour.because
            words = f"{old['n']} runs worked on the group in this hour, and that is its budget ({because})"
            return Refused("budget", words, figures={"n": old["n"], "item": key, "because": because}, until=next_hour)
        living = sorted(holder for holder in old.get("holders", ()) if holder > stamp(now))
        because = request.settings.budget_at_once.because
        words = f"{len(living)} runs work on the group now, and that is its budget ({because})"
        figures = {"holders": len(living), "item": key, "because": because}
        # Each leaves when its run closes, or its lease ends: the first of these at the latest.
        until = moment(living[0].split("|", 1)[0]) if living else None
        return Refused("budget", words, figures=figures, until=until)
