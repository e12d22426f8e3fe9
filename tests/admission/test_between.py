"""What happens between two steps of an admission or a closing: others go on meanwhile, and it must see that."""

from collections.abc import Callable
from typing import Any

import pytest

from nightcrew.admission.abandon import ATTEMPTS, abandon
from nightcrew.admission.admit import admit
from nightcrew.admission.hold import hold
from nightcrew.admission.request import Group, Request, lock_key
from nightcrew.admission.settings import Level, Setting, Settings, Share
from nightcrew.clock import StoppedClock
from nightcrew.demo.embedded import clients_of
from nightcrew.errors import Conflict, Refused, Unknown
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import entries, opening
from nightcrew.ledger.store import Store, client_config
from nightcrew.ledger.verify import verify
from tests.admission.conftest import Make

AUTO = Settings(
    autonomy=Setting(Level.AUTO, "the test"),
    budget_at_once=Setting(Share(9), "the test"),
    budget_hour=Setting(Share(9), "the test"),
)
Meanwhile = Callable[[int], None]


def group(name: str) -> str:
    """The ARN of an Auto Scaling group."""
    return f"arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/between-{name}"


@pytest.fixture
def store(shared: Store) -> Store:
    """Tables that another client can look at, too."""
    return shared


@pytest.fixture
def interrupted(store: Store, clock: StoppedClock) -> Callable[[Meanwhile], Store]:
    """A store of one's own, before each of whose transactions something else happens: told how many there were."""

    def make(meanwhile: Meanwhile) -> Store:
        client = clients_of()("dynamodb", client_config())
        before = iter(range(100))

        def on_its_way(**_: Any) -> None:
            meanwhile(next(before))

        client.meta.events.register("before-call.dynamodb.TransactWriteItems", on_its_way)
        return Store(client, clock=clock)

    return make


def member_of(name: str, ask: Make, store: Store, clock: StoppedClock) -> Request:
    """A run on a member of the group, which holds the group with others."""
    request = ask()
    admit(request, store, clock)
    hold(request, [Group(group(name))], AUTO, store, clock.now())
    return request


def test_a_group_whose_dead_holders_leave_meanwhile_is_free(
    ask: Make, store: Store, clock: StoppedClock, interrupted: Callable[[Meanwhile], Store]
) -> None:
    """It was asked for against exactly these holders: that they are not there any more is no reason to refuse."""
    dead = member_of("left", ask, store, clock)
    entry = opening(store, dead.run)
    assert entry is not None
    Book(store, clock, dead.run, 0, entry.hash).write("wait", {"facts": [{"held": [group("left")]}]})
    clock.sleep(dead.lease.total_seconds() + 1)

    def meanwhile(before: int) -> None:
        if before == 1:
            abandon(dead.run, store, clock, "nobody carries it on")

    request = ask(resource=group("left"))
    assert admit(request, interrupted(meanwhile), clock).run == request.run
    assert "holders" not in (store.get("state", {"key": request.lock}) or {})


def test_a_group_whose_dead_holder_is_followed_by_a_living_one_refuses(
    ask: Make, store: Store, clock: StoppedClock, interrupted: Callable[[Meanwhile], Store]
) -> None:
    """It names the living one."""
    dead = member_of("followed", ask, store, clock)
    clock.sleep(dead.lease.total_seconds() + 1)
    living = []

    def meanwhile(before: int) -> None:
        if before == 1:
            living.append(member_of("followed", ask, store, clock).run)

    with pytest.raises(Refused) as refusal:
        admit(ask(resource=group("followed")), interrupted(meanwhile), clock)
    assert [refusal.value.run] == living


def test_a_dead_run_on_the_group_does_not_lock_its_members_for_good(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """Its lease is over: the next run on a member closes it, and shares the group."""
    dead = ask(resource=group("dead"))
    admit(dead, store, clock)
    clock.sleep(dead.lease.total_seconds() + 1)
    request = member_of("dead", ask, store, clock)
    assert entries(store, dead.run)[-1].body["outcome"] == "failed"
    item = store.get("state", {"key": lock_key(group("dead"))}) or {}
    assert "owner" not in item
    assert [holder.split("|")[1] for holder in item["holders"]] == [request.run]


def test_a_run_whose_own_lock_was_lost_is_refused_at_hold_and_closes_nobody(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """It is dead itself, and another one has its resource: that one is not its business."""
    lost = ask()
    admit(lost, store, clock)
    clock.sleep(lost.lease.total_seconds() + 1)
    following = ask(resource=lost.resource)
    admit(following, store, clock)
    clock.sleep(following.lease.total_seconds() + 1)
    with pytest.raises(Refused) as refusal:
        hold(lost, [Group(group("lost"))], AUTO, store, clock.now())
    assert refusal.value.run == following.run
    assert [entry.kind for entry in entries(store, following.run)] == ["opening"]


def test_a_run_that_writes_while_it_is_abandoned_is_read_again(
    ask: Make, store: Store, clock: StoppedClock, interrupted: Callable[[Meanwhile], Store]
) -> None:
    """What is given back is its closing entry, which tells of that change too."""
    run = ask()
    admit(run, store, clock)
    entry = opening(store, run.run)
    assert entry is not None
    book = Book(store, clock, run.run, 0, entry.hash)

    def meanwhile(before: int) -> None:
        if before == 0:
            book.write("change", {"title": "stop it"})

    closing = abandon(run.run, interrupted(meanwhile), clock, "taken for dead")
    assert closing.kind == "closing"
    assert closing.body["not_undone"] == [{"title": "stop it", "words": "abandoned"}]
    assert [each.kind for each in entries(store, run.run)] == ["opening", "change", "closing"]
    assert verify(entries(store, run.run)) == []


def test_a_run_that_goes_on_writing_is_not_abandoned(
    ask: Make, store: Store, clock: StoppedClock, interrupted: Callable[[Meanwhile], Store]
) -> None:
    """It is alive: nothing is closed, and who asked is told so."""
    run = ask()
    admit(run, store, clock)
    entry = opening(store, run.run)
    assert entry is not None
    book = Book(store, clock, run.run, 0, entry.hash)

    def meanwhile(before: int) -> None:
        book.write("change", {"title": f"change {before}"})

    with pytest.raises(Conflict, match="is carried on"):
        abandon(run.run, interrupted(meanwhile), clock, "taken for dead")
    assert [each.kind for each in entries(store, run.run)] == ["opening", *["change"] * ATTEMPTS]
    assert (store.get("state", {"key": run.lock}) or {})["owner"] == run.run


def test_there_is_nothing_to_abandon_of_a_refusal_or_an_unknown_run(
    ask: Make, store: Store, clock: StoppedClock
) -> None:
    """A refusal is its own ending."""
    with pytest.raises(Refused) as refusal:
        admit(ask(alarm="abandoned-refusal", level=Level.SUGGEST), store, clock)
    assert refusal.value.run is not None
    assert abandon(refusal.value.run, store, clock, "by mistake").kind == "refusal"
    with pytest.raises(Unknown):
        abandon("nobody", store, clock, "by mistake")
