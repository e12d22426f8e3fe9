"""The index's file: it outlives its process, is made anew where it cannot be used, and is filled by several at once."""

import sqlite3
import threading
from pathlib import Path

import pytest

from nightcrew.clock import StoppedClock, stamp
from nightcrew.errors import Unreachable
from nightcrew.knowledge.search.index import Index, with_index
from nightcrew.knowledge.search.refresh import refresh
from nightcrew.knowledge.search.search import search
from tests.knowledge.search.asked import WEEK, Counted, Ended, found, ids


def test_the_index_outlives_its_process(store: Counted, file: Path, clock: StoppedClock, ended: Ended) -> None:
    run = ended("zeppelin")
    with Index(file, "here") as first:
        refresh(store, first, clock.now())
    store.answers = 0
    with Index(file, "here") as second:
        assert ids(search(second, "zeppelin")) == [run]
        assert second.counts() == {"run": 1}
    assert file.stat().st_mode & 0o777 == 0o600


def test_another_ledger_s_index_is_not_searched(store: Counted, file: Path, clock: StoppedClock, ended: Ended) -> None:
    """A demo that is started anew has an empty ledger."""
    ended("zeppelin")
    with Index(file, "here") as first:
        refresh(store, first, clock.now())
    with Index(file, "there") as second:
        assert ids(search(second, "zeppelin")) == []
        assert second.mark.until == ""


@pytest.mark.parametrize("damage", ["no database", "old format", "a table is gone", "pages overwritten"])
def test_a_file_that_cannot_be_used_is_made_anew_and_it_is_said(
    damage: str, store: Counted, file: Path, clock: StoppedClock, ended: Ended
) -> None:
    run = ended("zeppelin " + "and many more words " * 400)
    with Index(file, "here") as first:
        refresh(store, first, clock.now())
    statements = {"old format": "PRAGMA user_version = 99", "a table is gone": "DROP TABLE documents"}
    if damage in statements:
        with sqlite3.connect(file) as db:
            db.execute(statements[damage])
        db.close()
    else:
        size, begin = file.stat().st_size, 0 if damage == "no database" else 4096
        with file.open("r+b") as out:
            out.seek(begin)
            out.write(b"not at all " * ((size - begin) // 11))
    notes: list[str] = []

    def work(index: Index) -> list[str]:
        refresh(store, index, clock.now())
        return ids(search(index, "zeppelin"))

    assert with_index(file, "here", work, notes.append) == [run]
    assert [note.startswith("note: the search index is ") for note in notes] == [True]
    assert notes[0].endswith(": it is made anew")
    assert with_index(file, "here", work, notes.append) == [run]
    assert len(notes) == 1


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "search").write_text("a file, where a directory should be")
    with pytest.raises(Unreachable, match=r"search/here\.sqlite cannot be used"):
        with_index(tmp_path / "search" / "here.sqlite", "here", lambda index: None, print)


def test_what_begins_anew_forgets_and_reads_everything(
    store: Counted, index: Index, clock: StoppedClock, ended: Ended
) -> None:
    run = ended("zeppelin")
    refresh(store, index, clock.now())
    index.begin_anew()
    assert ids(search(index, "zeppelin")) == []
    assert found(store, index, clock, "zeppelin") == [run]


def test_who_was_reading_when_another_began_anew_moves_no_mark(
    store: Counted, index: Index, file: Path, clock: StoppedClock, ended: Ended
) -> None:
    """Else what was forgotten would count as read."""
    run = ended("zeppelin")
    clock.sleep(WEEK)

    def meanwhile(what: str, many: int) -> None:
        with Index(file, "here") as other:
            other.begin_anew()

    refresh(store, index, clock.now(), meanwhile)
    with Index(file, "here") as later:
        assert later.mark.until == ""
        assert found(store, later, clock, "zeppelin") == [run]


def test_several_at_once_fill_one_file(store: Counted, file: Path, clock: StoppedClock, ended: Ended) -> None:
    runs = []
    for _ in range(60):
        runs.append(ended("zeppelin"))
        clock.sleep(6 * 3600)
    went_wrong: list[Exception] = []

    def fill() -> None:
        try:
            with Index(file, "here") as mine:
                refresh(store, mine, clock.now())
        except Exception as error:  # noqa: BLE001  it is told by the test
            went_wrong.append(error)

    threads = [threading.Thread(target=fill) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert went_wrong == []
    with Index(file, "here") as index:
        assert set(ids(search(index, "zeppelin", limit=100))) == set(runs)
        assert index.counts() == {"run": 60}
        assert index.mark.until == stamp(clock.now())
