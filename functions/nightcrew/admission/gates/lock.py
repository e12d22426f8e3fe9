"""lock: one run at a time on a resource, of whichever runbook, and none beside a run on what contains it.

The resource's own item has an ``owner`` (exclusive); a group's item has ``holders`` (shared): a set of
``EXPIRY|RUN``, so that what a dead run left behind can be told from what is alive. The owner is the run's id, which
is never used again: it is the fence.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from nightcrew.admission.gates.gate import Gate
from nightcrew.admission.request import Group, Request, lock_key
from nightcrew.clock import moment, stamp
from nightcrew.errors import Refused
from nightcrew.ledger.conditions import Absent, Equals
from nightcrew.ledger.transaction import Failure, Piece

_OURS = ("owner", "lease", "cancel", "open", "runbook", "symptom", "actor", "started", "held", "also")


class Lock(Gate):
    """Refuses while another run has the resource, or one that contains it or is contained in it."""

    name = "lock"

    def opening(self, request: Request, now: datetime) -> Sequence[Piece]:
        taken = {
            "owner": request.run,
            "lease": stamp(request.at + request.lease),
            "open": "open",
            "runbook": request.runbook,
            "symptom": request.symptom,
            "actor": request.actor,
            "started": stamp(request.at),
        }
        free = Absent("owner") & Absent("holders")
        return [
            Piece(
                table="state",
                key={"key": request.lock},
                gate=self.name,
                condition=free,
                sets=taken,
                removes=("cancel",),
            )
        ]

    def holding(self, request: Request, groups: Sequence[Group], now: datetime) -> Sequence[Piece]:
        once = Equals("owner", request.run) & Absent("held")
        mine = Piece(table="state", key={"key": request.lock}, gate=self.name, condition=once, sets={"held": True})
        shared = [
            Piece(
                table="state",
                key={"key": lock_key(group.arn)},
                gate=self.name,
                condition=Absent("owner"),
                adds={"holders": {member(request)}},
            )
            for group in groups
        ]
        return [mine, *shared] if shared else ()

    def refused(self, request: Request, failure: Failure, now: datetime) -> Refused:
        old = failure.old or {}
        if "owner" in old:
            return _held(str(old["owner"]), str(old.get("runbook", "?")), str(old["lease"]), failure)
        living = [holder.split("|", 1) for holder in sorted(old.get("holders", ())) if holder > stamp(now)]
        until, run = living[-1] if living else (stamp(now), "?")
        return _held(run, "a runbook on a member of it", until, failure)

    def closing(
        self, request: Request, groups: Sequence[str], outcome: str, seen: Mapping[str, Any]
    ) -> Sequence[Piece]:
        owned = Equals("owner", request.run)
        release = Piece(table="state", key={"key": request.lock}, gate=self.name, condition=owned, removes=_OURS)
        leave = [
            Piece(table="state", key={"key": lock_key(group)}, gate=self.name, takes={"holders": {member(request)}})
            for group in groups
        ]
        return [release, *leave]


def member(request: Request) -> str:
    """How a run stands in a group's set of holders: its lease's end first, so that the dead can be told."""
    return f"{stamp(request.at + request.lease)}|{request.run}"


def expired(failure: Failure, now: datetime) -> str | None:
    """The run whose dead lock stands in the way, if one does."""
    old = failure.old or {}
    return str(old["owner"]) if "owner" in old and str(old.get("lease", "")) < stamp(now) else None


def pruned(piece: Piece, old: dict[str, object], now: datetime) -> Piece | None:
    """The same piece against exactly these holders, where all of them are dead; None where one lives."""
    holders = old.get("holders")
    if not isinstance(holders, set) or "owner" in old or any(holder > stamp(now) for holder in holders):
        return None
    exactly = Absent("owner") & Equals("holders", holders)
    return Piece(
        table=piece.table,
        key=piece.key,
        gate=piece.gate,
        condition=exactly,
        sets=piece.sets,
        removes=(*piece.removes, "holders"),
    )


def _held(run: str, runbook: str, lease: str, failure: Failure) -> Refused:
    figures = {"run": run, "runbook": runbook, "lease": lease, "item": str(failure.piece.key.get("key"))}
    return Refused("lock", f"{runbook} has it (run {run})", figures=figures, until=moment(lease), run=run)
