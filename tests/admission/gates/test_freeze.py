"""A change freeze: its windows by its own clocks, what it covers, and the calendars that it asks."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.change_calendar import UNTOLD
from nightcrew.admission.freeze import Freeze
from nightcrew.admission.freezes import frozen
from nightcrew.admission.policy import Policy, When
from nightcrew.admission.request import Frozen
from nightcrew.clock import StoppedClock
from nightcrew.demo.embedded import REGION
from nightcrew.ledger.store import Store
from tests.admission.conftest import Make
from tests.admission.gates.asking import RESTART, Turned, at

ONCE = Freeze(0, "the sale", "2026-11-20T18:00", "2026-11-23T08:00", zone="Europe/Berlin")
NIGHTS = Freeze(0, "nights", "22:00", "06:00", ("fri", "sat"), zone="Europe/Berlin")
OFFICE = Freeze(0, "office", "09:00", "17:00", ("mon", "tue", "wed", "thu", "fri"), zone="America/New_York")


@pytest.mark.parametrize(
    ("freeze", "now", "until"),
    [
        (ONCE, "2026-11-20T16:59", None),
        (ONCE, "2026-11-20T17:00", "2026-11-23T07:00"),
        (ONCE, "2026-11-23T06:59", "2026-11-23T07:00"),
        (ONCE, "2026-11-23T07:00", None),
        # A Friday's night: in Berlin it begins at 21:00 UTC, and ends on Saturday.
        (NIGHTS, "2026-11-20T20:59", None),
        (NIGHTS, "2026-11-20T21:00", "2026-11-21T05:00"),
        (NIGHTS, "2026-11-21T04:59", "2026-11-21T05:00"),
        (NIGHTS, "2026-11-21T05:00", None),
        (NIGHTS, "2026-11-22T04:59", "2026-11-22T05:00"),
        (NIGHTS, "2026-11-22T21:30", None),
        # Friday in New York, Saturday in UTC: the zone's own day counts.
        (
            Freeze(0, "late", "18:00", "23:00", ("fri",), zone="America/New_York"),
            "2026-11-21T03:00",
            "2026-11-21T04:00",
        ),
        (OFFICE, "2026-11-20T13:59", None),
        (OFFICE, "2026-11-20T14:00", "2026-11-20T22:00"),
        (OFFICE, "2026-11-21T15:00", None),
        # The same hours in summer are an hour earlier in UTC.
        (OFFICE, "2026-07-20T13:00", "2026-07-20T21:00"),
        # An end that equals its beginning is a whole day.
        (Freeze(0, "day", "00:00", "00:00", ("sat",)), "2026-11-21T23:59", "2026-11-22T00:00"),
        # The night in which clocks go back: 02:30 comes twice, and the freeze holds till the second.
        (Freeze(0, "back", "02:30", "02:45", ("sun",), zone="Europe/Berlin"), "2026-10-25T01:00", "2026-10-25T01:45"),
        (Freeze(0, "back", "02:30", "02:45", ("sun",), zone="Europe/Berlin"), "2026-10-25T00:30", "2026-10-25T01:45"),
        # And forward: 02:30 does not come at all.
        (Freeze(0, "on", "01:00", "02:30", ("sun",), zone="Europe/Berlin"), "2026-03-29T01:15", "2026-03-29T01:30"),
        (Freeze(0, "on", "02:30", "04:00", ("sun",), zone="Europe/Berlin"), "2026-03-29T00:30", "2026-03-29T02:00"),
    ],
)
def test_a_freeze_holds_by_the_clocks_of_its_own_zone(freeze: Freeze, now: str, until: str | None) -> None:
    """Once, and each week: over midnight, over the change of clocks."""
    assert freeze.until(at(now)) == (at(until) if until else None)


def test_a_freeze_refuses_until_its_last_window_ends(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Of several the longest is told."""
    short, long = (Frozen(name, clock.now() + timedelta(hours=hours)) for name, hours in (("nights", 1), ("sale", 9)))
    refusal = turned_away(ask(frozen=(short, long)), "freeze")
    assert refusal.words == "sale: no changes until 2026-11-21T12:00:00.000Z"
    assert refusal.figures == {"freeze": "sale", "until": "2026-11-21T12:00:00.000Z"}
    assert refusal.until == long.until
    assert not admit(ask(), store, clock).again


def test_a_freeze_covers_what_it_is_about(ask: Make) -> None:
    """By runbook, family, risk, alarm tag, Region and account."""
    request = ask(tags={"team": "shop"})
    for when, covers in [
        (When(), True),
        (When(runbook=RESTART), True),
        (When(runbook="other"), False),
        (When(family="restart", risk="disruptive"), True),
        (When(family="restart", risk="low"), False),
        (When(alarm_tag={"team": "shop"}), True),
        (When(alarm_tag={"team": "bank"}), False),
        (When(region=REGION, account="123456789012"), True),
        (When(region="us-east-1"), False),
    ]:
        policy = Policy("test", freezes=(replace(ONCE, when=when),))
        assert bool(frozen(policy, request, at("2026-11-21T03:00"), None)) is covers, when


def test_a_change_calendar_is_asked_and_one_that_cannot_be_counts_as_closed(ask: Make) -> None:
    """Then for an hour, after which it is asked again."""
    policy = Policy("test", freezes=(Freeze(0, "the calendar", calendar="ops"),))
    now = at("2026-11-21T03:00")
    opens = now + timedelta(hours=4)
    asked: list[tuple[str, datetime]] = []

    def calendar(name: str, when: datetime) -> datetime | None:
        asked.append((name, when))
        return opens if when < opens else None

    assert frozen(policy, ask(), now, calendar) == (Frozen("the calendar", opens),)
    assert frozen(policy, ask(), opens, calendar) == ()
    (unasked,) = frozen(policy, ask(), now, None)
    assert unasked.until == now + UNTOLD
    assert unasked.name.startswith("the calendar (nobody here can ask")
    assert asked == [("ops", now), ("ops", opens)]
