"""One contract for all stores: the tables in DynamoDB, those in memory, and those in a file."""

import itertools
from pathlib import Path

import pytest

from nightcrew.aws.cloud import ClientMaker
from nightcrew.clock import StoppedClock
from nightcrew.ledger.conditions import Absent, AtLeast, AtMost, Below, Equals, Present, SizeBelow
from nightcrew.ledger.disk import DiskStore
from nightcrew.ledger.memory import MemoryStore
from nightcrew.ledger.store import Store, client_config
from nightcrew.ledger.transaction import ConditionFailed, Piece

_numbers = itertools.count(1)


@pytest.fixture(params=["DynamoDB", "memory", "disk"])
def tables(request: pytest.FixtureRequest, clients: ClientMaker, tmp_path: Path) -> Store:
    """Each of them."""
    if request.param == "memory":
        return MemoryStore()
    if request.param == "disk":
        return DiskStore(tmp_path / "ledger.sqlite")
    return Store(clients("dynamodb", client_config()), clock=StoppedClock())


@pytest.fixture
def key() -> dict[str, str]:
    """A key of this test's own."""
    return {"key": f"contract#{next(_numbers)}"}


def test_what_was_put_is_read(tables: Store, key: dict[str, str]) -> None:
    """Texts, numbers, sets, lists, maps; and what is not there is None."""
    item = {"text": "a", "number": 3, "set": {"a", "b"}, "list": [1, "b", None], "map": {"x": True}}
    assert tables.get("state", key) is None
    tables.transact([Piece(table="state", key=key, gate="test", condition=Absent("key"), put=item)])
    assert tables.get("state", key) == {**item, **key}


def test_what_was_read_is_nobodys_to_change(tables: Store, key: dict[str, str]) -> None:
    """A copy."""
    tables.transact([Piece(table="state", key=key, gate="test", sets={"map": {"x": [1]}})])
    (tables.get("state", key) or {})["map"]["x"].append(2)
    assert (tables.get("state", key) or {})["map"] == {"x": [1]}


def test_a_refusal_names_its_gates_with_the_old_item_and_writes_nothing(tables: Store, key: dict[str, str]) -> None:
    """All that refuse, and no others; two gates on one item, and one on another."""
    other = {"key": f"{key['key']}-other"}
    tables.transact([Piece(table="state", key=key, gate="test", sets={"n": 2, "owner": "run-1"})])
    with pytest.raises(ConditionFailed) as failed:
        tables.transact(
            [
                Piece(table="state", key=key, gate="chain", condition=Absent("n") | Below("n", 2)),
                Piece(table="state", key=key, gate="lock", condition=Equals("owner", "run-1"), sets={"x": 1}),
                Piece(table="state", key=other, gate="claim", condition=Present("key"), sets={"y": 1}),
                Piece(table="state", key={"key": f"{key['key']}-free"}, gate="free", condition=Absent("key"), put={}),
            ]
        )
    assert {failure.piece.gate for failure in failed.value.failures} == {"chain", "claim"}
    chain, claim = failed.value.of("chain"), failed.value.of("claim")
    assert chain is not None
    assert claim is not None
    assert chain.old == {"n": 2, "owner": "run-1", **key}
    assert not claim.old
    assert tables.get("state", key) == {"n": 2, "owner": "run-1", **key}
    assert tables.get("state", other) is None
    assert tables.get("state", {"key": f"{key['key']}-free"}) is None


def test_numbers_and_sets_grow_and_an_empty_set_vanishes(tables: Store, key: dict[str, str]) -> None:
    """``adds``, ``takes`` and ``removes``, as of an item that was not there."""
    tables.transact([Piece(table="state", key=key, gate="test", adds={"n": 1, "set": {"a"}}, sets={"s": "x"})])
    grown = tables.update(
        Piece(table="state", key=key, gate="test", adds={"n": 2, "set": {"b"}}, removes=("s", "none"))
    )
    assert grown == {"n": 3, "set": {"a", "b"}, **key}
    assert tables.update(Piece(table="state", key=key, gate="test", takes={"set": {"a", "z"}}))["set"] == {"b"}
    full = Piece(table="state", key=key, gate="test", condition=SizeBelow("set", 1), adds={"set": {"c"}})
    with pytest.raises(ConditionFailed):
        tables.update(full)
    assert tables.update(Piece(table="state", key=key, gate="test", takes={"set": {"b"}})) == {"n": 3, **key}
    tables.transact([Piece(table="state", key=key, gate="test", takes={"set": {"b"}}, adds={"n": 1})])
    assert tables.get("state", key) == {"n": 4, **key}


