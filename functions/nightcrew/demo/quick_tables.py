"""moto's DynamoDB, as quick in a long night as in a short one, and its expressions read once.

moto 5.2.5 looks through a whole table, and sorts it, for each query; each expression it reads up to three times for a
request, and copies and walks what it read ten times. Here a query sees the items of its own key alone, and what was
read is kept. The answers are moto's.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node  # type: ignore[attr-defined]
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]
from moto.dynamodb.parsing.validators import ActionCountValidator

KEPT = 512
"""Expressions, the latest ones. The ledger has a few dozen; their values differ."""


@contextmanager
def quick_tables() -> Iterator[None]:
    """For as long as the block lasts, what a request costs depends on what it asks for."""
    with ExitStack() as stack:
        for kind, name, method in (
            (Table, "query", _querying(Table.query)),
            (ConditionExpressionParser, "parse", _parsing(ConditionExpressionParser.parse)),
            # moto's validator copies the tree before it changes it.
            (UpdateExpressionParser, "make", staticmethod(lru_cache(KEPT)(UpdateExpressionParser.make))),
            (DepthFirstTraverser, "traverse_node_recursively", _traverse),
            (Node, "__deepcopy__", _copied),
            (ActionCountValidator, "verify_action_counts", _counting(ActionCountValidator.verify_action_counts)),
        ):
            stack.enter_context(patch.object(kind, name, method, create=True))
        yield


# --- queries

_INDEX = 6
"""Where moto's door names the index, after the key."""


def _querying(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    def query(
        self: Table, hash_key: Any, *given: Any, hash_key_conditions: list[tuple[str, DynamoType]] | None, **named: Any
    ) -> Any:
        index = given[_INDEX]
        seen = copy.copy(self)
        if not index:
            seen.items = _of_key(self, hash_key)
        elif hash_key_conditions and all(value.type == "S" for _, value in hash_key_conditions):
            seen.items = _with(self, hash_key_conditions)
        return ordinary(seen, hash_key, *given, hash_key_conditions=hash_key_conditions, **named)

    return query


def _of_key(table: Table, key: Any) -> Any:
    return {key: table.items[key]} if key in table.items else {}


def _with(table: Table, wanted: list[tuple[str, DynamoType]]) -> Any:
    """The items whose attributes are these texts, where they stand in the table."""

    def has(item: Item) -> bool:
        found = ((item.attrs.get(name), value) for name, value in wanted)
        return all(each is not None and each.type == "S" and each.value == value.value for each, value in found)

    if table.range_key_attr is None:
        return {key: item for key, item in table.items.items() if has(item)}  # type: ignore[arg-type]
    found = {key: {at: item for at, item in items.items() if has(item)} for key, items in table.items.items()}
    return {key: items for key, items in found.items() if items}


# --- expressions


def _parsing(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    """One request's condition is read by moto's door, its transaction and its update: the second and third find it."""
    kept: dict[str, tuple[Any, list[str], list[str]]] = {}

    def parse(self: ConditionExpressionParser) -> Any:
        if not self.condition_expression:
            return ordinary(self)
        key = repr((self.condition_expression, self.expression_attribute_names, self.expression_attribute_values))
        found = kept.get(key)
        if found is None:
            read = ordinary(self)
            if len(kept) >= KEPT:
                kept.clear()
            kept[key] = (read, self.expr_attr_names_found[:], self.expr_attr_values_found[:])
            return read
        self.expr_attr_names_found.extend(found[1])
        self.expr_attr_values_found.extend(found[2])
        return found[0]

    return parse


def _copied(self: Node, memo: dict[int, Any]) -> Node:
    """As deepcopy would: a tree's parents are copied before their children."""
    made: Node = object.__new__(type(self))
    memo[id(self)] = made
    vars(made).update(vars(self))
    made.parent = copy.deepcopy(self.parent, memo)
    if self.children is not None:
        made.children = [child if isinstance(child, str) else copy.deepcopy(child, memo) for child in self.children]
    return made


def _traverse(self: DepthFirstTraverser, node: Any, child_id: int = -1) -> Any:
    """As moto does, but for asking once for a kind of node what is done with it."""
    if not isinstance(node, Node):
        return node
    parent = node.parent
    for number, child in enumerate(node.children or ()):
        self.pre_processing_of_child(node, number)
        _traverse(self, child, number)
    processor = _processor(self, type(node))
    if processor is not None:
        node = processor(node)
        node.parent = parent
        if parent:
            parent.children[child_id] = node
    return node


def _counting(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    """The root counts all clauses: what each node below would count again is part of that."""

    def verify_action_counts(self: ActionCountValidator, node: Node) -> Node:
        return node if node.parent is not None else ordinary(self, node)

    return verify_action_counts


def _processor(traverser: DepthFirstTraverser, kind: type[Node]) -> Callable[[Node], Node] | None:
    known: dict[type[Node], Any] = vars(traverser).setdefault("nightcrew_processors", {})
    if kind not in known:
        processors = traverser._processing_map().items()  # noqa: SLF001  there is no other way to ask
        known[kind] = next((process for each, process in processors if issubclass(kind, each)), None)
    processor: Callable[[Node], Node] | None = known[kind]
    return processor
