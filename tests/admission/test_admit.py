"""Admit: one transaction decides whether a run may start."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nightcrew.admission.abandon import abandon
from nightcrew.admission.admit import admit, settled
from nightcrew.admission.ceilings import under
from nightcrew.admission.closing import close
from nightcrew.admission.request import Request
from nightcrew.admission.settings import Level, Setting
from nightcrew.clock import StoppedClock
from nightcrew.errors import Conflict, Refused
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import entries, history, opening, running
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import Piece
from tests.admission.conftest import Make


def refused(request: Request, store: Store, clock: StoppedClock) -> Refused:
    """The refusal of a request that must not be admitted."""
    with pytest.raises(Refused) as refusal:
        admit(request, store, clock)
    return refusal.value


def finish(request: Request, store: Store, clock: StoppedClock, outcome: str = "succeeded") -> None:
    """Close an admitted run from its opening entry on."""
    entry = opening(store, request.run)
    assert entry is not None
    close(request, (), outcome, "done", {}, Book(store, clock, request.run, 0, entry.hash))


def test_an_admitted_run_has_an_opening_entry_and_the_lock(ask: Make, store: Store, clock: StoppedClock) -> None:
    """One transaction writes both."""
    request = ask()
    assert admit(request, store, clock).run == request.run
    assert opening(store, request.run) is not None
    assert (store.get("state", {"key": request.lock}) or {})["owner"] == request.run
    assert request.run in {row.run for row in running(store)}


def test_a_locked_resource_refuses_a_second_run(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Of whichever runbook; the refusal names the run that has it, and when its lease ends."""
    first = ask()
    admit(first, store, clock)
    refusal = refused(ask(resource=first.resource, runbook="another-runbook"), store, clock)
    assert refusal.gate == "lock"
    assert refusal.figures["run"] == first.run
    assert refusal.until == first.at + first.lease


def test_a_signal_starts_one_run_however_often_it_comes(ask: Make, store: Store, clock: StoppedClock) -> None:
    """The second delivery is refused by its claim, without an entry of its own."""
    first = ask(alarm="twice")
    admit(first, store, clock)
    settled(first, store)
    again = ask(alarm="twice", resource=first.resource)
    assert refused(again, store, clock).gate == "claim"
    assert opening(store, again.run) is None


