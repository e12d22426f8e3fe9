"""The budget: how much of a group is worked on at once, and in an hour."""

from dataclasses import replace

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.closing import close
from nightcrew.admission.hold import hold
from nightcrew.admission.request import Group, Request, lock_key
from nightcrew.admission.settings import Level, Setting, Settings, Share
from nightcrew.clock import StoppedClock
from nightcrew.demo.embedded import REGION
from nightcrew.errors import Refused
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening
from nightcrew.ledger.store import Store
from tests.admission.conftest import Make
from tests.admission.gates.asking import after, at


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
