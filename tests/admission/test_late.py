"""Who comes too late, or looks too early: decided by the transaction, never by what was read before it."""

from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from nightcrew.admission.abandon import abandon
from nightcrew.admission.admit import admit, settled
from nightcrew.admission.closing import close
from nightcrew.clock import StoppedClock
from nightcrew.demo.embedded import clients_of
from nightcrew.errors import Refused
from nightcrew.ledger.book import Book
from nightcrew.ledger.history import entries, opening
from nightcrew.ledger.store import Store, client_config
from tests.admission.conftest import Make


@pytest.fixture
def store(shared: Store) -> Store:
    """Tables that another client can look at, too."""
    return shared


@pytest.fixture
def short_sighted(store: Store, clock: StoppedClock) -> Store:
    """A store whose reads do not see yet what was written: an eventually consistent one may be that late."""
    client = clients_of()("dynamodb", client_config())

    def nothing(**_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        return AWSResponse("", 200, HTTPHeaders(), None), {"Responses": {}}

    for read in ("GetItem", "BatchGetItem"):
        client.meta.events.register(f"before-call.dynamodb.{read}", nothing)
    return Store(client, clock=clock)


def test_a_claim_that_a_look_did_not_see_refuses_all_the_same(
    ask: Make, store: Store, short_sighted: Store, clock: StoppedClock
) -> None:
    """One alarm starts at most one run, also where its second delivery would be about another resource."""
    first, second = ask(alarm="at-once"), ask(alarm="at-once")
    admit(first, store, clock)
    settled(first, store)
    with pytest.raises(Refused) as refusal:
        admit(second, short_sighted, clock)
    assert (refusal.value.gate, refusal.value.run) == ("claim", first.run)
    assert opening(store, second.run) is None
    assert store.get("state", {"key": second.lock}) is None


def test_a_run_that_is_closed_already_is_not_closed_again(ask: Make, store: Store, clock: StoppedClock) -> None:
    """Whoever takes it for dead gets the ending that it has."""
    request = ask()
    admit(request, store, clock)
    entry = opening(store, request.run)
    assert entry is not None
    written = close(request, (), "succeeded", "done", {}, Book(store, clock, request.run, 0, entry.hash))
    assert abandon(request.run, store, clock, "taken for dead") == written.entry
    assert [each.kind for each in entries(store, request.run)] == ["opening", "closing"]
