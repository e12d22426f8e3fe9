"""The chain: what did not help on a resource is not tried again and again."""

from datetime import timedelta

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.gates.breaker import breaker_key
from nightcrew.clock import StoppedClock, stamp
from nightcrew.ledger.store import Store
from tests.admission.conftest import Make
from tests.admission.gates.asking import Turned, after, ended

SIX_HOURS = timedelta(hours=6)


def test_what_did_not_help_twice_is_not_tried_a_third_time(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Six hours after the first of them it may be tried again, and they are forgotten."""
    first = ask()
    began = clock.now()
    ended(first, "ineffective", store, clock)
    clock.sleep(60)
    ended(ask(resource=first.resource), "failed", store, clock)
    clock.sleep(60)
    refusal = turned_away(ask(resource=first.resource), "chain")
    assert "2 runs did not cure AWS/EC2:StatusCheckFailed_Instance:high since 2026-11-21T03:00" in refusal.words
    assert refusal.figures == {"runs": 2, "most": 2, "since": stamp(began), "within": "6 h"}
    assert refusal.until == began + SIX_HOURS
    clock.sleep((refusal.until - clock.now()).total_seconds() - 1)
    turned_away(ask(resource=first.resource), "chain")
    clock.sleep(1)
    ended(ask(resource=first.resource), "worse", store, clock)
    assert not admit(ask(resource=first.resource), store, clock).again, "one run that did not help, not three"


def test_a_chain_that_was_waited_out_begins_anew(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Two more that do not help, and it refuses again."""
    first = ask()
    for _ in range(2):
        ended(ask(resource=first.resource), "failed", store, clock)
    after(turned_away(ask(resource=first.resource), "chain"), clock)
    began = clock.now()
    for _ in range(2):
        ended(ask(resource=first.resource), "failed", store, clock)
    refusal = turned_away(ask(resource=first.resource), "chain")
    assert (refusal.figures["runs"], refusal.until) == (2, began + SIX_HOURS)


def test_a_chain_is_of_one_symptom_and_a_cure_ends_it(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Another alarm's meaning on the same resource has a chain of its own."""
    first = ask()
    ended(first, "ineffective", store, clock)
    ended(ask(resource=first.resource, symptom="disk:full"), "ineffective", store, clock)
    ended(ask(resource=first.resource), "cured", store, clock)
    ended(ask(resource=first.resource), "ineffective", store, clock)
    item = store.get("state", {"key": first.lock}) or {}
    assert item[f"chain|{first.symptom}"] == 1
    assert item["chain|disk:full"] == 1
    assert not admit(ask(resource=first.resource), store, clock).again


@pytest.mark.parametrize("outcome", ["cancelled", "declined", "not_applicable", "refused"])
def test_what_changed_nothing_or_was_stopped_says_nothing_about_the_remedy(
    ask: Make, store: Store, clock: StoppedClock, outcome: str
) -> None:
    """Neither chain nor breaker counts it."""
    first = ask(runbook=f"uncounted-{outcome.replace('_', '-')}")
    for _ in range(4):
        ended(ask(resource=first.resource, runbook=first.runbook), outcome, store, clock)
    assert not admit(ask(resource=first.resource, runbook=first.runbook), store, clock).again
    assert store.get("state", breaker_key(first.runbook)) is None
