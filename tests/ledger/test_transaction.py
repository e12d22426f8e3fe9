"""Gates' pieces become one write for each item."""

from typing import Any

import pytest

from nightcrew.ledger.conditions import Absent, Below, Equals
from nightcrew.ledger.requests import request
from nightcrew.ledger.transaction import ConditionFailed, Failure, Piece, merge

LOCK = {"key": "res#i-1"}


def piece(gate: str = "lock", **members: Any) -> Piece:
    return Piece("state", LOCK, gate, **members)


def test_pieces_of_one_item_become_one_write() -> None:
    writes = merge(
        [
            piece("lock", condition=Absent("owner"), sets={"owner": "r1"}, removes=("cancel",)),
            Piece("ledger", {"run": "r1", "number": 0}, "entry", put={"kind": "opening"}),
            piece("cool-down", condition=Below("changed_at", "02:45")),
            piece("budget", adds={"n": 1, "holders": {"a"}}),
            piece("chain", adds={"n": 2, "holders": {"b"}}, takes={"old": {"x"}}),
        ]
    )
    assert [(write.action, write.whole.gate) for write in writes] == [
        ("Update", "lock+cool-down+budget+chain"),
        ("Put", "entry"),
    ]
    assert request(writes[0], "nightcrew-state") == {
        "TableName": "nightcrew-state",
        "Key": {"key": {"S": "res#i-1"}},
        "UpdateExpression": "SET #0 = :0 REMOVE #1 ADD #2 :1, #3 :2 DELETE #4 :3",
        "ConditionExpression": "attribute_not_exists(#0) AND #5 < :4",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ExpressionAttributeNames": {
            "#0": "owner",
            "#1": "cancel",
            "#2": "n",
            "#3": "holders",
            "#4": "old",
            "#5": "changed_at",
        },
        "ExpressionAttributeValues": {
            ":0": {"S": "r1"},
            ":1": {"N": "3"},
            ":2": {"SS": ["a", "b"]},
            ":3": {"SS": ["x"]},
            ":4": {"S": "02:45"},
        },
    }


def test_a_put_holds_its_key() -> None:
    (write,) = merge([piece(put={"owner": "r1"})])
    assert request(write, "t")["Item"] == {"key": {"S": "res#i-1"}, "owner": {"S": "r1"}}


def test_a_piece_that_only_asks_is_a_condition_check() -> None:
    (write,) = merge(
        [Piece("state", {"key": "halt#0"}, "halt", Absent("all")), Piece("state", {"key": "halt#0"}, "freeze")]
    )
    assert write.action == "ConditionCheck"
    assert request(write, "t")["ConditionExpression"] == "attribute_not_exists(#0)"


def test_keys_are_equal_in_value_not_in_spelling() -> None:
    writes = merge(
        [
            Piece("ledger", {"run": "r", "number": 1}, "a", Absent("run")),
            Piece("ledger", {"number": 1.0, "run": "r"}, "b", put={}),
            Piece("ledger", {"run": "r", "number": True}, "c", put={}),
        ]
    )
    assert [write.whole.gate for write in writes] == ["a+b", "c"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"sets": {"owner": "r1"}}, {"sets": {"owner": "r2"}}),
        ({"sets": {"owner": "r1"}}, {"removes": ("owner",)}),
        ({"adds": {"n": 1}}, {"adds": {"n": {"a"}}}),
        ({"adds": {"holders": {"a"}}}, {"takes": {"holders": {"b"}}}),
        ({"put": {"owner": "r1"}}, {"put": {"owner": "r1"}}),
        ({"put": {"owner": "r1"}}, {"sets": {"owner": "r1"}}),
        ({"put": {"owner": "r1"}}, {"delete": True}),
        ({"delete": True}, {"adds": {"n": 1}}),
        ({"sets": {"key": "other"}}, {}),
        ({"put": {"key": "other"}}, {}),
        ({}, {}),
    ],
)
def test_pieces_that_contradict_each_other_are_a_programming_error(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="lock"):
        merge([piece("lock", **first), piece("claim", **second)])


def test_gates_may_set_the_same_value() -> None:
    (write,) = merge([piece("lock", sets={"owner": "r1"}), piece("claim", sets={"owner": "r1"})])
    assert write.whole.sets == {"owner": "r1"}


def test_only_the_pieces_that_refuse_are_named() -> None:
    (write,) = merge(
        [
            piece("lock", condition=Absent("owner"), sets={"owner": "r2"}),
            piece("cool-down", condition=Below("changed_at", "03:00")),
            piece("budget", adds={"n": 1}),
        ]
    )
    old = {"key": "res#i-1", "changed_at": "03:05"}
    refused = ConditionFailed(write.failures(old))
    assert refused.failures == (Failure(write.pieces[1], old),)
    assert refused.of("cool-down") is refused.failures[0]
    assert refused.of("lock") is None
    assert str(refused) == "cool-down refuses on {'key': 'res#i-1'}"


def test_a_refusal_never_names_nobody() -> None:
    """Should DynamoDB ever judge otherwise than we do, everyone who asked is named."""
    (write,) = merge([piece("lock", condition=Equals("owner", "r1"), sets={"x": 1}), piece("budget", adds={"n": 1})])
    assert [failure.piece.gate for failure in write.failures({"owner": "r1"})] == ["lock"]
