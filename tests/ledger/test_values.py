"""Python values go into DynamoDB and come back as they were."""

from collections import OrderedDict
from decimal import Decimal
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from nightcrew.ledger.values import kind, plain, plain_item, same, wire, wire_item

SCALARS = (
    some.none()
    | some.booleans()
    | some.text(some.characters(codec="utf-8"))
    | some.integers(-(10**37), 10**37)
    | some.floats(-(2.0**53), 2.0**53).filter(lambda number: number == 0 or abs(number) > 1e-100)
)
VALUES = some.recursive(
    SCALARS | some.sets(some.text(some.characters(codec="utf-8")), min_size=1),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(some.characters(codec="utf-8")), inner),
    max_leaves=12,
)


@settings(max_examples=40)
@given(VALUES)
def test_what_goes_in_comes_out(value: Any) -> None:
    assert plain(wire(value)) == value


@given(SCALARS, SCALARS)
def test_equality_is_that_of_type_and_value(left: Any, right: Any) -> None:
    assert same(left, right) == (kind(left) == kind(right) and left == right)


def test_true_is_not_one_but_a_whole_float_is_an_integer() -> None:
    assert not same({"n": [True]}, {"n": [1]})
    assert same({"n": [1.0]}, {"n": [1]})


def test_a_float_keeps_its_shortest_text() -> None:
    """So a large one comes back as the integer that this text means."""
    assert wire(0.1) == {"N": "0.1"}
    assert wire(1e100) == {"N": "1E+100"}
    assert same(plain(wire(2.0**60)), 2.0**60)
    assert wire(-0.0) == {"N": "0"}
    assert wire(Decimal("2.50")) == {"N": "2.5"}


@pytest.mark.parametrize("size", [0, 1, 10, 10**36, 10**37 - 1, 10**37, 10**38 - 1])
def test_a_whole_number_has_the_text_of_its_decimal(size: int) -> None:
    for number in (size, -size):
        assert wire(number) == wire(Decimal(number))
        assert (plain(wire(number)), type(plain(wire(number)))) == (number, int)


class Level(IntEnum):
    """A number that is more than one."""

    HIGH = 3


class Word(str):
    """A text likewise."""

    __slots__ = ()


def test_what_stands_on_a_usual_type_is_stored_as_that() -> None:
    assert [wire(each) for each in (Level.HIGH, Word("a"), OrderedDict(a=1), MappingProxyType({"a": None}))] == [
        {"N": "3"},
        {"S": "a"},
        {"M": {"a": {"N": "1"}}},
        {"M": {"a": {"NULL": True}}},
    ]


def test_a_set_has_an_order_on_the_wire_so_that_equal_sets_are_equal_requests() -> None:
    assert wire({"b", "a"}) == {"SS": ["a", "b"]}
    assert plain({"NS": ["1", "2.5"]}) == {1, 2.5}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 5e-324, 1e200, 10**39 + 1, set(), {1, "a"}])
def test_what_dynamodb_would_refuse_or_round_is_refused_here(value: Any) -> None:
    with pytest.raises(ValueError, match=r"cannot hold|at least one member"):
        wire(value)


@pytest.mark.parametrize("value", [object(), {"at": object()}, {1: "one"}, {frozenset({"a"})}])
def test_what_has_no_type_in_dynamodb_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        wire(value)


def test_an_item_is_its_attributes() -> None:
    item = {"key": "halt", "n": 3, "all": None, "blob": b"\x00"}
    assert plain_item(wire_item(item)) == item
