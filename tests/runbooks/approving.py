"""How the tests of runbooks that ask in the middle get through a run: somebody decides as soon as it asks."""

from typing import Any

from nightcrew.admission.approvals import decide, find
from nightcrew.demo.embedded import ACCOUNT, REGION
from tests.house import House

ADA, BOB, CYD = (f"arn:aws:iam::{ACCOUNT}:user/{name}" for name in ("ada", "bob", "cyd"))
A_LITTLE = 10


def start_decided(house: House, runbook: str, *, approve: bool = True, **parameters: Any) -> tuple[str, dict[str, Any]]:
    """Ada starts it, and Bob decides whatever it asks, Cyd too where two must; returns the run's id and how it ended,
    as ``House.start``.
    """
    crew, clock = house.crew, house.crew.installation.clock
    run = crew.dispatcher.person(runbook, parameters, actor=ADA, account=ACCOUNT, region=REGION).run
    assert run is not None
    while (ended := crew.engine.drive(run, until=clock.now())).status == "WAITING":
        asked = find(crew.store, run)
        if asked is None or asked.decided:
            clock.sleep(A_LITTLE)
            continue
        for who in (BOB, CYD)[: asked.wanted if approve else 1]:
            decided = decide(crew.store, run, by=who, approve=approve, now=clock.now())
            if decided.callback is not None:
                crew.engine.answer(decided.callback, decided.value)
    assert ended.status == "SUCCEEDED", ended
    return run, ended.result
