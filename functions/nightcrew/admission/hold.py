"""Hold: the executor's first step, once it knows the resource's groups and tags. No change comes before it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from nightcrew.admission.abandon import ATTEMPTS, abandon
from nightcrew.admission.gates import GATES, Gate
from nightcrew.admission.gates.autonomy import too_low
from nightcrew.admission.gates.lock import expired, member
from nightcrew.admission.request import Group, Request
from nightcrew.admission.settings import Settings
from nightcrew.clock import StoppedClock, stamp
from nightcrew.errors import Conflict
from nightcrew.ledger.conditions import Absent, Equals
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Failure, Piece


def hold(
    request: Request,
    groups: Sequence[Group],
    settings: Settings,
    store: Store,
    now: datetime,
    gates: Sequence[Gate] = GATES,
) -> None:
    """Take the groups' shared locks. Raises Refused, and nothing is held then. Done once, however often asked.

    A dead run on a group is closed first, and dead members are taken out; Conflict where that happens again and again.
    ``settings`` are what policy says now that the resource's tags are known: a tag may only lower autonomy.
    """
    request = replace(request, settings=settings)
    refusal = too_low(settings.autonomy, by_person=request.by == "person")
    if refusal is not None:
        raise refusal
    wanted = [piece for gate in gates for piece in gate.holding(request, groups, now)]
    if not wanted:
        return
    pieces = wanted
    for _ in range(ATTEMPTS):
        try:
            store.transact(pieces)
        except ConditionFailed as failed:
            if _held_already(request, failed, store):
                return
            if pieces is not wanted:
                failed = _as_wanted(wanted, failed)
                if not failed.failures:
                    pieces = wanted
                    continue
            dead = _dead(request, failed, now)
            if dead is not None:
                abandon(dead, store, StoppedClock(now), "its lease ended, and a run on a member asked for the group")
                pieces = wanted
                continue
            without = _without_dead_members(wanted, request, failed, now)
            if without is None:
                raise _refused(request, failed, gates, now) from failed
            pieces = without
        else:
            return
    raise Conflict(f"the groups of {request.resource} changed hands {ATTEMPTS} times while they were asked for")


def _held_already(request: Request, failed: ConditionFailed, store: Store) -> bool:
    """Whether this very run held before: a crash after the transaction repeats the step, and the hour counts once."""
    key = {"key": request.lock}
    named = next((failure.old for failure in failed.failures if dict(failure.piece.key) == key), None)
    # A cancelled transaction need not name every condition that does not hold: look, before a gate is blamed.
    mine = (named if named is not None else store.get("state", key)) or {}
    return mine.get("owner") == request.run and "held" in mine


def _as_wanted(wanted: list[Piece], failed: ConditionFailed) -> ConditionFailed:
    """Which wishes those items refuse. It was asked for against exactly the members that were seen: that others came or
    left since refuses nobody.
    """
    olds = {str(failure.piece.key): failure.old for failure in failed.failures}
    return ConditionFailed(
        [
            Failure(piece, olds[str(piece.key)])
            for piece in wanted
            if str(piece.key) in olds and not piece.condition.holds(olds[str(piece.key)])
        ]
    )


def _dead(request: Request, failed: ConditionFailed, now: datetime) -> str | None:
    """A dead run on one of the groups. None where the run's own resource is lost: then it closes nobody any more."""
    locks = [failure for failure in failed.failures if failure.piece.gate == "lock"]
    if any(failure.piece.key["key"] == request.lock for failure in locks):
        return None
    return next((dead for dead in (expired(failure, now) for failure in locks) if dead), None)


def _without_dead_members(
    wanted: list[Piece], request: Request, failed: ConditionFailed, now: datetime
) -> list[Piece] | None:
    """The pieces against exactly the members that were seen, with the dead ones out; None where nobody dead is in the
    way.
    """
    crowded = {str(each.piece.key["key"]): each for each in failed.failures if _has_dead_members(each, now)}
    if len(crowded) < len(failed.failures):
        return None
    pieces: list[Piece] = []
    for piece in wanted:
        seen = crowded.get(str(piece.key.get("key")))
        if seen is None or piece.gate != "lock":
            pieces.append(piece)
            continue
        old = set((seen.old or {})["holders"])
        living = {each for each in old if each > stamp(now)}
        if not seen.piece.condition.holds({"holders": living} if living else {}):
            return None
        exactly = Absent("owner") & Equals("holders", old)
        sets = {"holders": {*living, member(request)}}
        pieces.append(replace(piece, condition=exactly, adds={}, sets=sets))
    keys = set(crowded)
    return [piece for piece in pieces if piece.gate == "lock" or piece.key.get("key") not in keys]


def _has_dead_members(failure: Failure, now: datetime) -> bool:
    return any(each < stamp(now) for each in (failure.old or {}).get("holders", ()))


def _refused(request: Request, failed: ConditionFailed, gates: Sequence[Gate], now: datetime) -> Exception:
    for gate in gates:
        failure = failed.of(gate.name)
        if failure is not None:
            return gate.refused(request, failure, now)
    return failed