def test_what_is_deleted_is_gone(tables: Store, key: dict[str, str]) -> None:
    """And can be deleted once, where that is asked."""
    tables.transact([Piece(table="state", key=key, gate="test", sets={"n": 1})])
    gone = Piece(table="state", key=key, gate="test", condition=Present("key"), delete=True)
    tables.transact([gone])
    assert tables.get("state", key) is None
    with pytest.raises(ConditionFailed):
        tables.transact([gone])


def test_what_is_open_is_found_by_its_lease(tables: Store, key: dict[str, str]) -> None:
    """In order, from and to a time, so many of them; and by pages."""
    kind = key["key"]
    for lease in ("2026-03", "2026-01", "2026-02"):
        item = {
            "open": kind,
            "lease": lease,
            "owner": lease,
            "runbook": "r",
            "symptom": "s",
            "actor": "a",
            "started": "x",
        }
        tables.transact([Piece(table="state", key={"key": f"{kind}-{lease}"}, gate="test", put=item)])

    def found(where: object = None, **more: object) -> list[str]:
        condition = Equals("open", kind) if where is None else Equals("open", kind) & where  # type: ignore[operator]
        page = tables.query("state", condition, index="open", **{"limit": 10, **more})  # type: ignore[arg-type]
        return [str(item["owner"]) for item in page.items]

    assert found() == ["2026-01", "2026-02", "2026-03"]
    assert found(newest_first=True, limit=2) == ["2026-03", "2026-02"]
    assert found(AtMost("lease", "2026-02")) == ["2026-01", "2026-02"]
    assert found(AtLeast("lease", "2026-02")) == ["2026-02", "2026-03"]


def test_the_entries_of_a_run_are_read_in_order_by_pages(tables: Store, key: dict[str, str]) -> None:
    """Until there is no page after it."""
    run = key["key"]
    for number in (2, 0, 1):
        tables.transact([Piece(table="ledger", key={"run": run, "number": number}, gate="test", sets={"x": number})])
    first = tables.query("ledger", Equals("run", run), limit=2, consistent=True)
    assert [item["number"] for item in first.items] == [0, 1]
    second = tables.query("ledger", Equals("run", run), limit=2, after=first.after, consistent=True)
    assert [item["number"] for item in second.items] == [2]
    assert second.after is None


def test_a_page_of_an_index_ends_at_a_place_in_it(tables: Store, key: dict[str, str]) -> None:
    """Its keys are the index's, and the table's: the next page begins after them."""
    kind = key["key"]
    for lease in ("2026-01", "2026-02", "2026-03"):
        item = {"open": kind, "lease": lease, "owner": lease}
        tables.transact([Piece(table="state", key={"key": f"{kind}-{lease}"}, gate="test", put=item)])
    first = tables.query("state", Equals("open", kind), index="open", limit=2)
    assert first.after == {"key": f"{kind}-2026-02", "open": kind, "lease": "2026-02"}
    second = tables.query("state", Equals("open", kind), index="open", limit=2, after=first.after)
    assert [item["owner"] for item in second.items] == ["2026-03"]


def test_contradictions_and_empty_transactions_are_programming_errors(tables: Store, key: dict[str, str]) -> None:
    """By either store."""
    with pytest.raises(ValueError, match="1 to 100"):
        tables.transact([])
    with pytest.raises(ValueError, match="not an update"):
        tables.update(Piece(table="state", key=key, gate="test", put={"n": 1}))
