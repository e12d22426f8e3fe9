"""A halt refuses what it covers until a person lifts it."""

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.halting import halt_name, lift_halt, set_halt
from nightcrew.clock import StoppedClock, stamp
from nightcrew.demo.embedded import REGION
from nightcrew.ledger.store import Store
from tests.admission.conftest import Make
from tests.admission.gates.asking import Turned


@pytest.mark.parametrize("which", ["all", "runbook", "account"])
def test_a_halt_refuses_what_it_covers_until_it_is_lifted(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned, which: str
) -> None:
    """A person's start too. Only a person ends it, so there is no end."""
    account, runbook = "210987654321", f"halted-{which}"
    resource = f"arn:aws:ec2:{REGION}:{account}:instance/i-halted-{which}"
    name = {
        "all": halt_name(),
        "runbook": halt_name(runbook=runbook),
        "account": halt_name(account=account),
    }[which]
    set_halt(store, name, by="ada", reason="something is odd", now=clock.now())
    try:
        refusal = turned_away(ask(resource=resource, runbook=runbook), "halt")
        if which != "all":
            assert not admit(ask(), store, clock).again
    finally:
        lift_halt(store, name)
    assert refusal.words.endswith("is halted by ada: something is odd")
    assert refusal.figures == {"halt": name, "by": "ada", "reason": "something is odd", "at": stamp(clock.now())}
    assert refusal.until is None
    assert not admit(ask(resource=resource, runbook=runbook), store, clock).again
