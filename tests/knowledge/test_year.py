"""A year of days: each is read once or counted once, and what is kept meanwhile counts as it is now."""

from datetime import timedelta

import pytest

from nightcrew.knowledge.statistics.days import drop, keep
from nightcrew.knowledge.statistics.year import Year
from tests.knowledge.chronicle import NIGHT, Chronicle

SATURDAY, DAY = NIGHT.date(), timedelta(days=1)
FIRST = SATURDAY - 6 * DAY


@pytest.fixture
def chronicle() -> Chronicle:
    """A week with a run on each day, the first three of which are kept."""
    made = Chronicle()
    for back in range(7):
        made.ran(NIGHT - back * DAY)
    for ahead in range(3):
        keep(made.store, FIRST + ahead * DAY)
    return made


def test_a_year_knows_what_is_kept_and_what_is_missing(chronicle: Chronicle) -> None:
    drop(chronicle.store, NIGHT - 5 * DAY, "late")
    year = Year(chronicle.store, FIRST, SATURDAY)
    assert [each.day for each in year.known] == [FIRST, FIRST + 2 * DAY]
    assert year.missing(FIRST, SATURDAY) == [FIRST + DAY, *(FIRST + number * DAY for number in range(3, 7))]
    assert year.missing(FIRST + 2 * DAY, FIRST + 2 * DAY) == []


def test_what_nobody_kept_is_counted_once_and_kept_by_nobody(chronicle: Chronicle) -> None:
    year = Year(chronicle.store, FIRST, SATURDAY)
    counted = year.between(FIRST, SATURDAY)
    assert [(each.day, each.runs) for each in counted] == [(FIRST + number * DAY, 1) for number in range(7)]
    assert sum(each.reads for each in counted) > 0
    chronicle.ran(NIGHT)
    assert year.between(SATURDAY - DAY, SATURDAY) == counted[-2:]
    assert len(Year(chronicle.store, FIRST, SATURDAY).missing(FIRST, SATURDAY)) == 4


def test_a_day_that_is_kept_counts_as_it_is_now(chronicle: Chronicle) -> None:
    year = Year(chronicle.store, FIRST, SATURDAY)
    chronicle.ran(NIGHT - 6 * DAY)
    assert year.keep(FIRST).runs == 2
    assert [each.runs for each in year.between(FIRST, FIRST)] == [2]
