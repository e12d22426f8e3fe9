"""What must hold of an item: one small tree that DynamoDB evaluates, and that judges the old item afterwards.

A refused transaction gives back the old items, not the reason. The same tree that rendered the condition then says
which gate refused; two versions written by hand would drift apart.

An absent attribute satisfies no comparison, as in DynamoDB; so ``Not(Below("n", 3))`` holds where ``n`` is absent.
Parentheses are written only where they are needed: DynamoDB refuses redundant ones.
"""

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from nightcrew.ledger.names import Names as Names  # noqa: PLC0414  part of what a condition is
from nightcrew.ledger.values import kind, number, same

Item = Mapping[str, Any]


class Condition(ABC):
    """Something that an item satisfies or not; joined with ``&`` and ``|``."""

    @abstractmethod
    def render(self, names: Names) -> str:
        """The text for DynamoDB; empty where nothing needs to be asked."""

    @abstractmethod
    def holds(self, item: Item | None) -> bool:
        """Whether the item, None for an absent one, satisfies it."""

    def __and__(self, other: "Condition") -> "Condition":
        return All(self, other)

    def __or__(self, other: "Condition") -> "Condition":
        return Any_(self, other)

    def __bool__(self) -> bool:
        # ``a and b`` would silently drop ``a``.
        raise TypeError("join conditions with & and |; judge an item with holds()")


@dataclass(frozen=True)
class Always(Condition):
    """Holds of every item, and of none."""

    def render(self, names: Names) -> str:
        return ""

    def holds(self, item: Item | None) -> bool:
        return True


ALWAYS = Always()


@dataclass(frozen=True)
class Absent(Condition):
    """The item, or only this attribute, is not there."""

    name: str

    def render(self, names: Names) -> str:
        return f"attribute_not_exists({names.name(self.name)})"

    def holds(self, item: Item | None) -> bool:
        return item is None or self.name not in item


@dataclass(frozen=True)
class Present(Condition):
    """The attribute is there, whatever its value."""

    name: str

    def render(self, names: Names) -> str:
        return f"attribute_exists({names.name(self.name)})"

    def holds(self, item: Item | None) -> bool:
        return item is not None and self.name in item


@dataclass(frozen=True)
class Equals(Condition):
    """The attribute is there and equal, in type and value; sets are equal whatever their order."""

    name: str
    value: Any

    def render(self, names: Names) -> str:
        return f"{names.name(self.name)} = {names.value(self.value)}"

    def holds(self, item: Item | None) -> bool:
        return item is not None and self.name in item and same(item[self.name], self.value)


@dataclass(frozen=True)
class _Ordered(Condition):
    name: str
    value: str | int | float
    sign: ClassVar[str]
    order: ClassVar[Callable[[Any, Any], bool]]

    def __post_init__(self) -> None:
        if kind(self.value) not in {"S", "N"}:
            raise TypeError(f"only texts and numbers have an order, not {self.value!r}")

    def render(self, names: Names) -> str:
        return f"{names.name(self.name)} {self.sign} {names.value(self.value)}"

    def holds(self, item: Item | None) -> bool:
        if item is None or self.name not in item or kind(item[self.name]) != kind(self.value):
            return False
        return type(self).order(_rank(item[self.name]), _rank(self.value))


class Below(_Ordered):
    """The attribute is there and less: a number, or a text in the order of its UTF-8 bytes."""

    sign = "<"
    order = operator.lt


class AtMost(_Ordered):
    """The attribute is there and not more."""

    sign = "<="
    order = operator.le


class Above(_Ordered):
    """The attribute is there and more."""

    sign = ">"
    order = operator.gt


class AtLeast(_Ordered):
    """The attribute is there and not less."""

    sign = ">="
    order = operator.ge


@dataclass(frozen=True)
class Between(Condition):
    """The attribute is there, not less than ``low`` and not more than ``high``: of a sort key one comparison."""

    name: str
    low: str | int | float
    high: str | int | float

    def render(self, names: Names) -> str:
        return f"{names.name(self.name)} BETWEEN {names.value(self.low)} AND {names.value(self.high)}"

    def holds(self, item: Item | None) -> bool:
        return AtLeast(self.name, self.low).holds(item) and AtMost(self.name, self.high).holds(item)


@dataclass(frozen=True)
class SizeBelow(Condition):
    """The attribute is a set, list or map with fewer than ``n`` members. Not for texts."""

    name: str
    n: int

    def render(self, names: Names) -> str:
        return f"size({names.name(self.name)}) < {names.value(self.n)}"

    def holds(self, item: Item | None) -> bool:
        if item is None or self.name not in item or kind(item[self.name]) not in {"SS", "NS", "BS", "L", "M"}:
            return False
        return len(item[self.name]) < self.n


@dataclass(frozen=True)
class Contains(Condition):
    """The attribute is a set of texts with this member. Only for sets: in a text DynamoDB would look for a part."""

    name: str
    member: str

    def render(self, names: Names) -> str:
        return f"contains({names.name(self.name)}, {names.value(self.member)})"

    def holds(self, item: Item | None) -> bool:
        if item is None or self.name not in item or kind(item[self.name]) not in {"SS", "L", "S"}:
            return False
        return self.member in item[self.name]


@dataclass(frozen=True, init=False)
class All(Condition):
    """Every part holds; with no part, always."""

    parts: tuple[Condition, ...]

    def __init__(self, *parts: Condition) -> None:
        object.__setattr__(self, "parts", parts)

    def render(self, names: Names) -> str:
        return _joined([text for text in (part.render(names) for part in self.parts) if text], " AND ")

    def holds(self, item: Item | None) -> bool:
        return all(part.holds(item) for part in self.parts)


@dataclass(frozen=True, init=False)
class Any_(Condition):  # noqa: N801  ``Any`` is taken by typing
    """At least one part holds."""

    parts: tuple[Condition, ...]

    def __init__(self, *parts: Condition) -> None:
        if not parts:
            raise ValueError("none of no conditions never holds: give at least one")
        object.__setattr__(self, "parts", parts)

    def render(self, names: Names) -> str:
        if any(not part.render(Names()) for part in self.parts):
            return ""  # one part always holds, so nothing needs to be asked
        return _joined([part.render(names) for part in self.parts], " OR ")

    def holds(self, item: Item | None) -> bool:
        return any(part.holds(item) for part in self.parts)


@dataclass(frozen=True)
class Not(Condition):
    """The part does not hold."""

    part: Condition

    def render(self, names: Names) -> str:
        text = self.part.render(names)
        if not text:
            raise ValueError("what always holds cannot be denied: nothing would ever be written")
        return f"NOT ({text})"

    def holds(self, item: Item | None) -> bool:
        return not self.part.holds(item)


def _joined(texts: list[str], word: str) -> str:
    if len(texts) < 2:
        return "".join(texts)
    return word.join(f"({text})" if " AND " in text or " OR " in text else text for text in texts)


def _rank(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else number(value)
