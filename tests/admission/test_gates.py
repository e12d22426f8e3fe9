"""Each gate refuses, with its words, its figures and its end; and admits again when that end has come."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.alarms import alarm_key
from nightcrew.admission.change_calendar import UNTOLD
from nightcrew.admission.closing import close
from nightcrew.admission.freeze import Freeze
from nightcrew.admission.freezes import frozen
from nightcrew.admission.gates.breaker import breaker_key
from nightcrew.admission.halting import halt_name, lift_halt, set_halt
from nightcrew.admission.hold import hold
from nightcrew.admission.policy import Policy, When
from nightcrew.admission.request import AlarmSeen, Frozen, Group, Request, lock_key
from nightcrew.admission.settings import Level, Setting, Settings, Share
from nightcrew.clock import StoppedClock, stamp
from nightcrew.demo.embedded import REGION
from nightcrew.errors import Refused
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import entries, opening
from nightcrew.ledger.store import Store
from nightcrew.ledger.transaction import Piece
from tests.admission.conftest import Make

Turned = Callable[..., Refused]
RESTART = "restart-ec2-instance"
SIX_HOURS = timedelta(hours=6)


@pytest.fixture
def turned_away(store: Store, clock: StoppedClock) -> Turned:
    """Ask, and be refused by this gate: what it said, which stands in the ledger too."""

    def ask_and_see(request: Request, gate: str) -> Refused:
        with pytest.raises(Refused) as caught:
            admit(request, store, clock)
        refusal = caught.value
        assert refusal.gate == gate, refusal
        assert refusal.run is not None
        if refusal.run.startswith("refused-"):
            written = entries(store, refusal.run)[0].body
            assert (written["gate"], written["words"]) == (gate, refusal.words)
        return refusal

    return ask_and_see


def ended(request: Request, outcome: str, store: Store, clock: StoppedClock, groups: tuple[str, ...] = ()) -> None:
    """Admit it, and close it with this outcome."""
    admit(request, store, clock)
    entry = opening(store, request.run)
    assert entry is not None
    close(request, groups, outcome, "so it ended", {}, Book(store, clock, request.run, 0, entry.hash))


def after(refusal: Refused, clock: StoppedClock) -> None:
    """Let time pass until a refusal says that it ends."""
    assert refusal.until is not None
    clock.sleep((refusal.until - clock.now()).total_seconds())


# --- halt


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


# --- chain


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


# --- the breaker


def failed_thrice(ask: Make, runbook: str, store: Store, clock: StoppedClock) -> Callable[..., Request]:
    """A runbook that failed three times in a row, each time elsewhere; asks once more, with what was looked up."""
    for _ in range(3):
        ended(ask(runbook=runbook), "failed", store, clock)

    def again(**more: Any) -> Request:
        item = store.get("state", breaker_key(runbook)) or {}
        return ask(runbook=runbook, failures=int(item.get("fails", 0)), **more)

    return again


def test_a_runbook_that_failed_three_times_in_a_row_gets_one_trial_after_an_hour(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Of two trials at once one is refused; and one that goes well closes the breaker."""
    again = failed_thrice(ask, "tripping", store, clock)
    clock.sleep(600)
    refusal = turned_away(again(), "breaker")
    assert refusal.words == ("tripping did not help 3 times in a row; the next trial is in 50 min (built in)")
    assert (refusal.figures["fails"], refusal.figures["most"]) == (3, 3)
    clock.sleep(50 * 60 - 1)
    turned_away(again(), "breaker")
    clock.sleep(1)
    assert clock.now() == refusal.until
    trial = again()
    admit(trial, store, clock)
    second = turned_away(again(), "breaker")
    assert second.until == clock.now() + timedelta(hours=1)
    entry = opening(store, trial.run)
    assert entry is not None
    close(trial, (), "succeeded", "well", {}, Book(store, clock, trial.run, 0, entry.hash))
    assert not admit(again(), store, clock).again
    assert not admit(again(), store, clock).again


