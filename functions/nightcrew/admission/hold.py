"""Hold: the executor's first step, once it knows the resource's groups and tags. No change comes before it."""

from collections.abc import Sequence
from datetime import datetime

from nightcrew.admission.abandon import ATTEMPTS, abandon
from nightcrew.admission.gates import GATES, Gate
from nightcrew.admission.gates.autonomy import too_low
from nightcrew.admission.gates.lock import expired
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level, Setting
from nightcrew.clock import StoppedClock
from nightcrew.errors import Conflict
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed


def hold(
    request: Request,
    groups: Sequence[str],
    allowed: Setting[Level],
    store: Store,
    now: datetime,
    gates: Sequence[Gate] = GATES,
) -> None:
    """Take the groups' shared locks. Raises Refused, and nothing is held then. May be repeated: the members are a set.
    A dead run on a group is closed first; Conflict where that happens again and again.

    ``allowed`` is the autonomy that policy gives now that the resource's tags are known: a tag may only lower it.
    """
    refusal = too_low(allowed, by_person=request.by == "person")
    if refusal is not None:
        raise refusal
    pieces = [piece for gate in gates for piece in gate.holding(request, groups, now)]
    if not pieces:
        return
    for _ in range(ATTEMPTS):
        try:
            store.transact(pieces)
        except ConditionFailed as failed:
            dead = _dead(request, failed, now)
            if dead is None:
                raise _refused(request, failed, gates, now) from failed
            abandon(dead, store, StoppedClock(now), "its lease ended, and a run on a member asked for the group")
        else:
            return
    raise Conflict(f"the groups of {request.resource} changed hands {ATTEMPTS} times while they were asked for")


def _dead(request: Request, failed: ConditionFailed, now: datetime) -> str | None:
    """A dead run on one of the groups. None where the run's own resource is lost: then it closes nobody any more."""
    locks = [failure for failure in failed.failures if failure.piece.gate == "lock"]
    if any(failure.piece.key["key"] == request.lock for failure in locks):
        return None
    return next((dead for dead in (expired(failure, now) for failure in locks) if dead), None)


def _refused(request: Request, failed: ConditionFailed, gates: Sequence[Gate], now: datetime) -> Exception:
    for gate in gates:
        failure = failed.of(gate.name)
        if failure is not None:
            return gate.refused(request, failure, now)
    return failed
