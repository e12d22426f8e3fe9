"""Reads values out of an event that nobody vouches for: each is of the expected type, or BadEvent names its path.

``holder`` is the object that a value is in and ``where`` that object's path, "" for the event itself. Paths are put
together only when something is wrong.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeGuard

from nightcrew.errors import BadEvent

LONGEST = 2048
"""Characters in a text. The longest that CloudWatch documents is an expression's, 2,048; an ARN has 1,600 at most."""

# Control characters and lone surrogates. CloudWatch allows none in a name, and a lone surrogate cannot be stored.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ACCOUNT = re.compile("[0-9]{12}")
_SHOWN = 100
_LARGEST = 2**64


def bad(field: str, value: object, allowed: str) -> BadEvent:
    """The error for one value. It keeps no more of the value than a person reads."""
    return BadEvent(field, _readable(value), allowed)


def path(where: str, key: str) -> str:
    """The path of ``key`` in the object at ``where``."""
    return f"{where}.{key}" if where else key


def is_text(value: object) -> TypeGuard[str]:
    """Whether ``text`` would take it."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST and (value.isprintable() or not _UNFIT.search(value))


def is_account(value: object) -> TypeGuard[str]:
    """Whether it is an AWS account's id: 12 digits."""
    return isinstance(value, str) and _ACCOUNT.fullmatch(value) is not None


def text(holder: Mapping[str, Any], key: str, where: str) -> str:
    """A name, an id, an ARN: a text that must be there, of 1 to 2,048 characters, without control characters."""
    value = holder.get(key)
    if is_text(value):
        return value
    raise bad(path(where, key), value, f"it must be a text of 1 to {LONGEST} characters without control characters")


def prose(holder: Mapping[str, Any], key: str, where: str) -> str:
    """Words for people: missing is empty. Control characters become blanks, so that no terminal obeys them."""
    value = holder.get(key)
    if value is None:
        return ""
    if isinstance(value, str) and len(value) <= LONGEST:
        return value if value.isprintable() else _UNFIT.sub(" ", value)
    raise bad(path(where, key), value, f"it must be a text of at most {LONGEST} characters")


def part(holder: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    """An object that must be there."""
    value = holder.get(key)
    if isinstance(value, dict):
        return value
    raise bad(path(where, key), value, "it must be an object")


def texts(holder: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
    """A copy of an object of texts, as dimensions, attributes and tags are: missing is none; a value may be empty."""
    value = holder.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad(path(where, key), value, "it must be an object of texts")
    for name, content in value.items():
        if not is_text(name):
            raise bad(path(where, key), name, f"a name in it must be a text of 1 to {LONGEST} characters")
        if content != "" and not is_text(content):
            raise bad(
                path(path(where, key), str(_readable(name))),
                content,
                f"it must be a text of at most {LONGEST} characters without control characters",
            )
    return dict(value)


def time(holder: Mapping[str, Any], key: str, where: str) -> datetime:
    """A moment with its offset, like CloudWatch's ``2019-10-02T17:04:40.989+0000``, in UTC."""
    value = holder.get(key)
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value)
            if read.tzinfo is not None:  # one without an offset would be read in this machine's own time zone
                return read.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise bad(path(where, key), value, "it must be a time with an offset, like 2026-11-21T03:00:04.120+0000")


def _readable(value: object) -> object:
    # Not repr: a deep list exhausts the stack, and int refuses to write a number of many digits.
    if isinstance(value, str):
        return value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
    if isinstance(value, int):
        return value if -_LARGEST < value < _LARGEST else "a very large number"
    if value is None or isinstance(value, float):
        return value
    return "an object" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else type(value).__name__
