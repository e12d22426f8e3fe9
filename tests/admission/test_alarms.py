"""An alarm's item: its changes, its OK, and the run that waits for that."""

import itertools
from datetime import datetime, timedelta

from nightcrew.admission.admit import admit
from nightcrew.admission.alarms import MOST_CHANGES, alarm_key, awaiting, changed, changes_of, note_another, ok
from nightcrew.admission.guard import RunGuard
from nightcrew.admission.request import SECOND, AlarmSeen
from nightcrew.clock import StoppedClock, stamp
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import ConditionFailed, Piece
from nightcrew.signals.signal import claim_of
from tests.admission.conftest import Make

_numbers = itertools.count(1)
ONE, TEN = timedelta(minutes=1), timedelta(minutes=10)


def alarm() -> str:
    """An ARN of this test's own."""
    return f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:of-{next(_numbers)}"


def seen(name: str, at: datetime, contributor: str | None = None, *, again: bool = False) -> AlarmSeen:
    """The alarm as it fired at that time."""
    claim = claim_of(name, contributor, at) + (SECOND if again else "")
    return AlarmSeen(name, name.rsplit(":", 1)[-1], at, claim, "high", contributor)


def changes(store: Store, name: str, contributor: str | None = None) -> tuple[datetime, ...]:
    """What the alarm's item remembers."""
    return changes_of(store.get("state", alarm_key(name, contributor)))


def fires(store: Store, alarm_seen: AlarmSeen, now: datetime) -> None:
    """It is decided on."""
    store.transact([changed(alarm_seen, changes(store, alarm_seen.arn, alarm_seen.contributor), now)])


def waits(store: Store, alarm_seen: AlarmSeen, callback: str) -> bool:
    """A run begins to wait for its OK; False where it came already."""
    try:
        store.transact([awaiting(alarm_seen, callback)])
    except ConditionFailed:
        return False
    return True


def test_a_change_counts_once_however_often_it_is_decided_on(store: Store, clock: StoppedClock) -> None:
    """By its own time, not by when it came."""
    name, now = alarm(), clock.now()
    fires(store, seen(name, now - ONE), now)
    fires(store, seen(name, now - ONE), now + ONE)
    fires(store, seen(name, now), now)
    assert changes(store, name) == (now - ONE, now)


def test_a_second_try_is_no_change(store: Store, clock: StoppedClock) -> None:
    """The alarm has been in ALARM all the time."""
    name, now = alarm(), clock.now()
    fires(store, seen(name, now), now)
    fires(store, seen(name, now + TEN, again=True), now + TEN)
    assert changes(store, name) == (now,)


def test_an_ok_counts_as_a_change(store: Store, clock: StoppedClock) -> None:
    """Who comes and goes changes twice."""
    name, now = alarm(), clock.now()
    fires(store, seen(name, now), now)
    ok(store, name, None, now + ONE)
    assert changes(store, name) == (now, now + ONE)


def test_contributors_are_counted_apart(store: Store, clock: StoppedClock) -> None:
    """Each is an alarm of its own."""
    name, now = alarm(), clock.now()
    fires(store, seen(name, now, "a"), now)
    assert changes(store, name, "b") == ()
    assert changes(store, name) == ()


def test_only_the_latest_changes_are_remembered(store: Store, clock: StoppedClock) -> None:
    """An alarm that flaps for days does not grow its item without an end."""
    name, now = alarm(), clock.now()
    known = tuple(now + number * ONE for number in range(MOST_CHANGES))
    store.transact(
        [Piece(table="state", key=alarm_key(name, None), gate="test", sets={"changes": set(map(stamp, known))})]
    )
    for number in range(MOST_CHANGES, MOST_CHANGES + 3):
        fires(store, seen(name, now + number * ONE), now)
    assert changes(store, name) == (*known[3:], *(now + (MOST_CHANGES + number) * ONE for number in range(3)))
    assert len((store.get("state", alarm_key(name, None)) or {})["changes"]) == MOST_CHANGES


def test_an_ok_after_the_run_waits_tells_whom_to_answer(store: Store, clock: StoppedClock) -> None:
    """And the run was told that there was none before."""
    name, now = alarm(), clock.now()
    fires(store, seen(name, now), now)
    assert waits(store, seen(name, now), "callback-1")
    assert (ok(store, name, None, now + ONE) or {})["waiting"] == "callback-1"


def test_an_ok_before_the_run_waits_is_told_to_the_run(store: Store, clock: StoppedClock) -> None:
    """Whichever comes second sees the other: none is lost."""
    name, now = alarm(), clock.now()
    fires(store, seen(name, now), now)
    assert "waiting" not in (ok(store, name, None, now + ONE) or {})
    assert not waits(store, seen(name, now), "callback-1")


def test_an_ok_of_before_this_alarm_does_not_count(store: Store, clock: StoppedClock) -> None:
    """It was OK, and then it fired."""
    name, now = alarm(), clock.now()
    fires(store, seen(name, now - TEN), now)
    ok(store, name, None, now - ONE)
    fires(store, seen(name, now), now)
    assert waits(store, seen(name, now), "callback-1")


def test_the_same_ok_delivered_again_is_answered_again(store: Store, clock: StoppedClock) -> None:
    """Whoever took it the first time may have died before the answer."""
    name, now = alarm(), clock.now()
    fires(store, seen(name, now), now)
    waits(store, seen(name, now), "callback-1")
    assert (ok(store, name, None, now + ONE) or {})["waiting"] == "callback-1"
    assert (ok(store, name, None, now + ONE) or {})["waiting"] == "callback-1"


def test_an_ok_that_is_overtaken_says_nothing(store: Store, clock: StoppedClock) -> None:
    """Events may come out of order: the newest counts."""
    name, now = alarm(), clock.now()
    fires(store, seen(name, now), now)
    ok(store, name, None, now + TEN)
    waits(store, seen(name, now + 2 * TEN), "callback-1")
    assert "waiting" not in (ok(store, name, None, now + ONE) or {})
    assert (store.get("state", alarm_key(name, None)) or {})["ok_at"] == stamp(now + TEN)


def test_an_alarm_that_started_nothing_leaves_nothing(store: Store, clock: StoppedClock) -> None:
    """An account has thousands of them, and their OKs are no news."""
    name = alarm()
    assert ok(store, name, None, clock.now()) is None
    assert store.get("state", alarm_key(name, None)) is None


def test_another_alarm_is_noted_once_the_run_has_changed_something(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """What fires before is the same trouble, not the remedy's."""
    run = ask(alarm="first")
    admit(run, store, clock)
    other = ask(alarm="second", resource=run.resource)
    note_another(store, other, run.run, clock.now())
    assert "also" not in (store.get("state", {"key": run.lock}) or {})
    store.transact(RunGuard(run.run, run.runbook, run.resource, store, clock).pieces(undoing=False))
    note_another(store, other, run.run, clock.now())
    assert (store.get("state", {"key": run.lock}) or {})["also"] == {f"{stamp(clock.now())}|second"}


def test_another_alarm_is_not_noted_for_a_run_that_is_gone(ask: Make, store: Store, clock: StoppedClock) -> None:
    """The lock is another's by now."""
    run = ask(alarm="first-gone")
    admit(run, store, clock)
    note_another(store, ask(alarm="second-gone", resource=run.resource), "run-of-before", clock.now())
    assert "also" not in (store.get("state", {"key": run.lock}) or {})
