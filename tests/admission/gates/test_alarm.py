"""The alarm itself: one that flaps, or that comes too late, is not answered."""

from dataclasses import replace
from datetime import datetime, timedelta

from nightcrew.admission.admit import admit
from nightcrew.admission.alarms import alarm_key
from nightcrew.admission.request import AlarmSeen, Request
from nightcrew.clock import StoppedClock, stamp
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import Piece
from tests.admission.conftest import Make
from tests.admission.gates.asking import Turned, after


def test_an_alarm_that_comes_and_goes_is_not_answered(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Five changes in half an hour; when the first is half an hour old, four are left, which are allowed."""
    changes = tuple(clock.now() - timedelta(minutes=minutes) for minutes in (25, 15, 10, 5))

    def flapping(name: str, *before: datetime) -> Request:
        asked = ask(alarm=name)
        assert asked.alarm is not None
        alarm = replace(asked.alarm, at=clock.now(), claim=f"{name} {stamp(clock.now())}")
        key, remembered = alarm_key(alarm.arn, None), {"changes": {stamp(each) for each in before}}
        store.transact([Piece(table="state", key=key, gate="test", sets=remembered)])
        return replace(asked, alarm=alarm)

    refusal = turned_away(flapping("flapping", *changes), "flap")
    assert refusal.words == "the alarm changed state 5 times in 30 min; 4 is the most (built in)"
    assert refusal.figures == {"changes": 5, "most": 4, "within_seconds": 1800}
    assert refusal.until == clock.now() + timedelta(minutes=5)
    assert not admit(flapping("flapping-less", *changes[1:]), store, clock).again
    after(refusal, clock)
    assert not admit(flapping("flapping-later", *changes), store, clock).again


def test_a_signal_that_comes_too_late_starts_nothing(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """A queue that is redriven days later; exactly a quarter of an hour is not too late."""
    late, due = (
        AlarmSeen("arn:late", "late", clock.now() - timedelta(minutes=15, seconds=more), f"late {more}", "high")
        for more in (1, 0)
    )
    refusal = turned_away(replace(ask(alarm="late"), alarm=late), "stale")
    assert "is 15 min 1 s old" in refusal.words or "old; 15 min is the most" in refusal.words
    assert refusal.figures["stale_seconds"] == 900
    assert refusal.figures["at"] == stamp(late.at)
    assert refusal.until is None, "it gets no younger"
    assert not admit(replace(ask(alarm="due"), alarm=due), store, clock).again
