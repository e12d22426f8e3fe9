"""moto's transactions, as quick in a long night as in a short one.

Before each transaction moto 5.2.5 copies its tables whole, every item of every run, to put them back if a condition
fails. Only what the transaction names can change: that alone is copied here.
"""

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from unittest.mock import patch

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

_NAMED: ContextVar[Sequence[dict[str, Any]] | None] = ContextVar("named", default=None)
"""The items of the transaction that is being carried out."""


@contextmanager
def quick_transactions() -> Iterator[None]:
    """For as long as the block lasts, a transaction copies the items that it names, not whole tables."""
    ordinary = DynamoDBBackend.transact_write_items

    def transact(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        token = _NAMED.set(transact_items)
        try:
            ordinary(self, transact_items)
        finally:
            _NAMED.reset(token)

    with (
        patch.object(DynamoDBBackend, "transact_write_items", transact),
        patch.object(Table, "__deepcopy__", _copied, create=True),
    ):
        yield


def _copied(self: Table, memo: dict[int, Any]) -> Table:
    """The copy that moto keeps: deep where the transaction writes; of a backup, deep everywhere."""
    named = _NAMED.get()
    made: Table = object.__new__(type(self))
    memo[id(self)] = made
    if named is None:
        vars(made).update(copy.deepcopy(vars(self), memo))
        return made
    vars(made).update(vars(self))
    made.stream_shard = copy.deepcopy(self.stream_shard, memo)
    made.items = self.items.copy()
    for write in named:
        sent = next(iter(write.values()))
        key = (sent.get("Key") or sent.get("Item") or {}).get(self.hash_key_attr)
        if sent.get("TableName") == self.name and key is not None and DynamoType(key) in self.items:
            made.items[DynamoType(key)] = copy.deepcopy(self.items[DynamoType(key)], memo)
    return made
