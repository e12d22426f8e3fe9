"""The Min and Max that hours want: figures in, figures out."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nightcrew.knowledge.capacity.wanted import ENOUGH, FULL, Hour, Sizes, wanted

NOW = Sizes(2, 8, 4)


def hours(*told: tuple[int, float, float]) -> list[Hour]:
    """So many hours, with so many serving at so many percent."""
    return [Hour(serving, cpu) for number, serving, cpu in told for _ in range(number)]


@pytest.mark.parametrize(
    ("serving", "cpu", "wants"),
    [(4, 60, 4), (4, 61, 5), (4, 30, 2), (3.5, 60, 4), (10, 100, 17), (0, 0, 0), (3, 20, 1), (7, 60.0, 7)],
)
def test_an_hour_wants_what_would_do_its_work_at_the_target(serving: float, cpu: float, wants: int) -> None:
    """Rounded up: half an instance there is none."""
    assert Hour(serving, cpu).wants(60) == wants


def test_min_is_what_half_of_the_hours_want_and_max_a_quarter_above_the_highest() -> None:
    """Forty hours of 2, forty of 5, twenty of 10; the highest of 10 wants 13."""
    made = wanted(hours((40, 4, 30), (40, 4, 75), (20, 8, 75)), NOW)
    assert made is not None
    assert (made.min, made.max, made.highest, made.hours, made.full) == (5, 13, 10, 100, 0)


def test_what_it_costs_are_the_hours_that_min_adds_to_what_ran() -> None:
    """Forty and forty hours with one missing to five, none where eight ran: 0.8 on the average, of 730 hours."""
    made = wanted(hours((40, 4, 30), (40, 4, 75), (20, 8, 75)), NOW)
    assert made is not None
    assert made.more_hours == round(730 * 80 / 100) == 584


def test_nothing_that_was_rescued_is_to_be_made_smaller() -> None:
    """A group that idles keeps what is set: metrics do not know what redundancy is for."""
    made = wanted(hours((ENOUGH, 4, 10)), NOW)
    assert made is not None
    assert (made.min, made.max, made.highest) == (2, 8, 1)
    assert not made.differs(NOW)


def test_a_min_that_a_rescue_has_just_raised_is_not_taken_for_what_is_wanted() -> None:
    """Four served for ninety hours of a hundred, and six since Min was raised to six: half of the hours want four."""
    made = wanted(hours((90, 4, 60), (10, 6, 60)), Sizes(6, 8, 6))
    assert made is not None
    assert (made.min, made.raised, made.more_hours) == (4, True, 0)
    assert made.differs(Sizes(4, 8, 6))
    older = wanted(hours((9, 4, 60), (91, 6, 30)), Sizes(6, 8, 6))
    assert older is not None
    assert (older.min, older.raised) == (6, False)  # some hours with fewer are no proof of it: instances come and go


def test_of_what_nothing_scales_there_is_only_what_its_hours_want() -> None:
    """An ECS service with a fixed count."""
    now = Sizes(None, None, 4)
    made = wanted(hours((ENOUGH, 4, 30)), now)
    assert made is not None
    assert (made.min, made.max) == (2, 3)
    assert made.differs(now)


@pytest.mark.parametrize(("number", "told"), [(ENOUGH - 1, False), (ENOUGH, True), (0, False)])
def test_below_three_days_there_is_no_figure(number: int, *, told: bool) -> None:
    """Seventy-one hours are too few."""
    assert (wanted(hours((number, 4, 75)), NOW) is not None) is told


def test_hours_that_were_full_are_counted() -> None:
    """What they wanted beyond that is in no figure."""
    made = wanted(hours((70, 4, 75), (5, 8, FULL), (2, 8, 99)), NOW)
    assert made is not None
    assert made.full == 7


def test_the_target_may_be_another() -> None:
    """Twice as many at half the CPU."""
    made = wanted(hours((ENOUGH, 4, 60)), NOW, 30)
    assert made is not None
    assert (made.min, made.max) == (8, 10)


@given(
    some.lists(
        some.tuples(some.integers(ENOUGH // 4, ENOUGH), some.floats(0, 500), some.floats(0, 400)),
        min_size=4,
        max_size=6,
    ),
    some.integers(0, 50),
    some.integers(0, 50),
)
def test_whatever_the_hours_are_max_holds_min_and_nothing_shrinks(
    told: list[tuple[int, float, float]], least: int, room: int
) -> None:
    """So what is proposed can always be set."""
    now = Sizes(least, least + room, least)
    made = wanted(hours(*told), now)
    assert made is not None
    assert now.min is not None
    assert now.max is not None
    assert now.min <= made.min or made.raised
    assert made.min <= made.max >= now.max
    assert made.more_hours >= 0
    assert made.max >= made.highest
