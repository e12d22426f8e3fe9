"""The tables of a backtest answer as those in memory do, which are held to DynamoDB's by their own contract."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcrew.dispatch.backtest.memory import ReplayStore
from nightcrew.ledger.conditions import Absent, AtMost, Equals, Present
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.transaction import ConditionFailed, Piece

KEYS = st.sampled_from("abc")
WRITES = st.one_of(
    st.tuples(st.just("open"), KEYS, st.sampled_from(["open", "retry"]), st.integers(0, 9)),
    st.tuples(st.just("close"), KEYS),
    st.tuples(st.just("put"), KEYS, st.integers(0, 9)),
    st.tuples(st.just("delete"), KEYS),
    st.tuples(st.just("add"), KEYS, st.integers(0, 9)),
)


def piece(write: tuple[Any, ...]) -> Piece:
    key = {"key": write[1]}
    match write:
        case ("open", _, kind, lease):
            return Piece(table="state", key=key, gate="t", sets={"open": kind, "lease": str(lease)})
        case ("close", _):
            return Piece(table="state", key=key, gate="t", condition=Present("open"), removes=("open", "lease"))
        case ("put", _, lease):
            item = {"open": "open", "lease": str(lease), "tags": {"x"}}
            return Piece(table="state", key=key, gate="t", condition=Absent("key"), put=item)
        case ("delete", _):
            return Piece(table="state", key=key, gate="t", condition=Present("key"), delete=True)
        case _:
            return Piece(table="state", key=key, gate="t", adds={"tags": {str(write[2])}})


@settings(max_examples=15, deadline=None)
@given(st.lists(WRITES, max_size=15))
def test_it_says_what_the_tables_in_memory_say(writes: list[tuple[Any, ...]]) -> None:
    """Item by item, and of the index of what is open; and it refuses what they refuse."""
    stores = [MemoryStore(), ReplayStore()]
    for write in writes:
        refused = []
        for store in stores:
            try:
                store.transact([piece(write)])
            except ConditionFailed:
                refused.append(store)
        assert len(refused) in (0, 2)
    for name in "abc":
        assert stores[0].get("state", {"key": name}) == stores[1].get("state", {"key": name})
    for where in (Equals("open", "open"), Equals("open", "retry") & AtMost("lease", "5")):
        one, other = (store.query("state", where, index="open", limit=2) for store in stores)
        assert one == other


def test_what_was_read_is_the_readers_own() -> None:
    """A set that a caller changes stays as it is in the table."""
    store = ReplayStore()
    store.transact([piece(("add", "a", 1))])
    read = store.get("state", {"key": "a"})
    assert read is not None
    read["tags"].add("2")
    assert store.get("state", {"key": "a"}) == {"key": "a", "tags": {"1"}}


def test_what_is_open_is_counted() -> None:
    store = ReplayStore()
    for write in (("open", "a", "retry", 1), ("open", "b", "retry", 1), ("open", "c", "open", 1), ("close", "b")):
        store.transact([piece(write)])
    assert (store.count_open("retry"), store.count_open("open")) == (1, 1)
    with pytest.raises(ConditionFailed):
        store.transact([piece(("close", "b"))])
