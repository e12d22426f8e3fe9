"""A runbook's record, and what it suggests: one lucky hit is no proof, and nobody is judged by two tries."""

from datetime import timedelta

import pytest

from nightcrew.knowledge.recall.record import Record, records, wilson_lower
from nightcrew.knowledge.recall.suggestion import GOOD, Suggestion, suggestion
from tests.knowledge.casebook import GROW, RESTART, Casebook


@pytest.mark.parametrize(
    ("good", "tried", "lower"),
    [(0, 0, 0.0), (0, 10, 0.0), (1, 1, 0.2065), (9, 10, 0.5958), (10, 10, 0.7225), (81, 263, 0.2553)],
)
def test_the_lower_bound_is_wilsons(good: int, tried: int, lower: float) -> None:
    """The last: R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17,
    1998, table I, method 3.
    """
    assert wilson_lower(good, tried) == pytest.approx(lower, abs=5e-5)


@pytest.mark.parametrize(("good", "tried"), [(3, 3), (5, 6), (6, 8), (8, 11)])
def test_a_good_record_is_that_and_no_less(good: int, tried: int) -> None:
    """As its docstring has it: with one that helped less, it is none."""
    assert wilson_lower(good - 1, tried) < GOOD <= wilson_lower(good, tried)


def test_nine_of_ten_is_a_better_record_than_one_of_one() -> None:
    book = Casebook()
    for number in range(10):
        book.case("cured" if number else "failed", runbook=GROW, took=timedelta(minutes=number + 1))
    book.case(runbook=RESTART)
    best, other = records(book.seen)
    assert (best.runbook, best.tried, best.cured, best.median) == (GROW, 10, 9, timedelta(minutes=6))
    assert (other.runbook, other.tried, other.cured) == (RESTART, 1, 1)


@pytest.mark.parametrize("outcome", ["cancelled", "not_applicable"])
def test_what_was_cancelled_or_did_not_apply_is_no_try(outcome: str) -> None:
    book = Casebook()
    book.case(outcome)
    assert records(book.seen) == ()


@pytest.mark.parametrize(
    ("outcome", "cured"), [("cured", 1), ("succeeded", 1), ("ineffective", 0), ("worse", 0), ("failed", 0)]
)
def test_what_was_carried_out_is_a_try(outcome: str, cured: int) -> None:
    """And its time counts only where it helped."""
    book = Casebook()
    book.case(outcome)
    (found,) = records(book.seen)
    assert (found.tried, found.cured, found.median is not None) == (1, cured, bool(cured))


def record(runbook: str, cured: int, tried: int) -> Record:
    return Record(runbook, tried, cured, wilson_lower(cured, tried), None)


def suggests(usual: tuple[int, int] | None, other: tuple[int, int]) -> Suggestion | None:
    """The usual runbook and another, each so often cured of so many tries."""
    made = [record(GROW, *other), *([record(RESTART, *usual)] if usual else [])]
    return suggestion(sorted(made, key=lambda each: -each.lower), RESTART)


def test_a_runbook_that_does_clearly_better_is_suggested() -> None:
    found = suggests((1, 8), (5, 5))
    assert found is not None
    assert found.runbook == GROW
    assert found.words == f"{GROW} helped with this symptom 5 of 5 times; {RESTART} only 1 of 8 times"


@pytest.mark.parametrize(
    ("usual", "other", "why"),
    [
        ((0, 4), (9, 9), "the usual one was tried too seldom to be judged"),
        ((1, 8), (2, 2), "the other one was lucky twice"),
        ((6, 10), (8, 10), "the other one is not clearly better"),
        (None, (9, 9), "nothing is known of the usual one"),
        ((4, 6), (5, 6), "both are good"),
    ],
)
def test_nothing_is_suggested_without_a_good_reason(
    usual: tuple[int, int] | None, other: tuple[int, int], why: str
) -> None:
    assert suggests(usual, other) is None, why


def test_where_nothing_answers_what_has_a_good_record_is_suggested() -> None:
    """Not more than that: two of two may be luck."""
    found = suggestion([record(GROW, 3, 3), record(RESTART, 1, 3)], None, ("checkout-5xx",))
    assert found is not None
    assert found.words == f"{GROW} helped with a similar symptom (checkout-5xx) 3 of 3 times"
    assert suggestion([record(GROW, 2, 2)], None) is None
