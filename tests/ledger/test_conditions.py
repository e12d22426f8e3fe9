"""A condition judges an item as DynamoDB does."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from nightcrew.ledger.conditions import (
    Above,
    Absent,
    All,
    Always,
    Any_,
    AtLeast,
    AtMost,
    Below,
    Between,
    Condition,
    Contains,
    Equals,
    Names,
    Not,
    Present,
    SizeBelow,
)
from nightcrew.ledger.store import Tables
from nightcrew.ledger.values import wire_item

# moto compares texts with numbers, and True with 1, in Python's way, and fails on the size of what is absent. So each
# attribute keeps its type here, and is there where its size is asked for; what DynamoDB does else is a fact below.
NUMBERS = some.integers(-3, 3)
TEXTS = some.sampled_from(["", "2026-11-21T03:00:00.000Z", "2026-11-21T03:00:00.001Z", "Z", "a", "z", "Ä", "🙂"])
MEMBERS = some.sampled_from(["a", "b", "c", "d"])
SETS = some.sets(MEMBERS, min_size=1)

ITEMS = some.none() | some.fixed_dictionaries({}, optional={"n": NUMBERS, "t": TEXTS, "s": SETS, "b": some.booleans()})
LEAVES = some.one_of(
    some.builds(Absent, some.sampled_from("ntsb")),
    some.builds(Present, some.sampled_from("ntsb")),
    some.builds(Equals, some.just("n"), NUMBERS),
    some.builds(Equals, some.just("t"), TEXTS),
    some.builds(Equals, some.just("s"), SETS),
    some.builds(Equals, some.just("b"), some.booleans()),
    *(some.builds(order, some.just("n"), NUMBERS) for order in (Below, AtMost, Above, AtLeast)),
    *(some.builds(order, some.just("t"), TEXTS) for order in (Below, AtMost, Above, AtLeast)),
    some.tuples(NUMBERS, NUMBERS).map(lambda pair: Between("n", *sorted(pair))),
    some.tuples(TEXTS, TEXTS).map(lambda pair: Between("t", *sorted(pair, key=str.encode))),
    some.builds(SizeBelow, some.just("s"), some.integers(0, 4)).map(lambda size: Present("s") & size),
    some.builds(Contains, some.just("s"), MEMBERS),
)
CONDITIONS = some.recursive(
    LEAVES,
    lambda inner: some.one_of(
        some.lists(inner, min_size=1, max_size=3).map(lambda parts: All(*parts)),
        some.lists(inner, min_size=1, max_size=3).map(lambda parts: Any_(*parts)),
        some.builds(Not, inner),
    ),
    max_leaves=8,
)


def dynamodb_says(client: Any, table: str, condition: Condition, item: dict[str, Any] | None) -> bool:
    key = {"key": {"S": "conditions"}}
    client.delete_item(TableName=table, Key=key)
    if item is not None:
        client.put_item(TableName=table, Item=key | wire_item(item))
    names = Names()
    text = condition.render(names)
    try:
        client.delete_item(TableName=table, Key=key, ConditionExpression=text, **names.parameters())
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONDITIONS, ITEMS)
def test_it_judges_as_dynamodb_evaluates(
    client: Any, tables: Tables, condition: Condition, item: dict[str, Any] | None
) -> None:
    assert condition.holds(item) == dynamodb_says(client, tables.state, condition, item)


@pytest.mark.parametrize(
    "condition",
    [*(compare("n", 1) for compare in (Equals, Below, AtMost, Above, AtLeast, SizeBelow)), Contains("n", "a")],
)
@pytest.mark.parametrize("item", [None, {}, {"m": 0}])
def test_an_absent_attribute_satisfies_no_comparison(condition: Condition, item: dict[str, Any] | None) -> None:
    assert not condition.holds(item)
    assert Not(condition).holds(item)


def test_another_type_satisfies_no_comparison() -> None:
    assert not Below("n", 1).holds({"n": "0"})
    assert not Equals("n", 1).holds({"n": True})
    assert not Equals("n", 1).holds({"n": "1"})
    assert not SizeBelow("n", 9).holds({"n": 1})
    assert not Contains("n", "a").holds({"n": 1})


def test_texts_are_ordered_by_their_bytes() -> None:
    assert Below("t", "a").holds({"t": "Z"})
    assert Above("t", "z").holds({"t": "Ä"})
    assert Below("t", "🙂").holds({"t": "￿"})


def test_null_is_a_value_that_is_there() -> None:
    assert Present("n").holds({"n": None})
    assert not Absent("n").holds({"n": None})


def test_parentheses_are_written_only_where_they_are_needed() -> None:
    """DynamoDB refuses redundant ones, emulators do not."""
    free = Absent("owner") | Below("lease", "now")
    room = Absent("holders") | SizeBelow("holders", 4)
    assert (free & room).render(Names()) == (
        "(attribute_not_exists(#0) OR #1 < :0) AND (attribute_not_exists(#2) OR size(#2) < :1)"
    )
    assert All(All(Any_(Absent("a")))).render(Names()) == "attribute_not_exists(#0)"
    assert Not(Not(free)).render(Names()) == "NOT (NOT (attribute_not_exists(#0) OR #1 < :0))"


def test_what_always_holds_asks_nothing() -> None:
    names = Names()
    assert All(Always(), All()).render(names) == ""
    assert (Absent("a") | Always()).render(names) == ""
    assert names.parameters() == {}
    assert (Always() & Absent("a")).render(names) == "attribute_not_exists(#0)"
    assert Always().holds(None)


def test_a_name_has_one_placeholder_however_often_it_is_used() -> None:
    names = Names()
    (Present("chain|AWS/EC2:x") & Below("chain|AWS/EC2:x", 2)).render(names)
    assert names.parameters() == {
        "ExpressionAttributeNames": {"#0": "chain|AWS/EC2:x"},
        "ExpressionAttributeValues": {":0": {"N": "2"}},
    }


def test_conditions_that_make_no_sense_are_refused() -> None:
    with pytest.raises(TypeError, match="order"):
        Below("n", True)
    with pytest.raises(ValueError, match="at least one"):
        Any_()
    with pytest.raises(ValueError, match="always holds"):
        Not(Always()).render(Names())


def test_joining_with_and_instead_of_an_ampersand_is_refused() -> None:
    with pytest.raises(TypeError, match="&"):
        bool(Absent("a"))