def test_a_trial_that_fails_opens_the_breaker_for_another_hour(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Counted from the trial's start."""
    again = failed_thrice(ask, "tripping-again", store, clock)
    clock.sleep(3600)
    ended(again(), "ineffective", store, clock)
    refusal = turned_away(again(), "breaker")
    assert refusal.figures["fails"] == 4
    assert refusal.until == clock.now() + timedelta(hours=1)


def test_a_trial_that_dies_frees_the_next_one_by_itself(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Nobody has to close it first."""
    again = failed_thrice(ask, "tripping-dead", store, clock)
    clock.sleep(3600)
    admit(again(), store, clock)
    after(turned_away(again(), "breaker"), clock)
    assert not admit(again(), store, clock).again


def test_a_success_before_the_third_failure_starts_the_count_anew(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Three in a row, not three in all."""
    for outcome in ("failed", "failed", "succeeded", "failed", "failed"):
        item = store.get("state", breaker_key("up-and-down")) or {}
        ended(ask(runbook="up-and-down", failures=int(item.get("fails", 0))), outcome, store, clock)
    assert not admit(ask(runbook="up-and-down", failures=2), store, clock).again


# --- the alarm itself


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


# --- freeze


def at(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


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


# --- autonomy


def test_a_follow_up_of_an_alarms_run_needs_that_policy_lets_it_run_by_itself(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Nobody decided it: it is no person's start."""
    refusal = turned_away(ask(by="follow-up", level=Level.SUGGEST), "autonomy")
    assert refusal.figures == {"autonomy": "suggest", "because": "the test"}
    assert not admit(ask(by="follow-up", level=Level.AUTO), store, clock).again


# --- budget


def group(name: str, size: int | None = None) -> Group:
    """An Auto Scaling group."""
    return Group(f"arn:aws:autoscaling:{REGION}:123456789012:autoScalingGroup:*:autoScalingGroupName/gate-{name}", size)


def budget(at_once: Share, hour: Share) -> Settings:
    """Policy's budget."""
    return Settings(
        autonomy=Setting(Level.AUTO, "the test"),
        budget_at_once=Setting(at_once, "rules[0]"),
        budget_hour=Setting(hour, "rules[1]"),
    )


def held(request: Request, of: Group, settings: Settings, store: Store, clock: StoppedClock) -> Request:
    """Admit it, and take its group."""
    admit(request, store, clock)
    hold(request, [of], settings, store, clock.now())
    return request


def test_no_more_of_a_group_is_worked_on_at_once_than_policy_allows(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """The first of them to leave makes room."""
    pair, allowed = group("pair"), budget(Share(2), Share(99))
    first = held(ask(), pair, allowed, store, clock)
    clock.sleep(60)
    held(ask(), pair, allowed, store, clock)
    third = ask()
    with pytest.raises(Refused) as refusal:
        held(third, pair, allowed, store, clock)
    assert refusal.value.gate == "budget"
    assert refusal.value.words == "2 runs work on the group now, and that is its budget (rules[0])"
    assert refusal.value.figures["holders"] == 2
    assert refusal.value.until == first.at + first.lease
    entry = opening(store, first.run)
    assert entry is not None
    close(first, [pair.arn], "succeeded", "done", {}, Book(store, clock, first.run, 0, entry.hash))
    hold(third, [pair], allowed, store, clock.now())


def test_a_refused_hold_counts_nothing(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Neither a holder nor the hour."""
    one, allowed = group("counts"), budget(Share(1), Share(99))
    held(ask(), one, allowed, store, clock)
    with pytest.raises(Refused):
        held(ask(), one, allowed, store, clock)
    assert len((store.get("state", {"key": lock_key(one.arn)}) or {})["holders"]) == 1
    assert (store.get("state", {"key": f"hour#{one.arn}#2026-11-21T03"}) or {})["n"] == 1


def test_no_more_of_a_group_is_worked_on_in_an_hour_than_policy_allows(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """A clock hour: the next one has its own budget. A repeated hold counts once."""
    hourly, allowed = group("hourly"), budget(Share(9), Share(2))
    clock.sleep(1200)
    for _ in range(2):
        request = held(ask(), hourly, allowed, store, clock)
        hold(request, [hourly], allowed, store, clock.now())
    third = ask()
    with pytest.raises(Refused) as refusal:
        held(third, hourly, allowed, store, clock)
    assert refusal.value.gate == "budget"
    assert refusal.value.words == "2 runs worked on the group in this hour, and that is its budget (rules[1])"
    assert refusal.value.figures["n"] == 2
    assert refusal.value.until == at("2026-11-21T04:00")
    after(refusal.value, clock)
    hold(third, [hourly], allowed, store, clock.now())


@pytest.mark.parametrize(("size", "most"), [(10, 2), (9, 1), (1, 1), (None, 1)])
def test_a_part_of_a_group_is_rounded_down_and_at_least_one(
    ask: Make, store: Store, clock: StoppedClock, size: int | None, most: int
) -> None:
    """20 %: of a group whose size nobody knows, one."""
    part, allowed = group(f"part-{size}", size), budget(Share(20, percent=True), Share(100, percent=True))
    allowed = replace(allowed, budget_hour=Setting(Share(99), "the test"))
    for _ in range(most):
        held(ask(), part, allowed, store, clock)
    with pytest.raises(Refused) as refusal:
        held(ask(), part, allowed, store, clock)
    assert refusal.value.gate == "budget"


def test_dead_members_take_no_budget(ask: Make, store: Store, clock: StoppedClock) -> None:
    """What a dead run left in the set makes room by its own expiry."""
    crowded, allowed = group("crowded"), budget(Share(2), Share(99))
    dead = [held(ask(), crowded, allowed, store, clock) for _ in range(2)]
    clock.sleep(dead[0].lease.total_seconds() + 1)
    held(ask(), crowded, allowed, store, clock)
    assert len((store.get("state", {"key": lock_key(crowded.arn)}) or {})["holders"]) == 1


# --- several


def test_of_several_gates_that_refuse_the_first_in_order_is_told(
    ask: Make, store: Store, clock: StoppedClock, turned_away: Turned
) -> None:
    """Locked, cooling down and out of tries: it is locked."""
    request = ask()
    for _ in range(2):
        ended(ask(resource=request.resource), "failed", store, clock)
    chain = turned_away(ask(resource=request.resource), "chain")
    assert chain.figures["runs"] == 2
    changed = Piece(
        table="state", key={"key": request.lock}, gate="test", sets={"changed_at": stamp(clock.now() - timedelta(60))}
    )
    store.transact([replace(changed, sets={"changed_at": stamp(clock.now())})])
    turned_away(ask(resource=request.resource), "cool-down")
    store.transact([replace(changed, sets={"owner": "run-x", "lease": stamp(clock.now() + timedelta(1))})])
    turned_away(ask(resource=request.resource), "lock")
