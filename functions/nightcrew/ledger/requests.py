"""A write as DynamoDB's request: the same members serve TransactWriteItems and the single operations."""

from collections.abc import Mapping
from typing import Any

from nightcrew.ledger.names import Names
from nightcrew.ledger.transaction import Piece, Write
from nightcrew.ledger.values import wire_item

ALONE = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}


def request(write: Write, table: str) -> dict[str, Any]:
    """The members of one operation on ``table`` (its real name). A refusal is asked to give back the old item."""
    names = Names()
    whole = write.whole
    members: dict[str, Any] = {"TableName": table}
    if whole.put is not None:
        members["Item"] = wire_item(whole.put)
    else:
        members["Key"] = wire_item(whole.key)
    if whole.updates:
        members["UpdateExpression"] = _update(whole, names)
    condition = whole.condition.render(names)
    if condition:
        members["ConditionExpression"] = condition
        members["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return members | names.parameters()


def _update(whole: Piece, names: Names) -> str:
    clauses = {
        "SET": [f"{names.name(name)} = {names.value(value)}" for name, value in whole.sets.items()],
        "REMOVE": [names.name(name) for name in whole.removes],
        "ADD": _pairs(whole.adds, names),
        "DELETE": _pairs(whole.takes, names),
    }
    return " ".join(f"{word} {', '.join(parts)}" for word, parts in clauses.items() if parts)


def _pairs(values: Mapping[str, Any], names: Names) -> list[str]:
    return [f"{names.name(name)} {names.value(value)}" for name, value in values.items()]
