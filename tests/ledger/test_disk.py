"""The tables in a file: what one process wrote, the next one reads. What both stores promise is in test_memory.py."""

import threading
from pathlib import Path

import pytest

from nightcrew.clock import StoppedClock
from nightcrew.errors import BrokenChain, Unreachable
from nightcrew.ledger.book import Book
from nightcrew.ledger.conditions import Absent, Below, Equals
from nightcrew.ledger.disk import DiskStore
from nightcrew.ledger.history import entries
from nightcrew.ledger.transaction import ConditionFailed, Piece
from nightcrew.ledger.verify import verify

KEY = {"key": "res#arn"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def owned(run: str) -> Piece:
    """A lock that is taken if it is free."""
    return Piece(table="state", key=KEY, gate="lock", condition=Absent("owner"), sets={"owner": run})


def test_what_was_written_is_there_after_a_kill(path: Path) -> None:
    """Nothing is closed, nothing flushed: sets, numbers and texts come back as they were."""
    sets = {"owner": "run-1", "n": 3, "holders": {"a", "b"}, "what": {"x": [1, None, True]}}
    DiskStore(path).transact([Piece(table="state", key=KEY, gate="test", sets=sets)])
    assert DiskStore(path).get("state", KEY) == {**sets, **KEY}


def test_two_processes_compete_for_one_lock(path: Path) -> None:
    """Each sees what the other wrote, though both have the file open."""
    mine, theirs = DiskStore(path), DiskStore(path)
    assert theirs.get("state", KEY) is None
    mine.transact([owned("mine")])
    with pytest.raises(ConditionFailed) as failed:
        theirs.transact([owned("theirs")])
    assert failed.value.failures[0].old == {"owner": "mine", **KEY}
    assert theirs.get("state", KEY) == {"owner": "mine", **KEY}


def test_a_refused_transaction_leaves_nothing_on_disk_or_in_memory(path: Path) -> None:
    store = DiskStore(path)
    store.transact([owned("mine")])
    other = Piece(table="state", key={"key": "other"}, gate="test", sets={"x": 1})
    with pytest.raises(ConditionFailed):
        store.transact([other, owned("theirs")])
    for each in (store, DiskStore(path)):
        assert each.get("state", {"key": "other"}) is None
        assert each.get("state", KEY) == {"owner": "mine", **KEY}


def test_of_many_writers_each_count_is_kept(path: Path) -> None:
    """Threads with a store each, as processes would have; none loses what another added, and the limit holds."""

    def work() -> None:
        store = DiskStore(path)
        for _ in range(5):
            store.update(Piece(table="state", key=KEY, gate="test", adds={"n": 1}))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = DiskStore(path)
    assert (store.get("state", KEY) or {})["n"] == 20
    with pytest.raises(ConditionFailed):
        store.update(Piece(table="state", key=KEY, gate="test", condition=Below("n", 20), adds={"n": 1}))


def test_a_deleted_item_is_gone_for_all(path: Path) -> None:
    mine, theirs = DiskStore(path), DiskStore(path)
    mine.transact([owned("mine")])
    theirs.transact([Piece(table="state", key=KEY, gate="test", condition=Equals("owner", "mine"), delete=True)])
    assert mine.get("state", KEY) is None
    assert DiskStore(path).get("state", KEY) is None


def test_what_another_process_wrote_is_seen_by_a_read_of_several(path: Path) -> None:
    """Admission looks up all that it decides by in one such read."""
    one, two = DiskStore(path), DiskStore(path)
    keys = [{"key": "runbook#a"}, {"key": "runbook#b"}]
    assert two.get_all("state", keys) == [None, None]
    one.transact([Piece(table="state", key=keys[1], gate="test", sets={"fails": 1})])
    assert two.get_all("state", keys) == [None, {"key": "runbook#b", "fails": 1}]


def test_a_chain_is_written_here_and_read_there(path: Path) -> None:
    """The hashes are those of any ledger; and a file that somebody edited is found out."""
    store, clock = DiskStore(path), StoppedClock()
    book = Book(store, clock, "20261121-030000-aaaaaaaa")
    book.write("opening", {"runbook": "r", "ü": "ß", "n": 1.5})
    book.write("closing", {"runbook": "r", "outcome": "succeeded"})
    other = DiskStore(path)
    chain = entries(other, book.run)
    assert [entry.kind for entry in chain] == ["opening", "closing"]
    assert not verify(chain)
    key = {"run": book.run, "number": 0}
    other.transact([Piece(table="ledger", key=key, gate="test", sets={"body": '{"runbook":"other"}'})])
    (first, *_) = verify(entries(store, book.run))
    assert isinstance(first, BrokenChain)


def test_the_runs_are_listed_by_when_they_began(path: Path) -> None:
    store, clock = DiskStore(path), StoppedClock()
    for run in ("b", "refused-1", "a"):
        Book(store, clock, run).write("refusal" if run.startswith("refused") else "opening", {"runbook": "r"})
        clock.sleep(1)
    assert store.runs() == ["b", "refused-1", "a"]


def test_a_file_that_is_no_such_file_is_out_of_reach(path: Path) -> None:
    """As a disk that is full, or a directory that is not there: said with its name."""
    path.write_text("this is a letter to my aunt, and no database at all\n" * 100)
    with pytest.raises(Unreachable, match=r"ledger\.sqlite cannot be used"):
        DiskStore(path)
    with pytest.raises(Unreachable, match="cannot be used"):
        DiskStore(path.parent / "nowhere" / "ledger.sqlite")


def test_nobody_else_may_read_the_file(path: Path) -> None:
    """Nor what SQLite keeps beside it."""
    store = DiskStore(path)
    store.transact([owned("mine")])
    assert {each.stat().st_mode & 0o777 for each in path.parent.iterdir()} == {0o600}
    store.close()
