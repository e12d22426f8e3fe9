"""How single values of ``policy.yaml`` are read: each reader takes what stands there and gives what policy works with,
or says in words what is allowed.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from nightcrew.admission.game_day import FAULTS, Fault
from nightcrew.admission.settings import Kind
from nightcrew.durations import duration
from nightcrew.spelling import one_of

NOT_ONE = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)
"""What a reader may stumble over: a list where text was meant, a year that no calendar has, a zone without a file."""


def text(pattern: str, allowed: str) -> BeforeValidator:
    """Text of this pattern."""
    return _read_by(lambda value: re.fullmatch(pattern, value, re.ASCII | re.DOTALL)[0], allowed)  # type: ignore[index]


def among(known: tuple[str, ...]) -> BeforeValidator:
    """One of these words; who misspelt it is told which was meant."""

    def read(value: object) -> str:
        if isinstance(value, str) and value in known:
            return value
        raise _wrong(one_of(known, value))

    return BeforeValidator(read)


def of_kind(kind: Kind) -> BeforeValidator:
    """A setting."""
    return _read_by(kind.read, kind.allowed)


def time_zone() -> BeforeValidator:
    """A time zone, by its name."""
    return _read_by(lambda value: str(ZoneInfo(value)), "an IANA time zone, like Europe/Berlin or UTC")


def length(allowed: str, least: timedelta = timedelta(seconds=1)) -> BeforeValidator:
    """A duration that is not shorter than ``least``."""

    def read(value: Any) -> timedelta:
        found = duration(value)
        if found < least:
            raise ValueError(value)
        return found

    return _read_by(read, allowed)


def percent() -> BeforeValidator:
    """A share of an error budget."""

    def read(value: Any) -> int:
        share = int(re.fullmatch(r"([0-9]{1,3})\s?%", value)[1])  # type: ignore[index]
        if not 0 < share <= 100:
            raise ValueError(value)
        return share

    return _read_by(read, "a share of the budget, from 1% to 100%")


def a_fault() -> BeforeValidator:
    """A fault of a game day: its kind, and what it is put into."""

    def read(value: Any) -> Fault:
        [(kind, target)] = value.items()
        return Fault(kind, target)

    kinds = (f"{kind} ({named})" for kind, (_, named) in FAULTS.items())
    return _read_by(read, f"one of {', '.join(kinds)}")


def empty(section: Callable[[], Any]) -> BeforeValidator:
    """A section whose lines are all comments is there, and empty."""
    return BeforeValidator(lambda value: section() if value == "" else value)


def _read_by(parse: Callable[[Any], Any], allowed: str) -> BeforeValidator:
    def read(value: object) -> Any:
        try:
            return parse(value)
        except NOT_ONE:
            raise _wrong(allowed) from None

    return BeforeValidator(read)


def _wrong(allowed: str) -> PydanticCustomError:
    return PydanticCustomError("policy", "{allowed}", {"allowed": allowed})
