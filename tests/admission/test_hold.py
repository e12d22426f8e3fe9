"""Hold: a run on a member and a run on its group exclude each other."""

from dataclasses import replace

import pytest

from nightcrew.admission.admit import admit
from nightcrew.admission.closing import close
from nightcrew.admission.hold import hold
from nightcrew.admission.request import Group, Request, lock_key
from nightcrew.admission.settings import Level, Setting, Settings, Share
from nightcrew.clock import StoppedClock
from nightcrew.errors import Refused
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import opening
from nightcrew.ledger.store import Store
from tests.admission.conftest import Make

AUTO = Settings(
    autonomy=Setting(Level.AUTO, "the test"),
    budget_at_once=Setting(Share(9), "the test"),
    budget_hour=Setting(Share(9), "the test"),
)


def group(name: str) -> str:
    """The ARN of an Auto Scaling group."""
    return f"arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/{name}"


def held(request: Request, groups: list[str], store: Store, clock: StoppedClock) -> Request:
    """Admit it and take its groups."""
    admit(request, store, clock)
    hold(request, [Group(each) for each in groups], AUTO, store, clock.now())
    return request


def test_a_run_on_the_group_refuses_a_run_on_a_member(ask: Make, store: Store, clock: StoppedClock) -> None:
    """The member's run is admitted on its own resource, and refused at hold."""
    admit(ask(resource=group("a")), store, clock)
    member = ask()
    admit(member, store, clock)
    with pytest.raises(Refused) as refusal:
        hold(member, [Group(group("a"))], AUTO, store, clock.now())
    assert refusal.value.gate == "lock"


def test_a_run_on_a_member_refuses_a_run_on_the_group(ask: Make, store: Store, clock: StoppedClock) -> None:
    """And says until when it is held at most."""
    member = held(ask(), [group("b")], store, clock)
    with pytest.raises(Refused) as refusal:
        admit(ask(resource=group("b")), store, clock)
    assert refusal.value.figures["run"] == member.run
    assert refusal.value.until == member.at + member.lease


def test_two_members_share_their_group(ask: Make, store: Store, clock: StoppedClock) -> None:
    """A group's lock is shared among runs on its members."""
    held(ask(), [group("c")], store, clock)
    held(ask(), [group("c")], store, clock)
    assert len((store.get("state", {"key": lock_key(group("c"))}) or {})["holders"]) == 2


def test_holding_twice_holds_once(ask: Make, store: Store, clock: StoppedClock) -> None:
    """A crash after the transaction repeats the step."""
    member = held(ask(), [group("d")], store, clock)
    hold(member, [Group(group("d"))], AUTO, store, clock.now())
    assert len((store.get("state", {"key": lock_key(group("d"))}) or {})["holders"]) == 1


def test_closing_leaves_the_group(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Then a run on the group is admitted."""
    member = held(ask(), [group("e")], store, clock)
    entry = opening(store, member.run)
    assert entry is not None
    close(member, [group("e")], "succeeded", "done", {}, Book(store, clock, member.run, 0, entry.hash))
    assert not admit(ask(resource=group("e")), store, clock).again


def test_dead_holders_are_pruned(ask: Make, store: Store, clock: StoppedClock) -> None:
    """What a dead run left in the set tells its own expiry, and does not lock the group for good."""
    member = held(ask(), [group("f")], store, clock)
    clock.sleep(member.lease.total_seconds() + 1)
    assert not admit(ask(resource=group("f")), store, clock).again


def test_a_resource_tag_can_only_lower_autonomy(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Known at hold: an alarm's run is refused there, and holds nothing."""
    member = ask(alarm="tagged")
    admit(member, store, clock)
    with pytest.raises(Refused) as refusal:
        hold(
            member, [Group(group("g"))], replace(AUTO, autonomy=Setting(Level.SUGGEST, "rules[0]")), store, clock.now()
        )
    assert refusal.value.gate == "autonomy"
    assert store.get("state", {"key": lock_key(group("g"))}) is None
