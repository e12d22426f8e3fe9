"""Python values as DynamoDB writes them, and back.

``str``, ``int``, ``float``, ``bool``, ``None``, ``bytes``, dicts, lists and sets go in; the same come out. A number
comes back as ``int`` where it is whole, else as ``float``. DynamoDB keeps 38 digits and exponents from -130 to 125;
what does not fit is refused here, not rounded (source: the DynamoDB API reference, "Data types").
"""

from collections.abc import Mapping
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow, Subnormal, Underflow
from typing import Any

_NUMBERS = Context(prec=38, Emin=-130, Emax=125, traps=[Inexact, InvalidOperation, Overflow, Subnormal, Underflow])
_PLAIN_DIGITS = range(-20, 38)  # exponents whose numbers are written without one
_WHOLE = 10**37  # below it, a whole number's text is Python's own


def wire(value: Any) -> dict[str, Any]:
    """``value`` as an attribute value, such as ``{"N": "3"}``. TypeError or ValueError for what cannot be stored."""
    type_ = kind(value)
    if type_ == "NULL":
        return {"NULL": True}
    if type_ == "N":
        return {"N": _digits(value)}
    if type_ in {"SS", "NS", "BS"}:
        return {type_: sorted(_digits(member) if type_ == "NS" else member for member in value)}
    if type_ == "L":
        return {"L": [wire(member) for member in value]}
    if type_ == "M":
        return {"M": wire_item(value)}
    return {type_: value}


def plain(wired: Mapping[str, Any]) -> Any:
    """What ``wire`` wrote, read back."""
    ((type_, value),) = wired.items()
    if type_ == "NULL":
        return None
    if type_ == "N":
        return _read(value)
    if type_ == "NS":
        return {_read(member) for member in value}
    if type_ in {"SS", "BS"}:
        return set(value)
    if type_ == "L":
        return [plain(member) for member in value]
    if type_ == "M":
        return plain_item(value)
    return value


def wire_item(item: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A whole item, or a map, with its values wired."""
    for name in item:
        if not isinstance(name, str):
            raise TypeError(f"an attribute's name is text, not {name!r}")
    return {name: wire(value) for name, value in item.items()}


def plain_item(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A whole item, or a map, as plain Python."""
    return {name: plain(value) for name, value in item.items()}


def kind(value: Any) -> str:
    """DynamoDB's name for the type of ``value``: S, N, BOOL, NULL, B, M, L, SS, NS or BS."""
    return _KINDS.get(type(value)) or _unusual(value)


_KINDS = {str: "S", int: "N", float: "N", Decimal: "N", bool: "BOOL", dict: "M", list: "L", tuple: "L", bytes: "B"}
_KINDS[type(None)] = "NULL"


def _unusual(value: Any) -> str:
    """A set, or a value whose type stands on one of the usual."""
    if isinstance(value, bool):  # before int: in Python True is a number, in DynamoDB it is none
        return "BOOL"
    for type_, name in ((str, "S"), ((int, float, Decimal), "N"), (bytes, "B"), (Mapping, "M"), ((list, tuple), "L")):
        if isinstance(value, type_):
            return name
    if isinstance(value, (set, frozenset)):
        members = {kind(member) for member in value}
        if len(members) == 1 and members <= {"S", "N", "B"}:
            return members.pop() + "S"
        raise ValueError(f"a set holds at least one member, all of one type: {value!r}; leave an empty one out")
    raise TypeError(f"DynamoDB has no type for {type(value).__name__}")


def same(left: Any, right: Any) -> bool:
    """Whether DynamoDB's ``=`` holds: equal types and equal values, at any depth (True is not 1, 1.0 is 1)."""
    return wire(left) == wire(right)


def number(value: float | Decimal) -> Decimal:
    """The number that DynamoDB would keep: of a float its shortest text, so that 0.1 is 0.1."""
    try:
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if exact.is_finite():
            return exact.normalize(_NUMBERS)
    except DecimalException:
        pass
    raise ValueError(f"DynamoDB cannot hold the number {value!r}: 38 digits, exponents from -130 to 125")


def _digits(value: float | Decimal) -> str:
    if type(value) is int and abs(value) < _WHOLE:
        return str(value)
    exact = number(value)
    if not exact:
        return "0"  # there is no -0 in DynamoDB
    return format(exact, "f") if exact.adjusted() in _PLAIN_DIGITS else str(exact)


def _read(digits: str) -> int | float:
    if digits.isdecimal():
        return int(digits)
    exact = Decimal(digits)
    return int(exact) if exact == exact.to_integral_value() else float(exact)
