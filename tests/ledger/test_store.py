"""The store writes all or nothing, names the gate that refused, and turns faults into what can be done next."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nightcrew.clock import StoppedClock
from nightcrew.errors import Conflict, NightcrewError, Unreachable
from nightcrew.ledger.conditions import Absent, AtLeast, Below, Equals, SizeBelow
from nightcrew.ledger.store import TRIES, Store, Tables, client_config
from nightcrew.ledger.transaction import ConditionFailed, Piece

CONFLICTS = ["TransactionConflictException", "TransactionInProgressException"]


def claim(run: str, name: str = "claim") -> Piece:
    return Piece("state", {"key": f"claim#{run}"}, name, Absent("key"), put={"run": run})


def lock(run: str, owner: str = "r1") -> Piece:
    return Piece("state", {"key": f"res#{run}"}, "lock", Absent("owner"), sets={"owner": owner})


def test_a_transaction_writes_everything(store: Store, run: str) -> None:
    store.transact(
        [claim(run), lock(run), Piece("ledger", {"run": run, "number": 0}, "entry", put={"n": {"a": [1.5]}})]
    )
    assert store.get("state", {"key": f"claim#{run}"}) == {"key": f"claim#{run}", "run": run}
    assert store.get("state", {"key": f"res#{run}"}) == {"key": f"res#{run}", "owner": "r1"}
    assert store.get("ledger", {"run": run, "number": 0}) == {"run": run, "number": 0, "n": {"a": [1.5]}}


def test_a_refused_transaction_writes_nothing_and_names_the_gate_with_the_old_item(store: Store, run: str) -> None:
    store.transact([lock(run, "r1")])
    with pytest.raises(ConditionFailed) as refused:
        store.transact([claim(run), lock(run, "r2")])
    (failure,) = refused.value.failures
    assert failure.piece.gate == "lock"
    assert failure.old == {"key": f"res#{run}", "owner": "r1"}
    assert store.get("state", {"key": f"claim#{run}"}) is None


def test_every_gate_that_refuses_is_named(store: Store, run: str) -> None:
    store.transact([claim(run), lock(run)])
    with pytest.raises(ConditionFailed) as refused:
        store.transact([claim(run), Piece("state", {"key": "halt"}, "halt", Absent("all")), lock(run)])
    assert [failure.piece.gate for failure in refused.value.failures] == ["claim", "lock"]


def test_an_item_that_is_not_there_may_refuse_too(store: Store, run: str) -> None:
    with pytest.raises(ConditionFailed) as refused:
        store.transact([claim(run), Piece("state", {"key": f"res#{run}"}, "owner", Equals("owner", "r1"))])
    failure = refused.value.of("owner")
    assert failure is not None
    assert failure.old is None


@pytest.mark.parametrize(
    ("members", "operation"),
    [
        ({"put": {"n": 1}}, "PutItem"),
        ({"sets": {"n": 1}}, "UpdateItem"),
        ({"delete": True}, "DeleteItem"),
        ({}, "TransactWriteItems"),
    ],
)
def test_one_item_alone_is_a_single_request_at_half_the_price(
    far_store: Store, line: Any, run: str, members: dict[str, Any], operation: str
) -> None:
    key = {"key": f"one#{run}"}
    far_store.transact([Piece("state", key, "gate", Absent("owner"), **members)])
    far_store.transact([Piece("state", key, "before", put={"owner": "r1"})])
    with pytest.raises(ConditionFailed) as refused:
        far_store.transact([Piece("state", key, "gate", Absent("owner"), **members)])
    assert line.operations() == [operation, "PutItem", operation]
    (failure,) = refused.value.failures
    assert (failure.piece.gate, failure.old) == ("gate", {**key, "owner": "r1"})


def test_an_update_returns_the_item_as_it_is_now(store: Store, run: str) -> None:
    key = {"key": f"alarm#{run}"}
    assert store.update(Piece("state", key, "ok", adds={"n": 1, "seen": {"a", "b"}})) == {
        **key,
        "n": 1,
        "seen": {"a", "b"},
    }
    again = Piece("state", key, "ok", SizeBelow("seen", 3), sets={"ok_at": 1.5}, adds={"n": 2}, takes={"seen": {"a"}})
    assert store.update(again) == {**key, "n": 3, "ok_at": 1.5, "seen": {"b"}}
    with pytest.raises(ConditionFailed) as refused:
        store.update(Piece("state", key, "ok", Below("ok_at", 1), sets={"ok_at": 1}))
    assert refused.value.failures[0].old == {**key, "n": 3, "ok_at": 1.5, "seen": {"b"}}


def test_a_set_that_becomes_empty_vanishes(store: Store, run: str) -> None:
    key = {"key": f"res#{run}"}
    store.update(Piece("state", key, "hold", adds={"holders": {"a"}}))
    assert "holders" not in store.update(Piece("state", key, "hold", takes={"holders": {"a"}}))


def test_only_an_update_is_an_update(store: Store, run: str) -> None:
    with pytest.raises(ValueError, match="claim"):
        store.update(claim(run))


def test_a_transaction_has_1_to_100_items(store: Store, run: str) -> None:
    with pytest.raises(ValueError, match="not 0"):
        store.transact([])
    with pytest.raises(ValueError, match="not 101"):
        store.transact([claim(f"{run}{number}") for number in range(101)])


def test_there_are_two_tables(store: Store) -> None:
    with pytest.raises(ValueError, match="ledgers"):
        store.get("ledgers", {"key": "x"})


def test_the_tables_names_are_given(line: Any, clock: StoppedClock) -> None:
    store = Store(line.client, Tables(state="elsewhere"), clock)
    with pytest.raises(Unreachable, match=r"eu-central-1, elsewhere: no such table or index\. Deploy the stack"):
        store.get("state", {"key": "x"})


def test_a_query_pages_through_one_partition(store: Store, run: str) -> None:
    store.transact([Piece("ledger", {"run": run, "number": number}, "entry", put={}) for number in range(5)])
    first = store.query("ledger", Equals("run", run) & AtLeast("number", 1), limit=3)
    assert [item["number"] for item in first.items] == [1, 2, 3]
    rest = store.query("ledger", Equals("run", run) & AtLeast("number", 1), limit=3, after=first.after)
    assert [item["number"] for item in rest.items] == [4]
    assert rest.after is None
    newest = store.query("ledger", Equals("run", run), limit=1, newest_first=True, consistent=True)
    assert [item["number"] for item in newest.items] == [4]


# --- conflicts -----------------------------------------------------------------------------------------------------


def test_a_conflict_is_tried_again_with_jitter(far_store: Store, line: Any, clock: StoppedClock, run: str) -> None:
    """Emulators never send one, AWS does."""
    before = clock.now()
    line.then(line.cancel("None", "TransactionConflict"), line.cancel("TransactionConflict", "None"))
    far_store.transact([claim(run), lock(run)])
    assert far_store.get("state", {"key": f"res#{run}"}) is not None
    assert (clock.now() - before).total_seconds() == pytest.approx(0.05 + 0.1)


def test_a_conflict_that_does_not_end_is_raised(far_store: Store, line: Any, clock: StoppedClock, run: str) -> None:
    line.then(line.cancel("TransactionConflict", "None"), times=99)
    before = clock.now()
    with pytest.raises(Conflict, match="others write the same items"):
        far_store.transact([claim(run), lock(run)])
    assert line.operations() == ["TransactWriteItems"] * TRIES
    assert (clock.now() - before).total_seconds() < 1


def test_a_single_write_meets_conflicts_too(far_store: Store, line: Any, run: str) -> None:
    line.then(line.refuse("TransactionConflictException"))
    far_store.transact([lock(run)])
    line.then(line.refuse("TransactionConflictException"), times=TRIES)
    with pytest.raises(Conflict):
        far_store.update(Piece("state", {"key": f"res#{run}"}, "x", sets={"n": 1}))


def test_a_failed_condition_counts_more_than_a_conflict_beside_it(far_store: Store, line: Any, run: str) -> None:
    old = {"key": {"S": f"res#{run}"}, "owner": {"S": "r9"}}
    line.then(line.cancel("TransactionConflict", {"Code": "ConditionalCheckFailed", "Item": old}))
    with pytest.raises(ConditionFailed) as refused:
        far_store.transact([claim(run), lock(run)])
    assert [(failure.piece.gate, failure.old) for failure in refused.value.failures] == [
        ("lock", {"key": f"res#{run}", "owner": "r9"})
    ]


def test_throttling_inside_a_transaction_is_tried_again(far_store: Store, line: Any, run: str) -> None:
    """Botocore sees a cancelled transaction there, and does not."""
    line.then(line.cancel("ThrottlingError", "None"), line.cancel("None", "ProvisionedThroughputExceeded"))
    far_store.transact([claim(run), lock(run)])
    line.then(line.cancel("ThrottlingError", "None"), times=TRIES)
    with pytest.raises(Conflict, match="too often"):
        far_store.transact([claim(f"{run}x"), lock(f"{run}x")])


def tokens(line: Any) -> list[str]:
    return [members["ClientRequestToken"] for _, members in line.sent]


def test_each_transaction_and_each_try_after_a_conflict_has_a_token_of_its_own(
    far_store: Store, line: Any, run: str
) -> None:
    line.then(line.cancel("TransactionConflict", "None"))
    far_store.transact([claim(run), lock(run)])
    far_store.transact([claim(f"{run}x"), lock(f"{run}x")])
    assert len(set(tokens(line))) == 3


def test_a_transaction_still_in_progress_is_asked_for_by_its_own_token(far_store: Store, line: Any, run: str) -> None:
    """Under another token it would meet what it wrote itself."""
    line.then(line.refuse("TransactionInProgressException"), times=6)
    far_store.transact([claim(run), lock(run)])
    assert len(line.sent) == 7
    assert len(set(tokens(line))) == 1


def test_a_lost_request_is_repeated_by_botocore_with_the_same_token(far_store: Store, line: Any, run: str) -> None:
    line.then(line.lose_the_request)
    far_store.transact([claim(run), lock(run)])
    assert len(line.sent) == 2
    assert len(set(tokens(line))) == 1


def test_after_a_lost_reply_a_single_write_may_be_refused_by_its_own_item(
    far_store: Store, line: Any, run: str
) -> None:
    line.then(line.lose_the_reply)
    with pytest.raises(ConditionFailed) as refused:
        far_store.transact([lock(run, "me")])
    assert refused.value.failures[0].old == {"key": f"res#{run}", "owner": "me"}


# --- out of reach --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda line: line.cut, "no connection .*Check network, Region and endpoint"),
        (lambda line: line.lose_the_request, "Whether a write happened is not known: repeat it"),
        (lambda line: line.refuse("ThrottlingException"), "throttled, after the retries"),
        (lambda line: line.refuse("ProvisionedThroughputExceededException"), "throttled"),
        (lambda line: line.refuse("RequestLimitExceeded"), "throttled"),
        (lambda line: line.refuse("ResourceNotFoundException"), "Deploy the stack"),
        (lambda line: line.refuse("AccessDeniedException"), "may not .*AccessDenied.*Check the role and its policy"),
        (lambda line: line.refuse("InternalServerError", status=500), "DynamoDB failed .*Try again later"),
    ],
)
@pytest.mark.parametrize("verb", ["transact", "alone", "update", "get", "query"])
def test_what_does_not_answer_is_unreachable_with_words_that_say_what_to_do(
    far_store: Store, line: Any, run: str, answer: Any, words: str, verb: str
) -> None:
    line.then(answer(line), times=4)
    key = {"key": f"res#{run}"}
    verbs: dict[str, Callable[[], Any]] = {
        "transact": lambda: far_store.transact([claim(run), lock(run)]),
        "alone": lambda: far_store.transact([lock(run)]),
        "update": lambda: far_store.update(Piece("state", key, "x", sets={"n": 1})),
        "get": lambda: far_store.get("state", key),
        "query": lambda: far_store.query("state", Equals("key", f"res#{run}"), limit=1),
    }
    with pytest.raises(Unreachable, match=words) as failed:
        verbs[verb]()
    assert "DynamoDB eu-central-1, " in str(failed.value)
    assert failed.value.__cause__ is not None


def test_passing_faults_are_repeated_by_botocore(far_store: Store, line: Any, run: str) -> None:
    line.then(line.cut, line.refuse("ThrottlingException"), line.refuse("InternalServerError", status=500))
    far_store.transact([claim(run), lock(run)])
    assert len(line.sent) == 4


def test_a_malformed_request_is_not_explained_away(far_store: Store, line: Any, run: str) -> None:
    line.then(line.refuse("ValidationException"), line.cancel("ValidationError", "None"))
    for _ in range(2):
        with pytest.raises(ClientError) as failed:
            far_store.transact([claim(run), lock(run)])
        assert not isinstance(failed.value, NightcrewError)


def test_the_client_repeats_up_to_four_times_and_waits_for_seconds_only() -> None:
    config: Any = client_config()
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}
    assert (config.connect_timeout, config.read_timeout) == (1, 3)
