"""What DynamoDB charges for a write, from the bytes of its items. moto's own figures for it are wrong.

Sources, all in the DynamoDB developer guide: "Item sizes and formats" (bytes), "Read and write operations" (a write
unit is 1 KB, rounded up for each item; an update counts the larger of the item before and after), "Amazon DynamoDB
Transactions" (two for each KB), "Global secondary indexes" (when an index is written).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.log import Log, Request

Item = Mapping[str, Mapping[str, Any]]
"""As DynamoDB's API has it: ``{"run": {"S": "…"}}``."""

ACTIONS = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete", "TransactWriteItems": ""}
"""The operations that write; each is a request, and counts so whether it is refused or not."""

_TRANSACTION = 2
_KB = 1024


@dataclass(frozen=True)
class Written:
    """One item that a request wrote or checked: its size, and what that costs."""

    table: str
    action: str
    size: int
    units: int
    index_units: int


@dataclass(frozen=True)
class Charged:
    """One write request."""

    operation: str
    items: tuple[Written, ...]

    @property
    def units(self) -> int:
        """Its write units, without the indexes."""
        return sum(item.units for item in self.items)

    @property
    def index_units(self) -> int:
        """What its items cost in the indexes, beside."""
        return sum(item.index_units for item in self.items)


class Meter:
    """Follows a log of requests to moto and charges each write. ``client`` is one that is not in the log."""

    def __init__(self, log: Log, client: Any) -> None:
        self.charged: list[Charged] = []
        self._client = client
        self._definitions: dict[str, Mapping[str, Any]] = {}
        self._old: list[tuple[str, str, Item, Item]] = []
        log.before.append(self._before)
        log.after.append(self._after)

    def _before(self, request: Request) -> None:
        if request.service == "dynamodb" and request.operation in ACTIONS:
            self._old = [(*each, self._get(each[1], each[2])) for each in self._targets(request)]

    def _after(self, request: Request) -> None:
        if request.service == "dynamodb" and request.operation in ACTIONS:
            times = _TRANSACTION if request.operation == "TransactWriteItems" else 1
            written = [self._written(action, table, key, old, times) for action, table, key, old in self._old]
            self.charged.append(Charged(request.operation, tuple(written)))

    def _targets(self, request: Request) -> Iterator[tuple[str, str, Item]]:
        body = request.json()
        alone = {ACTIONS[request.operation]: body}
        for each in body.get("TransactItems", [alone]):
            ((action, members),) = each.items()
            table = members["TableName"]
            keys = {key["AttributeName"] for key in self._definition(table)["KeySchema"]}
            named = members.get("Key") or members["Item"]
            yield action, table, {name: value for name, value in named.items() if name in keys}

    def _written(self, action: str, table: str, key: Item, old: Item, times: int) -> Written:
        new = self._get(table, key)
        larger = max(size_of(old), size_of(new))
        indexes = sum(
            _index_units(index, table_keys(self._definition(table)), old, new) for index in self._indexes(table)
        )
        return Written(table, action, larger, times * units_of(larger), indexes)

    def _get(self, table: str, key: Item) -> Item:
        found: Item = self._client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
        return found

    def _definition(self, table: str) -> Mapping[str, Any]:
        if table not in self._definitions:
            self._definitions[table] = self._client.describe_table(TableName=table)["Table"]
        return self._definitions[table]

    def _indexes(self, table: str) -> list[Mapping[str, Any]]:
        return list(self._definition(table).get("GlobalSecondaryIndexes", []))


def units_of(size: int) -> int:
    """Write units of an item of so many bytes; one that is not there costs one, too."""
    return max(math.ceil(size / _KB), 1)


def size_of(item: Item) -> int:
    """Bytes of an item: of its attributes' names and of their values. None for an item that is not there."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def table_keys(definition: Mapping[str, Any]) -> set[str]:
    """The names of the attributes in a key schema."""
    return {key["AttributeName"] for key in definition["KeySchema"]}


def _value(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return _number(content)
        case "B":
            return len(content)
        case "BOOL" | "NULL":
            return 1
        case "SS":
            return sum(len(each.encode()) for each in content)
        case "NS":
            return sum(map(_number, content))
        case "L":
            return 3 + sum(1 + _value(each) for each in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value(each) for name, each in content.items())
        case _:
            raise ValueError(f"no size is known for the type {kind}")


def _number(digits: str) -> int:
    significant = digits.lstrip("-").replace(".", "").strip("0")
    return 1 + math.ceil(len(significant) / 2) + digits.startswith("-")


def _index_units(index: Mapping[str, Any], keys: set[str], old: Item, new: Item) -> int:
    """An index is written where its projection of the item changes; a change of its key is a delete and a put."""
    sorts = table_keys(index)
    kept = sorts | keys | set(index["Projection"].get("NonKeyAttributes", ()))

    def projected(item: Item) -> Item:
        return {name: item[name] for name in kept & set(item)} if sorts <= set(item) else {}

    before, after = projected(old), projected(new)
    if before == after:
        return 0
    if before and after and any(before[name] != after[name] for name in sorts):
        return units_of(size_of(before)) + units_of(size_of(after))
    return units_of(max(size_of(before), size_of(after)))
