"""Days that a viewer counted: looked up the next time, unless the ledger's own table says something newer."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from nightcrew.knowledge.statistics.days import Day, days, drop, keep
from nightcrew.knowledge.statistics.shelf import Shelf
from nightcrew.ledger.store import Store
from tests.knowledge.chronicle import DAY, NIGHT, Chronicle

SATURDAY = NIGHT.date()
LATER = NIGHT + 30 * DAY


@pytest.fixture
def chronicle() -> Chronicle:
    made = Chronicle()
    made.ran()
    made.refused()
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "days.json"


def looked(store: Store, file: Path, ledger: str = "one") -> list[Day]:
    """Two months, as somebody sees them who comes anew."""
    return list(days(store, SATURDAY - 30 * DAY, LATER.date(), now=LATER, shelf=Shelf(file, ledger)))


def test_days_are_counted_once(chronicle: Chronicle, file: Path) -> None:
    """And say the same the second time, for a request for a hundred days, and those of the last days."""
    first, second = looked(chronicle.store, file), looked(chronicle.store, file)
    assert first == second == list(days(chronicle.store, SATURDAY - 30 * DAY, LATER.date(), now=LATER))
    assert sum(day.runs for day in second) == 1
    assert sum(day.reads for day in first) > 15
    assert sum(day.reads for day in second) <= 5


def test_what_stands_there_is_not_written_again(chronicle: Chronicle, file: Path) -> None:
    looked(chronicle.store, file)
    written = file.stat().st_ino
    looked(chronicle.store, file)
    assert file.stat().st_ino == written


def test_what_came_late_is_counted(chronicle: Chronicle, file: Path) -> None:
    """Its upload dropped the day: nothing that was counted before is taken for it."""
    looked(chronicle.store, file)
    drop(chronicle.store, NIGHT, chronicle.ran())
    assert sum(day.runs for day in looked(chronicle.store, file)) == 2


def test_what_the_days_job_kept_comes_first(chronicle: Chronicle, file: Path) -> None:
    """It has what the index did not show yet when somebody looked."""
    looked(chronicle.store, file)
    chronicle.ran()
    keep(chronicle.store, SATURDAY)
    assert sum(day.runs for day in looked(chronicle.store, file)) == 2


def test_the_last_days_are_always_counted(chronicle: Chronicle, file: Path) -> None:
    """The index may not show yet what ended in them: today, yesterday, and the day before."""
    for back in range(3):
        chronicle.ran(LATER - back * DAY)
        looked(chronicle.store, file)
        chronicle.ran(LATER - back * DAY)
        assert looked(chronicle.store, file)[-1 - back].runs == 2


def test_another_ledger_has_other_days(chronicle: Chronicle, file: Path) -> None:
    looked(chronicle.store, file)
    assert sum(day.runs for day in looked(Chronicle().store, file, "another")) == 0


@pytest.mark.parametrize("text", ["", "[]", '{"version":1}', '{"version":1,"ledger":"one","days":{"2026-11-21":"7"}}'])
def test_a_file_that_cannot_be_read_is_made_anew(chronicle: Chronicle, file: Path, text: str) -> None:
    file.write_text(text)
    assert sum(day.runs for day in looked(chronicle.store, file)) == 1
    assert sum(day.reads for day in looked(chronicle.store, file)) <= 5


def test_where_nothing_can_be_written_days_are_counted(chronicle: Chronicle, tmp_path: Path) -> None:
    """It only saves time."""
    nowhere = tmp_path / "none" / "days.json"
    assert looked(chronicle.store, nowhere) == looked(chronicle.store, nowhere)
    assert not nowhere.exists()


def test_nobody_else_reads_the_file(chronicle: Chronicle, file: Path) -> None:
    """It says what happened to whose resources. And nothing else is left behind."""
    looked(chronicle.store, file)
    assert file.stat().st_mode & 0o077 == 0
    assert os.listdir(file.parent) == [file.name]  # noqa: PTH208


def test_what_two_count_together_is_all_there(chronicle: Chronicle, file: Path) -> None:
    """One who ends later does not take away what the other put there."""
    one, other = Shelf(file, "one"), Shelf(file, "one")
    assert (one.get(SATURDAY), other.get(SATURDAY)) == (None, None)
    one.put([Day(SATURDAY)])
    other.put([Day(SATURDAY - timedelta(days=1))])
    anew = Shelf(file, "one")
    assert anew.get(SATURDAY) is not None
    assert anew.get(SATURDAY - timedelta(days=1)) is not None
