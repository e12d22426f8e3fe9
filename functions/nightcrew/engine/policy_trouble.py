"""Trouble with the policy's parameter, said aloud: a line in the log, a metric, and news once for each bad version."""

from collections.abc import Callable
from datetime import timedelta

from nightcrew.admission.policy_source import Trouble
from nightcrew.engine.installation import Installation
from nightcrew.engine.metrics import POLICY_TROUBLE
from nightcrew.errors import Conflict, Unreachable
from nightcrew.ledger.conditions import Absent
from nightcrew.ledger.transaction import ConditionFailed, Piece

REMEMBERED = timedelta(days=30)


def aloud(installation: Installation, parameter: str) -> Callable[[Trouble], None]:
    """Says it.

    Of all environments that meet a bad version one sends the news: whoever notes it first.
    """

    def say(trouble: Trouble) -> None:
        told = {"parameter": parameter, "policy": trouble.policy, "words": trouble.words}
        installation.tell("policy refused", told)
        installation.measure(POLICY_TROUBLE, 1)
        if trouble.bad is not None and _first(installation, trouble.bad):
            installation.tell_people("policy refused", told)

    return say


def _first(installation: Installation, bad: str) -> bool:
    expires = int((installation.clock.now() + REMEMBERED).timestamp())
    note = Piece(
        table="state", key={"key": f"policy#{bad}"}, gate="policy", condition=Absent("key"), put={"expires": expires}
    )
    try:
        installation.store.transact([note])
    except (ConditionFailed, Conflict, Unreachable):
        # With the table out of reach nothing starts anyway, and log and metric have said it.
        return False
    return True