def test_a_run_that_was_admitted_but_not_started_is_started_again_by_name(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """A crash between admission and start: the duplicate finds the run by the claim, and starts it."""
    first = ask(alarm="crashed")
    admit(first, store, clock)
    again = admit(ask(alarm="crashed", resource=first.resource), store, clock)
    assert again.run == first.run
    assert again.again


@pytest.mark.parametrize("then", [Setting(Level.AUTO, "rules[0]"), Setting(Level.APPROVE, "checkout: 11 % left")])
def test_a_start_by_hand_that_is_asked_again_is_the_same_whatever_is_looked_up_by_then(
    ask: Make, store: Store, clock: StoppedClock, then: Setting[Level]
) -> None:
    """An error budget moves between a lost reply and the next try; what was asked for is the same."""
    first = ask()
    admit(first, store, clock, lambda asked: under(asked, [Setting(Level.APPROVE, "checkout: 12 % left")]))
    again = admit(first, store, clock, lambda asked: under(asked, [then]))
    assert (again.run, again.again) == (first.run, True)


def test_another_start_under_the_same_id_is_none(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Another resource, or another time."""
    first = ask()
    admit(first, store, clock)
    others = (replace(first, parameters={"instance": "i-other"}), replace(first, at=first.at + timedelta(seconds=1)))
    for other in others:
        with pytest.raises(Conflict, match="another id"):
            admit(other, store, clock)


def test_a_changed_resource_cools_down_and_then_may_be_changed_again(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """The refusal says until when; after that the same request is admitted."""
    first = ask()
    admit(first, store, clock)
    lock = {"key": first.lock}
    store.transact([Piece("state", lock, gate="lock", sets={"changed_at": "2026-11-21T03:00:00.000Z"})])
    finish(first, store, clock)
    clock.sleep(60)
    refusal = refused(ask(resource=first.resource), store, clock)
    assert refusal.gate == "cool-down"
    assert refusal.until is not None
    clock.sleep((refusal.until - clock.now()).total_seconds() + 1)
    assert not admit(ask(resource=first.resource), store, clock).again


def test_a_run_that_changed_nothing_leaves_no_cool_down(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Not applicable is no remedy."""
    first = ask()
    admit(first, store, clock)
    finish(first, store, clock, "not_applicable")
    assert not admit(ask(resource=first.resource), store, clock).again


@pytest.mark.parametrize("level", [Level.OBSERVE, Level.SUGGEST])
def test_below_approve_no_alarm_starts_anything(ask: Make, store: Store, clock: StoppedClock, level: Level) -> None:
    """The refusal names the level and the line of policy; nothing is locked."""
    request = ask(alarm=f"watched-{level}", level=level)
    refusal = refused(request, store, clock)
    assert refusal.gate == "autonomy"
    assert refusal.figures == {"autonomy": str(level), "because": "the test"}
    assert store.get("state", {"key": request.lock}) is None


def test_a_person_may_start_what_an_alarm_may_only_suggest(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Autonomy limits what runs by itself; a person decides."""
    assert not admit(ask(level=Level.SUGGEST), store, clock).again


def test_a_refusal_is_written_once_and_decides_its_signal(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Equal refusals are one entry; each signal is claimed by it, and not asked again."""
    first = ask(symptom="refused-once")
    admit(first, store, clock)
    for alarm in ("one", "two"):
        request = ask(alarm=f"refused-{alarm}", resource=first.resource, symptom="refused-once")
        assert refused(request, store, clock).gate == "lock"
        settled(request, store)
    rows = [row for row in history(store, resource=first.resource, now=clock.now()).rows if row.outcome == "refused"]
    assert [row.gate for row in rows] == ["lock"]
    repeat = ask(alarm="refused-one", resource=first.resource, symptom="refused-once")
    assert refused(repeat, store, clock).gate == "claim"


def test_a_refusal_after_which_nothing_was_done_is_told_again(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Who refused died before the second try was kept, or people were told: the next delivery learns it all again."""
    first = ask()
    admit(first, store, clock)
    once = refused(ask(alarm="refused-and-dead", resource=first.resource), store, clock)
    again = refused(ask(alarm="refused-and-dead", resource=first.resource), store, clock)
    assert (again.gate, again.words, again.figures, again.until) == (once.gate, once.words, once.figures, once.until)
    assert again.run == once.run == first.run


def test_a_signal_that_was_refused_is_refused_though_its_gate_is_open_by_now(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """The decision stands: what follows it is a second try's to do, or a person's."""
    first = ask()
    admit(first, store, clock)
    once = refused(ask(alarm="refused-and-open", resource=first.resource), store, clock)
    finish(first, store, clock)
    again = refused(ask(alarm="refused-and-open", resource=first.resource), store, clock)
    assert (again.gate, again.words) == ("lock", once.words)


def test_a_dead_run_in_the_way_is_closed_and_the_next_one_admitted(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """Its lease ended and nobody closed it: whoever finds it does, from the ledger alone."""
    dead = ask()
    admit(dead, store, clock)
    clock.sleep(dead.lease.total_seconds() + 1)
    following = ask(resource=dead.resource)
    assert admit(following, store, clock).run == following.run
    last = entries(store, dead.run)[-1]
    assert last.kind == "closing"
    assert last.body["outcome"] == "failed"
    assert "abandoned" in str(last.body["words"])


def test_a_dead_run_frees_its_resource_once_and_a_late_writer_is_fenced_off(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """Abandoning twice gives the same closing entry, and takes nothing from the run that has the lock by then."""
    dead = ask()
    admit(dead, store, clock)
    clock.sleep(dead.lease.total_seconds() + timedelta(seconds=1).total_seconds())
    following = ask(resource=dead.resource)
    admit(following, store, clock)
    assert abandon(dead.run, store, clock, "again").hash == entries(store, dead.run)[-1].hash
    assert (store.get("state", {"key": following.lock}) or {})["owner"] == following.run


def test_closing_releases_the_lock_and_closing_again_changes_nothing(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """A crash after the closing transaction: the second closing finds its own entry."""
    request = ask()
    admit(request, store, clock)
    finish(request, store, clock)
    finish(request, store, clock)
    assert "owner" not in (store.get("state", {"key": request.lock}) or {})
    assert [entry.kind for entry in entries(store, request.run)] == ["opening", "closing"]
