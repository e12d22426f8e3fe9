"""Hold: the executor's first step, once it knows the resource's groups and tags. No change comes before it."""

from collections.abc import Sequence
from datetime import datetime

from nightcrew.admission.gates import GATES, Gate
from nightcrew.admission.gates.autonomy import too_low
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level, Setting
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

    ``allowed`` is the autonomy that policy gives now that the resource's tags are known: a tag may only lower it.
    """
    refusal = too_low(allowed, by_person=request.by == "person")
    if refusal is not None:
        raise refusal
    pieces = [piece for gate in gates for piece in gate.holding(request, groups, now)]
    if not pieces:
        return
    try:
        store.transact(pieces)
    except ConditionFailed as failed:
        for gate in gates:
            failure = failed.of(gate.name)
            if failure is not None:
                raise gate.refused(request, failure, now) from failed
        raise
